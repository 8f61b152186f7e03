import { sizeOf } from '../../../core/shape.js';
import type { ReduceAttrs } from '../../../ops/broadcast.js';
import type { NormalizeAttrs } from '../../../ops/normalize.js';
import type { EntryTable } from './entry.js';
import { sumOver } from './reduce.js';
import { spread } from './spread.js';

/** Standardising over axes, with its statistics, and its backward pass. */
export const normalize: EntryTable = {
  normalize: (gpu, [x], [out], { axes, eps }: NormalizeAttrs) => {
    const { shape } = out!;
    const n = sizeOf(axes.map((i) => shape[i]!));
    const mean = sumOver(gpu, x!, axes, n);
    const center = spread(gpu, mean, shape);
    const variance = sumOver(gpu, gpu.map('deviationOf', [x!, center], shape), axes, n);
    return [gpu.map('standardOf', [x!, center, spread(gpu, variance, shape), eps], shape), mean, variance];
  },
  normalizeGrad: (gpu, [g, y, r], [out], { axes }: ReduceAttrs) => {
    const { shape } = out!;
    const n = sizeOf(axes.map((i) => shape[i]!));
    const mean = sumOver(gpu, g!, axes, n);
    const slope = sumOver(gpu, gpu.map('mulOf', [g!, y!], shape), axes, n);
    const rows = [r!, mean, slope].map((x) => spread(gpu, x, shape));
    return [gpu.map('standardGradOf', [g!, y!, ...rows], shape)];
  },
};
