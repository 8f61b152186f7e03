import type { PoolAttrs } from '../../../ops/pool.js';
import { oneKernel, type EntryTable } from './entry.js';

const constantsOf = ({ x, y, size, stride, padding }: PoolAttrs) => ({
  h: x[2]!,
  w: x[3]!,
  p: y[2]!,
  q: y[3]!,
  sizeY: size[0],
  sizeX: size[1],
  strideY: stride[0],
  strideX: stride[1],
  top: padding[0][0],
  left: padding[1][0],
  reachY: Math.ceil(size[0] / stride[0]),
  reachX: Math.ceil(size[1] / stride[1]),
});

/** Max pooling: where the maxima are, and then the elements there. */
export const pool: EntryTable = {
  maxPool2d: (gpu, [x], [out, indices], attrs: PoolAttrs) => {
    const constants = constantsOf(attrs);
    const dense = gpu.dense(x!);
    const found = gpu.kernel('poolIndex', [dense], indices!.shape, constants);
    return [gpu.kernel('poolGather', [dense, found], out!.shape, constants), found];
  },
  poolGather: oneKernel('poolGather', constantsOf),
  poolScatter: oneKernel('poolScatter', constantsOf),
};
