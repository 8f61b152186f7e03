import type { View } from '../../../core/tensor.js';
import type { ReduceAttrs } from '../../../ops/broadcast.js';
import type { KernelTable } from './kernel.js';
import { runsOf } from './runs.js';

function sum(out: View, x: View, axes: readonly number[]): void {
  const { kept, outer, length, step } = runsOf(x, axes);
  const [o, a] = [out.data, x.data];
  for (let k = 0; k < kept.length; k++) {
    let s = 0;
    for (let r = 0; r < outer.length; r++) {
      let at = kept[k]! + outer[r]!;
      for (let i = 0; i < length; i++, at += step) s += a[at]!;
    }
    o[k] = s;
  }
}

export const reduce: KernelTable = {
  sum: ([out], [x], { axes }: ReduceAttrs) => {
    if (x!.size > 0) sum(out!, x!, axes);
    return true;
  },
};
