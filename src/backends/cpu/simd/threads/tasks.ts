import type { Simd } from '../wasm/instance.js';
import type { Pointer } from '../wasm/kernels.js';
import { perform, type Order, type Task } from './task.js';

// How work is cut into tasks. Wherever the cuts are, each element of a result is computed by the
// same operations in the same order, so results do not depend on the number of threads.

// Below these the caller has done by itself what another thread would have to wake up for.
/** Multiply-adds of products. */
export const LEAST_PRODUCTS = 1 << 18;
/** Elements of anything else. */
const LEAST_ELEMENTS = 1 << 16;

/** [0, length) in at most `parts` parts of whole units, all but the last equal. */
export function cut(length: number, parts: number, unit = 1): (readonly [from: number, count: number])[] {
  const step = Math.ceil(length / parts / unit) * unit;
  return Array.from({ length: Math.ceil(length / step) }, (_, i) => [i * step, Math.min(step, length - i * step)]);
}

/**
 * Does tasks of equal length in any order: by all threads where that is `worth` it, else one after
 * another, products with the memory `scratch`.
 */
export function performAll(
  { kernels, team }: Simd,
  tasks: readonly Task[],
  worth: boolean,
  scratch: Pointer = 0,
): void {
  if (team && worth) team.run(tasks);
  else for (const task of tasks) perform(kernels, task, scratch);
}

/**
 * Makes a call on `count` items of `size` elements each, in parts by all threads where that is
 * worth it; `order` is the call on some of the items.
 */
export function spread(simd: Simd, count: number, size: number, order: (from: number, count: number) => Order): void {
  const worth = count * size >= LEAST_ELEMENTS;
  const parts = worth ? (simd.team?.threads ?? 1) : 1;
  performAll(
    simd,
    cut(count, parts).map((part) => [order(...part)]),
    worth,
  );
}
