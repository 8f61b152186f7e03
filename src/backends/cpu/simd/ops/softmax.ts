import { aroundAxis } from '../../../../core/shape.js';
import { planned, type SimdOp } from './op.js';

const record = (logarithm: boolean): SimdOp<{ readonly axis: number }> => ({
  inexact: true,
  operands: 'copied',
  plan: ({ kernels }, _, __, [out], { axis }) => {
    const [a, c, b] = aroundAxis(out!.view.shape, axis);
    if (b === 1)
      return planned(([x, y]) => {
        kernels.softmax(x!, y!, a, c, logarithm);
      });
    if (b < 4) return undefined;
    return planned(([x, y]) => {
      kernels.softmaxBetween(x!, y!, a, c, b, logarithm);
    });
  },
});

/** Along the last axis that is longer than 1, or around at least four columns. */
export const softmax = { softmax: record(false), logSoftmax: record(true) };
