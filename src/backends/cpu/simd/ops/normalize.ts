import type { ReduceAttrs } from '../../../../ops/broadcast.js';
import type { NormalizeAttrs } from '../../../../ops/normalize.js';
import { planned, type Layout, type Pointers, type SimdOp } from './op.js';
import { reductionOf } from './reduce.js';

/** The axes [a,c,b] of statistics over a and b, if b is long enough for whole vectors. */
function channelsOf({ view }: Layout, axes: readonly number[]) {
  const reduction = reductionOf(view.shape, axes);
  return reduction?.kind === 'around' && reduction.b >= 4 ? reduction : undefined;
}

export const normalize: SimdOp<NormalizeAttrs> = {
  plan: ({ kernels }, _, [x], __, { axes, eps }) => {
    const channels = channelsOf(x!, axes);
    if (!channels) return undefined;
    const { a, c, b } = channels;
    return planned((at) => {
      kernels.normalize(...(at as Pointers<4>), a, c, b, eps);
    });
  },
};

export const normalizeGrad: SimdOp<ReduceAttrs> = {
  plan: ({ kernels }, _, [g], __, { axes }) => {
    const channels = channelsOf(g!, axes);
    if (!channels) return undefined;
    const { a, c, b } = channels;
    return planned((at) => {
      kernels.normalizeGrad(...(at as Pointers<4>), a, c, b);
    });
  },
};
