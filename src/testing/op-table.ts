import type { OpEntry } from './op-case.js';
import { elementwise } from './table-elementwise.js';
import { linalg } from './table-linalg.js';
import { makers } from './table-make.js';
import { movement } from './table-movement.js';
import { norms } from './table-norms.js';
import { order } from './table-order.js';
import { products } from './table-products.js';
import { reductions } from './table-reduce.js';
import { special } from './table-special.js';
import { windows } from './table-windows.js';

/**
 * Every exported op with the inputs it is tested on: against differences in float64, and between
 * devices.
 * @example
 * opTable.some((entry) => entry.op === 'matmul'); // true
 */
export const opTable: readonly OpEntry[] = [
  ...elementwise,
  ...special,
  ...reductions,
  ...movement,
  ...order,
  ...products,
  ...linalg,
  ...windows,
  ...norms,
  ...makers,
];

/**
 * How a table of ops differs from the functions it should list: those it misses, those it has of
 * its own, and those without a case.
 */
export function tableGaps(
  exported: readonly string[],
  table: readonly Pick<OpEntry, 'op' | 'cases'>[],
): { missing: string[]; unknown: string[]; untested: string[] } {
  const listed = table.map((entry) => entry.op);
  return {
    missing: exported.filter((name) => !listed.includes(name)),
    unknown: listed.filter((name, i) => !exported.includes(name) || listed.indexOf(name) !== i),
    untested: table.filter((entry) => entry.cases.length === 0).map((entry) => entry.op),
  };
}
