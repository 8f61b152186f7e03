import { mergeAxes } from '../../../core/view.js';
import type { EntryTable } from './entry.js';
import type { Launcher } from '../engine/launcher.js';
import type { Window } from '../engine/memory.js';

/**
 * Where the matrices of an operand lie: itself where its batches are evenly spaced, else a
 * row-major copy.
 */
function matrix(gpu: Launcher, x: Window): { readonly window: Window; readonly batch: number } {
  const { shape, stride } = x.view;
  const lead = shape.slice(0, -2);
  const { strides } = mergeAxes(lead, [stride.slice(0, -2)]);
  if (strides[0]!.length <= 1) return { window: x, batch: strides[0]![0] ?? 0 };
  const window = gpu.dense(x);
  return { window, batch: shape.at(-2)! * shape.at(-1)! };
}

/** The operands of a product, and the constants that say where in their blocks the matrices lie. */
export function matrices(gpu: Launcher, x: Window, y: Window) {
  const [a, b] = [matrix(gpu, x), matrix(gpu, y)];
  const [u, v] = [a.window.view, b.window.view];
  const constants = {
    m: u.shape.at(-2)!,
    k: u.shape.at(-1)!,
    n: v.shape.at(-1)!,
    xAt: u.offset,
    xBatch: a.batch,
    xRow: u.stride.at(-2)!,
    xColumn: u.stride.at(-1)!,
    yAt: v.offset,
    yBatch: b.batch,
    yRow: v.stride.at(-2)!,
    yColumn: v.stride.at(-1)!,
  };
  return { windows: [a.window, b.window], constants };
}

/** The matrix product, of operands as they lie: transposes cost nothing. */
export const matmul: EntryTable = {
  matmul: (gpu, [x, y], [out]) => {
    const { windows, constants } = matrices(gpu, x!, y!);
    return [gpu.blocks('matmul', windows, out!.shape, constants)];
  },
};
