import type { View } from '../../../core/tensor.js';
import { dense, viewOf } from '../../../core/view.js';
import type { ReduceAttrs } from '../../../ops/broadcast.js';
import type { NormalizeAttrs } from '../../../ops/normalize.js';
import type { KernelTable } from './kernel.js';
import { runsOf } from './runs.js';

const contiguous = (x: View): View => viewOf(dense(x), x.shape);

export const normalize: KernelTable = {
  normalize: ([out, mean, variance], [view], { axes, eps }: NormalizeAttrs) => {
    const x = contiguous(view!);
    const { kept, outer, length, step } = runsOf(x, axes);
    const [data, y] = [x.data, out!.data];
    const n = outer.length * length;
    for (let k = 0; k < kept.length; k++) {
      let total = 0;
      for (let r = 0; r < outer.length; r++)
        for (let i = 0, at = kept[k]! + outer[r]!; i < length; i++, at += step) total += data[at]!;
      const m = total / n;
      let squares = 0;
      for (let r = 0; r < outer.length; r++)
        for (let i = 0, at = kept[k]! + outer[r]!; i < length; i++, at += step)
          squares += (data[at]! - m) * (data[at]! - m);
      const scale = 1 / Math.sqrt(squares / n + eps);
      for (let r = 0; r < outer.length; r++)
        for (let i = 0, at = kept[k]! + outer[r]!; i < length; i++, at += step) y[at] = (data[at]! - m) * scale;
      mean!.data[k] = m;
      variance!.data[k] = squares / n;
    }
    return true;
  },

  normalizeGrad: ([out], [gv, yv, rv], { axes }: ReduceAttrs) => {
    const g = contiguous(gv!);
    const { kept, outer, length, step } = runsOf(g, axes);
    const [a, y, scale, dx] = [g.data, dense(yv!), dense(rv!), out!.data];
    const n = outer.length * length;
    for (let k = 0; k < kept.length; k++) {
      let mean = 0;
      let slope = 0;
      for (let r = 0; r < outer.length; r++)
        for (let i = 0, at = kept[k]! + outer[r]!; i < length; i++, at += step) {
          mean += a[at]!;
          slope += a[at]! * y[at]!;
        }
      mean /= n;
      slope /= n;
      const s = scale[k]!;
      for (let r = 0; r < outer.length; r++)
        for (let i = 0, at = kept[k]! + outer[r]!; i < length; i++, at += step)
          dx[at] = s * (a[at]! - mean - y[at]! * slope);
    }
    return true;
  },
};
