import type { AdamAttrs } from '../../../ops/adam-step.js';
import type { EntryTable } from './entry.js';
import { spread } from './spread.js';

/** A step of Adam: three kernels, for each makes one result. */
export const adam: EntryTable = {
  adamStep: (gpu, [p, g, m, v, ...scalars], [out], { beta1, beta2, eps, epsRoot }: AdamAttrs) => {
    const { shape } = out!;
    const mean = gpu.map('momentOf', [m!, g!, beta1, 1 - beta1], shape);
    const square = gpu.map('secondMomentOf', [v!, g!, beta2, 1 - beta2], shape);
    const moved = gpu.map(
      'adamOf',
      [p!, mean, square, ...scalars.map((x) => spread(gpu, x, shape)), eps, epsRoot],
      shape,
    );
    return [moved, mean, square];
  },
};
