import { conv } from './conv.js';
import { elementwise } from './elementwise.js';
import type { EntryTable } from './entry.js';
import type { Mode } from './facade.js';
import { matmul } from './matmul.js';
import { movement } from './movement.js';
import { normalize } from './normalize.js';
import { pool } from './pool.js';
import { reduce } from './reduce.js';
import { softmax } from './softmax.js';

const portable: EntryTable = {
  ...elementwise,
  ...reduce,
  ...movement,
  ...matmul,
  ...conv,
  ...pool,
  ...normalize,
  ...softmax,
};

/** Entries of a mode that take the place of the portable ones. */
const overrides: Partial<Readonly<Record<Mode, EntryTable>>> = {};

/** How each op runs in a mode; ops that are not listed run by their definition in main memory. */
export const tableOf = (mode: Mode): EntryTable => ({ ...portable, ...overrides[mode] });
