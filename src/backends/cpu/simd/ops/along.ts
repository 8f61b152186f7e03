import { offAxis } from '../../../../core/check.js';
import { aroundAxis, sizeOf } from '../../../../core/shape.js';
import type { AlongAttrs } from '../../../../ops/take-along.js';
import { planned, type SimdOp } from './op.js';

/** Eager mode copies whole axes in and out, which is not worth it for one element in so many. */
const FEW = 32;

const taking = (kernel: 'takeAlong' | 'takeAlongAdjoint'): SimdOp<AlongAttrs> => ({
  operands: 'copied',
  work: ([x, indices], [out]) => {
    const size = Math.max(sizeOf(x!.shape), sizeOf(out!.shape));
    return FEW * sizeOf(indices!.shape) < size ? 0 : size;
  },
  plan: (simd, _, [x, indices], __, attrs) => {
    if (x!.dtype !== 'float32') return undefined;
    const sizes = aroundAxis(indices!.view.shape, attrs.axis);
    return planned(([from, at, out]) => {
      const bad = simd.kernels[kernel](from!, at!, out!, ...sizes, attrs.length, attrs.least);
      if (bad >= 0) throw offAxis(attrs, simd.i32()[at! / 4 + bad]!);
    });
  },
});

const lastWrite: SimdOp<AlongAttrs> = {
  result: 'int32',
  operands: 'copied',
  plan: (simd, _, [indices], __, attrs) => {
    const sizes = aroundAxis(indices!.view.shape, attrs.axis);
    return planned(([at, out]) => {
      const bad = simd.kernels.lastWrite(at!, out!, ...sizes, attrs.length, attrs.least);
      if (bad >= 0) throw offAxis(attrs, simd.i32()[at! / 4 + bad]!);
    });
  },
};

/** Elements at indices along an axis, and sums and places by index. */
export const along = { takeAlong: taking('takeAlong'), takeAlongAdjoint: taking('takeAlongAdjoint'), lastWrite };
