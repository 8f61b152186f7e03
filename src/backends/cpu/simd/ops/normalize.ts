import type { ReduceAttrs } from '../../../../ops/broadcast.js';
import type { NormalizeAttrs } from '../../../../ops/normalize.js';
import { planned, type Layout, type Pointers, type SimdOp } from './op.js';
import { reductionOf } from './reduce.js';

/** The axes [times,a,c,b] of statistics over a and b, if b is long enough for whole vectors. */
function channelsOf({ view }: Layout, axes: readonly number[]) {
  const reduction = reductionOf(view.shape, axes);
  return reduction?.kind === 'around' && reduction.b >= 4 ? reduction : undefined;
}

export const normalize: SimdOp<NormalizeAttrs> = {
  plan: ({ kernels }, _, [x], __, { axes, eps }) => {
    const channels = channelsOf(x!, axes);
    if (!channels) return undefined;
    const { times, a, c, b } = channels;
    return planned((at) => {
      const [from, y, mean, variance] = at as Pointers<4>;
      for (let i = 0; i < times; i++) {
        const [whole, kept] = [4 * i * a * c * b, 4 * i * c];
        kernels.normalize(from + whole, y + whole, mean + kept, variance + kept, a, c, b, eps);
      }
    });
  },
};

export const normalizeGrad: SimdOp<ReduceAttrs> = {
  plan: ({ kernels }, _, [g], __, { axes }) => {
    const channels = channelsOf(g!, axes);
    if (!channels) return undefined;
    const { times, a, c, b } = channels;
    return planned((at) => {
      const [from, y, scale, out] = at as Pointers<4>;
      for (let i = 0; i < times; i++) {
        const [whole, kept] = [4 * i * a * c * b, 4 * i * c];
        kernels.normalizeGrad(from + whole, y + whole, scale + kept, out + whole, a, c, b);
      }
    });
  },
};
