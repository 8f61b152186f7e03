import { offAxis } from '../../../../core/check.js';
import { aroundAxis, sizeOf } from '../../../../core/shape.js';
import type { AlongAttrs } from '../../../../ops/take-along.js';
import type { Spec } from '../../../../core/tensor.js';
import { planned, type SimdOp } from './op.js';

/** Eager mode copies whole axes in and out, which is not worth it for one element in so many. */
const FEW = 32;
/** How much there is to do for indices into something, or from it. */
function workOf(whole: Spec, indices: Spec): number {
  const size = sizeOf(whole.shape);
  const count = sizeOf(indices.shape);
  return FEW * count < size ? 0 : Math.max(size, count);
}

const taking = (kernel: 'takeAlong' | 'takeAlongAdjoint'): SimdOp<AlongAttrs> => ({
  operands: 'copied',
  work: ([x, indices], [out]) => workOf(sizeOf(out!.shape) > x!.size ? out! : x!, indices!),
  plan: (simd, _, [x, indices], __, attrs) => {
    if (x!.dtype !== 'float32') return undefined;
    const sizes = aroundAxis(indices!.view.shape, attrs.axis);
    return planned(([from, at, out]) => {
      const bad = simd.kernels[kernel](from!, at!, out!, ...sizes, attrs.length, attrs.least);
      if (bad >= 0) throw offAxis(attrs, simd.i32()[at! / 4 + bad]!);
    });
  },
});

const scatterSet: SimdOp<AlongAttrs> = {
  operands: 'copied',
  work: ([x, indices]) => workOf(x!, indices!),
  plan: (simd, _, [, indices], __, attrs) => {
    const sizes = aroundAxis(indices!.view.shape, attrs.axis);
    return planned(([x, at, values, out]) => {
      const bad = simd.kernels.scatterSet(x!, at!, values!, out!, ...sizes, attrs.length, attrs.least);
      if (bad >= 0) throw offAxis(attrs, simd.i32()[at! / 4 + bad]!);
    });
  },
};

const takeWritten: SimdOp<AlongAttrs> = {
  operands: 'copied',
  work: ([g, indices]) => workOf(g!, indices!),
  plan: (simd, _, [, indices], __, attrs) => {
    const sizes = aroundAxis(indices!.view.shape, attrs.axis);
    return {
      scratch: 4 * attrs.length * sizes[2],
      run: ([from, at, out], writers) => {
        const bad = simd.kernels.takeWritten(from!, at!, out!, writers, ...sizes, attrs.length, attrs.least);
        if (bad >= 0) throw offAxis(attrs, simd.i32()[at! / 4 + bad]!);
      },
    };
  },
};

/** Elements at indices along an axis, sums by index, and what is written there. */
export const along = {
  takeAlong: taking('takeAlong'),
  takeAlongAdjoint: taking('takeAlongAdjoint'),
  scatterSet,
  takeWritten,
};
