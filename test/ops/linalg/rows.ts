import fc from 'fast-check';

const kinds = {
  any: (v: number): number => v,
  'mostly zeros': (v: number): number => (Math.abs(v) < 0.6 ? 0 : v),
  'a few numbers': (v: number): number => Math.round(v),
  'all zeros': (): number => 0,
  graded: (v: number, i: number): number => v * 10 ** (-2 * (i % 7)),
  large: (v: number): number => v * 1e200,
  small: (v: number): number => v * 1e-200,
};

/** Row-major matrices of n rows of m numbers: full, singular, and with equal values. */
export const matrices = (n: number, m: number): fc.Arbitrary<Float64Array> =>
  fc
    .tuple(
      fc.constantFrom(...(Object.keys(kinds) as (keyof typeof kinds)[])),
      fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: n * m, maxLength: n * m }),
      fc.boolean(),
    )
    .map(([kind, values, repeated]) => {
      const x = Float64Array.from(values, (v, i) => kinds[kind](Math.abs(v) < 1e-9 ? 0 : v, i));
      // The last row repeats the first.
      if (repeated) x.copyWithin((n - 1) * m, 0, m);
      return x;
    });

/** x y' of rows of m numbers, or x' y of n rows. */
export function product(x: Float64Array, y: Float64Array, n: number, m: number, of: 'rows' | 'columns'): Float64Array {
  const size = of === 'rows' ? n : m;
  return Float64Array.from({ length: size * size }, (_, at) => {
    const [i, j] = [Math.floor(at / size), at % size];
    let sum = 0;
    for (let k = 0; k < (of === 'rows' ? m : n); k++)
      sum += of === 'rows' ? x[i * m + k]! * y[j * m + k]! : x[k * m + i]! * y[k * m + j]!;
    return sum;
  });
}

/** The largest difference; NaN where there is one. */
export const worst = (x: Float64Array, y: Float64Array): number => Math.max(0, ...x.map((v, i) => Math.abs(v - y[i]!)));
