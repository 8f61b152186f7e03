import { dense } from '../../../core/view.js';
import type { PoolAttrs } from '../../../ops/pool.js';
import type { KernelTable } from './kernel.js';

const planes = ({ x, y }: PoolAttrs) => ({ count: x[0]! * x[1]!, inner: x[2]! * x[3]!, outer: y[2]! * y[3]! });

export const pool: KernelTable = {
  maxPool2d: ([out, indices], [xv], a: PoolAttrs) => {
    const x = dense(xv!);
    const { count, inner } = planes(a);
    const [, , h, w] = a.x as [number, number, number, number];
    const [, , p, q] = a.y as [number, number, number, number];
    const [y, index] = [out!.data, indices!.data];
    let at = 0;
    for (let plane = 0, base = 0; plane < count; plane++, base += inner)
      for (let u = 0; u < p; u++) {
        const top = u * a.stride[0] - a.padding[0][0];
        const [i0, i1] = [Math.max(0, top), Math.min(h, top + a.size[0])];
        for (let v = 0; v < q; v++, at++) {
          const left = v * a.stride[1] - a.padding[1][0];
          const j0 = left > 0 ? left : 0;
          const j1 = left + a.size[1] < w ? left + a.size[1] : w;
          let best = i0 * w + j0;
          let value = x[base + best]!;
          for (let i = i0; i < i1; i++)
            for (let j = j0; j < j1; j++) {
              const candidate = x[base + i * w + j]!;
              if (candidate > value || (candidate !== candidate && value === value)) {
                value = candidate;
                best = i * w + j;
              }
            }
          y[at] = value;
          index[at] = best;
        }
      }
    return true;
  },

  poolGather: ([out], [xv, iv], a: PoolAttrs) => {
    const [x, index, y] = [dense(xv!), dense(iv!), out!.data];
    const { count, inner, outer } = planes(a);
    for (let plane = 0, at = 0; plane < count; plane++)
      for (let i = 0; i < outer; i++, at++) y[at] = x[plane * inner + index[at]!]!;
    return true;
  },

  poolScatter: ([out], [yv, iv], a: PoolAttrs) => {
    const [y, index, x] = [dense(yv!), dense(iv!), out!.data];
    const { count, inner, outer } = planes(a);
    for (let plane = 0, at = 0; plane < count; plane++)
      for (let i = 0; i < outer; i++, at++) x[plane * inner + index[at]!]! += y[at]!;
    return true;
  },
};
