import type { AnyOp } from '../../../core/tensor.js';
import { adam } from './adam.js';
import { alongAxis } from './along.js';
import { conv } from './conv.js';
import { cast, elementwiseEntry } from './elementwise.js';
import type { Entry, EntryTable } from './entry.js';
import type { Mode } from '../engine/gpu-js.js';
import { matmul } from './matmul.js';
import { movement } from './movement.js';
import { normalize } from './normalize.js';
import { pool } from './pool.js';
import { reduce } from './reduce.js';
import { softmax } from './softmax.js';
import { products } from '../webgpu/entries.js';

const portable: EntryTable = {
  ...cast,
  ...reduce,
  ...movement,
  ...matmul,
  ...conv,
  ...pool,
  ...normalize,
  ...softmax,
  ...adam,
  ...alongAxis,
};

/** Entries of a mode that take the place of the portable ones. */
const overrides: Partial<Readonly<Record<Mode, (leastWork: number) => EntryTable>>> = {
  webgpu: (leastWork) => products(portable, leastWork),
};

/**
 * How each op runs in a mode: by the entry of its kernel, shaders of our own included for products
 * of at least that work, or by its function of one element; undefined for ops that run by their
 * definition in main memory.
 */
export function entriesOf(mode: Mode, leastWork: number): (op: AnyOp) => Entry | undefined {
  const table: EntryTable = { ...portable, ...(leastWork < Infinity && overrides[mode]?.(leastWork)) };
  return (op) => (op.kernel !== undefined && Object.hasOwn(table, op.kernel) ? table[op.kernel] : elementwiseEntry(op));
}
