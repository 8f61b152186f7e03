import type { DType } from '../../core/dtype.js';
import type { Entry, EntryTable } from './entry.js';

const names = [
  'add sub mul div pow maximum minimum less greater lessEqual greaterEqual equal notEqual where',
  'neg abs sign square reciprocal sqrt rsqrt exp expm1 log log1p sin cos tanh sigmoid softplus relu erf gate gateGrad',
].flatMap((line) => line.split(' '));

/** The function of `kernels/gpu` that computes one element of an op; undefined for ops that are not elementwise. */
export const functionOf = (op: string): string | undefined => (functions.has(op) ? `${op}Of` : undefined);
const functions: ReadonlySet<string> = new Set(names);

/** Ops of one element, by the function of `kernels/gpu` that has their name. */
export const elementwise: EntryTable = {
  ...Object.fromEntries(
    names.map((name): [string, Entry] => [name, (gpu, ins, [out]) => [gpu.map(functionOf(name)!, ins, out!.shape)]]),
  ),
  // Integers and doubles are floats on the device.
  cast: (gpu, [x], [out], { dtype }: { dtype: DType }) => [
    dtype === 'int32' ? gpu.map('truncateOf', [x!], out!.shape) : gpu.memory.window(x!, x!.view),
  ],
};
