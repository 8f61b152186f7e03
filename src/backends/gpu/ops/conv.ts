import type { ConvAttrs } from '../../../ops/conv.js';
import { oneKernel, type EntryTable } from './entry.js';

type Four = readonly [number, number, number, number];

/** Shapes and geometry of a convolution as the constants of its kernels. */
export const constantsOf = ({ x, w, y, stride, dilation, padding, groups }: ConvAttrs) => {
  const [[n, c, h, width], [o, cg, r, s], [, , p, q]] = [x as Four, w as Four, y as Four];
  return {
    ...{ n, c, h, w: width, o, cg, og: o / groups, r, s, p, q },
    strideY: stride[0],
    strideX: stride[1],
    dilationY: dilation[0],
    dilationX: dilation[1],
    top: padding[0][0],
    left: padding[1][0],
  };
};

/** Convolution and its two adjoints, one thread per element of the result. */
export const conv: EntryTable = {
  conv2d: oneKernel('conv2d', constantsOf),
  conv2dInput: oneKernel('conv2dInput', constantsOf),
  conv2dWeight: oneKernel('conv2dWeight', constantsOf),
};
