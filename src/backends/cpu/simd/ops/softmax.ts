import { sizeOf } from '../../../../core/shape.js';
import { planned, type SimdOp } from './op.js';

/** Along the last axis that is longer than 1. */
export const softmax: SimdOp<{ readonly axis: number }> = {
  inexact: true,
  plan: ({ kernels }, _, __, [out], { axis }) => {
    const { shape } = out!.view;
    if (sizeOf(shape.slice(axis + 1)) !== 1) return undefined;
    const [rows, n] = [sizeOf(shape.slice(0, axis)), shape[axis]!];
    return planned(([x, y]) => {
      kernels.softmax(x!, y!, rows, n);
    });
  },
};
