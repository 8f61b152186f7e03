import type { PoolAttrs } from '../../../../ops/pool.js';
import { spread } from '../threads/tasks.js';
import { planned, type SimdOp } from './op.js';

export const maxPool2d: SimdOp<PoolAttrs> = {
  plan: (simd, _, __, ___, { x, y, size, stride, padding }) => {
    const [n, channels, h, w] = x as [number, number, number, number];
    const [, , p, q] = y as [number, number, number, number];
    const [inner, outer] = [4 * h * w, 4 * p * q];
    const window = [h, w, p, q, ...size, ...stride, padding[0][0], padding[1][0]] as const;
    return planned(([from, out, indices]) => {
      spread(simd, n * channels, h * w, (plane, planes) => [
        'maxPool',
        from! + plane * inner,
        out! + plane * outer,
        indices! + plane * outer,
        planes,
        ...window,
      ]);
    });
  },
};

const picking = (kernel: 'poolGather' | 'poolScatter'): SimdOp<PoolAttrs> => ({
  plan: (simd, _, __, ___, { x, y }) => {
    const [inner, outer] = [x[2]! * x[3]!, y[2]! * y[3]!];
    const [read, written] = kernel === 'poolGather' ? [inner, outer] : [outer, inner];
    return planned(([from, indices, out]) => {
      spread(simd, x[0]! * x[1]!, inner, (plane, planes) => [
        kernel,
        from! + 4 * plane * read,
        indices! + 4 * plane * outer,
        out! + 4 * plane * written,
        planes,
        inner,
        outer,
      ]);
    });
  },
});
export const poolGather = picking('poolGather');
export const poolScatter = picking('poolScatter');
