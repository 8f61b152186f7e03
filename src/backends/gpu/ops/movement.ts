import { sizeOf, type Shape } from '../../../core/shape.js';
import type { TakeAttrs } from '../../../ops/take.js';
import { layout } from '../../plan/layout.js';
import type { EntryTable } from './entry.js';
import { hostIntegers } from '../engine/host.js';
import type { Launcher } from '../engine/launcher.js';
import type { Window } from '../engine/memory.js';

interface PadAttrs {
  readonly lo: readonly number[];
  readonly step: Shape;
  readonly to: Shape;
  readonly value: number;
}

/** Constants of taking rows; indices outside are refused wherever they can be seen. */
function rows(gpu: Launcher, indices: Window, { who, axis, from }: TakeAttrs) {
  const n = from[axis]!;
  for (const i of hostIntegers(gpu, indices))
    if (i < -n || i >= n) throw new RangeError(`${who}: expected indices from ${-n} to ${n - 1}, got ${i}`);
  return { n, inner: sizeOf(from.slice(axis + 1)), picks: sizeOf(indices.view.shape) };
}

/** Ops that move elements and are no windows. */
export const movement: EntryTable = {
  // Axis by axis, so that one kernel of three axes pads tensors of any rank.
  pad: (gpu, [x], [out], { lo, step, to, value }: PadAttrs) => {
    const shape = [...x!.view.shape];
    let padded = x!;
    to.forEach((length, axis) => {
      const n = shape[axis]!;
      if (length === n && step[axis] === 1) return;
      shape[axis] = length;
      const inner = sizeOf(shape.slice(axis + 1));
      const constants = { n, to: length, inner, lo: lo[axis]!, step: step[axis]! };
      padded = gpu.kernel('padAxis', [padded, value], [...shape], constants);
    });
    return [padded === x ? gpu.memory.window(x, x.view) : gpu.memory.window(padded, layout(out!.shape))];
  },
  // Side by side in pairs, then pairs of pairs: kernels have a fixed number of arguments.
  concat: (gpu, ins, [out], { axis }: { axis: number }) => {
    const { shape } = out!;
    const inner = sizeOf(shape.slice(axis + 1));
    const outer = sizeOf(shape.slice(0, axis));
    const joinAll = (xs: readonly Window[]): Window => {
      if (xs.length === 1) return xs[0]!;
      const half = xs.length >> 1;
      const [left, right] = [joinAll(xs.slice(0, half)), joinAll(xs.slice(half))];
      const widths = [left, right].map((x) => sizeOf(x.view.shape) / outer);
      return gpu.kernel('join', [left, right], [outer, (widths[0]! + widths[1]!) / inner, inner], {
        left: widths[0]!,
        right: widths[1]!,
      });
    };
    const joined = gpu.dense(joinAll(ins));
    return [gpu.memory.window(joined, layout(shape))];
  },
  take: (gpu, [x, indices], [out], attrs: TakeAttrs) => [
    gpu.kernel('take', [x!, indices!], out!.shape, rows(gpu, indices!, attrs)),
  ],
  takeAdjoint: (gpu, [g, indices], [out], attrs: TakeAttrs) => [
    gpu.kernel('takeAdjoint', [g!, indices!], out!.shape, rows(gpu, indices!, attrs)),
  ],
  oneHot: (gpu, [indices], [out], { depth }: { depth: number }) => {
    for (const i of hostIntegers(gpu, indices!))
      if (i < 0 || i >= depth) throw new RangeError(`oneHot: expected indices from 0 to ${depth - 1}, got ${i}`);
    return [gpu.kernel('oneHot', [indices!], out!.shape, { depth })];
  },
};
