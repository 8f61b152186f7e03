import { aroundAxis, sizeOf, type Shape } from '../../../core/shape.js';
import type { ReduceAttrs } from '../../../ops/broadcast.js';
import { layout } from '../../plan/layout.js';
import type { CumsumAttrs } from '../../../ops/cumsum.js';
import type { EntryTable } from './entry.js';
import type { Launcher } from '../engine/launcher.js';
import type { Window } from '../engine/memory.js';

/** Elements that one thread reduces. */
const CHUNK = 128;

/**
 * Each run of neighbouring axes among those reduced: a tensor is [outer, length, inner] around it.
 */
function runs(shape: Shape, axes: readonly number[]): { outer: number; length: number; inner: number }[] {
  const found: { outer: number; length: number; inner: number }[] = [];
  for (let axis = 0; axis < shape.length; axis++) {
    if (!axes.includes(axis)) continue;
    const first = axis;
    while (axes.includes(axis + 1)) axis++;
    found.push({
      outer: sizeOf(shape.slice(0, first)),
      length: sizeOf(shape.slice(first, axis + 1)),
      inner: sizeOf(shape.slice(axis + 1)),
    });
  }
  return found.filter(({ length }) => length > 1);
}

/**
 * Reduces axes, which stay with length 1, by passes over chunks; `last` are the constants of the
 * last pass and `others` those of the rest.
 */
function passes(
  gpu: Launcher,
  kernel: string,
  x: Window,
  axes: readonly number[],
  others: Record<string, number> = {},
  last: Record<string, number> = others,
): Window {
  const { shape } = x.view;
  const kept = shape.map((d, i) => (axes.includes(i) ? 1 : d));
  const groups = runs(shape, axes);
  if (groups.length === 0) groups.push({ outer: 1, length: 1, inner: sizeOf(shape) });
  let done = 1; // how much shorter what follows the group at hand has become
  let value = x;
  // The innermost run first, so that what is left shrinks soonest.
  groups.reverse().forEach((group, g) => {
    const inner = group.inner / done;
    done *= group.length;
    for (let { length } = group; ;) {
      const chunk = Math.min(length, CHUNK);
      const chunks = Math.ceil(length / chunk);
      const final = g === groups.length - 1 && chunks === 1;
      const { outer } = group;
      value = gpu.kernel(kernel, [value], [outer, chunks, inner], {
        length,
        inner,
        chunk,
        chunks,
        ...(final ? last : others),
      });
      if (chunks === 1) break;
      length = chunks;
    }
  });
  return gpu.memory.window(value, layout(kept));
}

/** The sum over axes, over `divisor`; the axes stay with length 1. */
export const sumOver = (gpu: Launcher, x: Window, axes: readonly number[], divisor = 1): Window =>
  passes(gpu, 'sumAlong', x, axes, { divisor: 1 }, { divisor });

/** The largest element over axes, which stay with length 1. */
export const maxOver = (gpu: Launcher, x: Window, axes: readonly number[]): Window => passes(gpu, 'maxAlong', x, axes);

/** Constants of a scan along an axis. */
const scan = (shape: Shape, { axis, reverse }: CumsumAttrs) => {
  const [, length, inner] = aroundAxis(shape, axis);
  return { length, inner, sign: reverse ? -1 : 1 };
};

/** Reductions; max and sum take one pass for each run of axes and factor of 128. */
export const reduce: EntryTable = {
  sum: (gpu, [x], _, { axes }: ReduceAttrs) => [sumOver(gpu, x!, axes)],
  max: (gpu, [x], _, { axes }: ReduceAttrs) => [maxOver(gpu, x!, axes)],
  cumsum: (gpu, [x], [out], way: CumsumAttrs) => [gpu.kernel('cumsumAlong', [x!], out!.shape, scan(out!.shape, way))],
  cumprod: (gpu, [x], [out], way: CumsumAttrs) => [gpu.kernel('cumprodAlong', [x!], out!.shape, scan(out!.shape, way))],
  cumprodGrad: (gpu, [g, x], [out], way: CumsumAttrs) => [
    gpu.kernel('cumprodGradAlong', [g!, x!], out!.shape, scan(out!.shape, way)),
  ],
  recurrence: (gpu, [links, x], [out], way: CumsumAttrs) => [
    gpu.kernel('recurrenceAlong', [links!, x!], out!.shape, scan(out!.shape, way)),
  ],
  cummax: (gpu, [x], [out], way: CumsumAttrs) => {
    const { length, inner, sign } = scan(out!.shape, way);
    const places = gpu.kernel('cummaxAlong', [x!], out!.shape, { length, inner, sign });
    return [gpu.kernel('takeAlong', [x!, places], out!.shape, { length, count: length, inner }), places];
  },
  argmax: (gpu, [x], [out], { axis }: { axis: number }) => {
    const { shape } = x!.view;
    const inner = sizeOf(shape.slice(axis + 1));
    return [gpu.kernel('argmaxAlong', [x!], out!.shape, { length: shape[axis]!, inner })];
  },
};
