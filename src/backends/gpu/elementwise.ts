import type { DType } from '../../core/dtype.js';
import type { Entry, EntryTable } from './entry.js';

const names = [
  'add sub mul div pow maximum minimum less greater lessEqual greaterEqual equal notEqual where',
  'neg abs sign square reciprocal sqrt rsqrt exp expm1 log log1p sin cos tanh sigmoid softplus relu erf gate gateGrad',
].flatMap((line) => line.split(' '));

/** Ops of one element, by the function of `kernels/gpu` that has their name. */
export const elementwise: EntryTable = {
  ...Object.fromEntries(
    names.map((name): [string, Entry] => [name, (gpu, ins, [out]) => [gpu.map(`${name}Of`, ins, out!.shape)]]),
  ),
  // Integers and doubles are floats on the device.
  cast: (gpu, [x], [out], { dtype }: { dtype: DType }) => [
    dtype === 'int32' ? gpu.map('truncateOf', [x!], out!.shape) : gpu.memory.window(x!, x!.view),
  ],
};
