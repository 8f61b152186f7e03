import { dense } from '../../../core/view.js';
import type { KernelTable } from './kernel.js';

function narrow(out: Float32Array, x: Float64Array): void {
  for (let i = 0; i < out.length; i++) out[i] = x[i]!;
}

/** Only from float64 to float32, which engines copy slowly. */
export const cast: KernelTable = {
  cast: ([out], [x]) => {
    if (!(out!.data instanceof Float32Array && x!.data instanceof Float64Array)) return false;
    narrow(out!.data, dense(x!) as Float64Array);
    return true;
  },
};
