import { aroundAxis, type Shape } from '../../../../core/shape.js';
import type { ReduceAttrs } from '../../../../ops/broadcast.js';
import type { CumsumAttrs } from '../../../../ops/cumsum.js';
import type { Simd } from '../wasm/instance.js';
import type { Pointer } from '../wasm/kernels.js';
import { planned, type SimdOp } from './op.js';

/**
 * A row-major array [times,a,c,b]. Which of its axes are reduced: a and b (`around`), or c
 * (`between`).
 */
export interface Reduction {
  readonly times: number;
  readonly kind: 'around' | 'between';
  readonly a: number;
  readonly c: number;
  readonly b: number;
}

/**
 * A reduction over `axes` of a row-major `shape` as one of three merged axes, repeated along a kept
 * one; undefined where kept and reduced axes alternate more often.
 */
export function reductionOf(shape: Shape, axes: readonly number[]): Reduction | undefined {
  const groups: { reduced: boolean; length: number }[] = [];
  shape.forEach((length, axis) => {
    if (length === 1) return;
    const reduced = axes.includes(axis);
    const last = groups.at(-1);
    if (last?.reduced === reduced) last.length *= length;
    else groups.push({ reduced, length });
  });
  const times = groups.length > 3 && !groups[0]!.reduced ? groups.shift()!.length : 1;
  if (groups.length > 3) return undefined;
  const [first, second, third] = groups.map((g) => g.length);
  if (groups.length === 0) return { kind: 'around', times, a: 1, c: 1, b: 1 };
  if (groups[0]!.reduced)
    return groups.length === 1
      ? { kind: 'around', times, a: 1, c: 1, b: first! }
      : { kind: 'around', times, a: first!, c: second!, b: third ?? 1 };
  return third === undefined
    ? { kind: 'around', times, a: 1, c: first!, b: second ?? 1 }
    : { kind: 'between', times, a: first!, c: second!, b: third };
}

/** Sums a row-major x over its reduced axes into `out`, in double precision. */
export function runSum(simd: Simd, reduction: Reduction, x: Pointer, out: Pointer): void {
  const { times, a, c, b } = reduction;
  for (let i = 0; i < times; i++) sumOnce(simd, reduction, x + 4 * i * a * c * b, out + 4 * i * c);
}

function sumOnce({ kernels }: Simd, { kind, a, c, b }: Reduction, x: Pointer, out: Pointer): void {
  if (kind === 'between') kernels.sumBetween(x, out, a, c, b);
  else if (b === 1)
    kernels.sumBetween(x, out, 1, a, c); // adjacent columns at once
  else kernels.sumAround(x, out, a, c, b);
}

const sum: SimdOp<ReduceAttrs> = {
  plan: (simd, _, [x], __, { axes }) => {
    const reduction = x!.dtype === 'float32' ? reductionOf(x!.view.shape, axes) : undefined;
    return (
      reduction &&
      planned(([from, out]) => {
        runSum(simd, reduction, from!, out!);
      })
    );
  },
};

const scan = (kernel: 'cumsum' | 'cumprod'): SimdOp<CumsumAttrs> => ({
  inOrder: true,
  plan: ({ kernels }, _, [x], __, { axis, reverse }) => {
    if (x!.dtype !== 'float32') return undefined;
    const [a, c, b] = aroundAxis(x!.view.shape, axis);
    return planned(([from, out]) => {
      kernels[kernel](from!, out!, a, c, b, reverse);
    });
  },
});

const cumprodGrad: SimdOp<CumsumAttrs> = {
  operands: 'copied',
  plan: ({ kernels }, _, [g, x], __, { axis, reverse }) => {
    if (g!.dtype !== 'float32' || x!.dtype !== 'float32') return undefined;
    const [a, c, b] = aroundAxis(x!.view.shape, axis);
    return {
      scratch: 8 * c * (b < 4 ? 1 : 4),
      run: ([from, at, out], before) => {
        kernels.cumprodGrad(from!, at!, out!, before, a, c, b, reverse);
      },
    };
  },
};

const cummax: SimdOp<CumsumAttrs> = {
  plan: ({ kernels }, _, [x], __, { axis, reverse }) => {
    if (x!.dtype !== 'float32') return undefined;
    const [a, c, b] = aroundAxis(x!.view.shape, axis);
    return planned(([from, out, places]) => {
      kernels.cummax(from!, out!, places!, a, c, b, reverse);
    });
  },
};

export const reduce = { sum, cumsum: scan('cumsum'), cumprod: scan('cumprod'), cumprodGrad, cummax };
