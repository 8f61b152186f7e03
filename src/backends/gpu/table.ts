import { adam } from './adam.js';
import { conv } from './conv.js';
import { elementwise } from './elementwise.js';
import type { EntryTable } from './entry.js';
import type { Mode } from './engine.js';
import { matmul } from './matmul.js';
import { movement } from './movement.js';
import { normalize } from './normalize.js';
import { pool } from './pool.js';
import { reduce } from './reduce.js';
import { softmax } from './softmax.js';
import { products } from './webgpu/products.js';

const portable: EntryTable = {
  ...elementwise,
  ...reduce,
  ...movement,
  ...matmul,
  ...conv,
  ...pool,
  ...normalize,
  ...softmax,
  ...adam,
};

/** Entries of a mode that take the place of the portable ones. */
const overrides: Partial<Readonly<Record<Mode, (leastWork: number) => EntryTable>>> = {
  webgpu: (leastWork) => products(portable, leastWork),
};

/** How each op runs in a mode, shaders of our own included for products of at least that work; ops that are not listed run by their definition in main memory. */
export const tableOf = (mode: Mode, leastWork: number): EntryTable => ({
  ...portable,
  ...(leastWork < Infinity && overrides[mode]?.(leastWork)),
});
