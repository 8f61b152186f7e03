import fc from 'fast-check';
import { planMatmul, type MatmulShape } from '../../../../../src/backends/cpu/simd/ops/matmul.js';
import { number, special } from '../../../../support/arbitraries.js';
import { guarded, instances, same } from '../guarded.js';

interface Product extends MatmulShape {
  readonly data: readonly [number[], number[]];
  readonly rowBias: number[] | null;
  readonly colBias: number[] | null;
  readonly before: number[] | null;
}

/**
 * Strides [row, column] of a matrix whose rows, or columns, lie `gap` elements further apart than
 * they must.
 */
const strides = (rows: number, columns: number): fc.Arbitrary<readonly [number, number]> =>
  fc
    .tuple(fc.boolean(), fc.integer({ min: 1, max: 2 }), fc.nat(2))
    .map(([transposed, step, gap]) =>
      transposed ? ([step, step * rows + gap] as const) : ([step * columns + gap, step] as const),
    );

const products = (sizes: fc.Arbitrary<[number, number, number]>, of: fc.Arbitrary<number>): fc.Arbitrary<Product> =>
  sizes.chain(([m, k, n]) =>
    fc.tuple(strides(m, k), strides(k, n)).chain(([x, y]) => {
      const list = (length: number) => fc.array(of, { minLength: length, maxLength: length });
      const optional = (length: number) => fc.option(list(length));
      const span = (a: number, b: number, s: readonly [number, number]) =>
        a * b === 0 ? 0 : (a - 1) * s[0] + (b - 1) * s[1] + 1;
      return fc.record({
        m: fc.constant(m),
        k: fc.constant(k),
        n: fc.constant(n),
        x: fc.constant(x),
        y: fc.constant(y),
        data: fc.tuple(list(span(m, k, x)), list(span(k, n, y))),
        rowBias: optional(m),
        colBias: optional(n),
        before: optional(m * n),
      });
    }),
  );

function expected({ m, k, n, x, y, data, rowBias, colBias, before }: Product): number[] {
  const out: number[] = [];
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) {
      let s = (rowBias?.[i] ?? 0) + (colBias?.[j] ?? 0) + (before?.[i * n + j] ?? 0);
      for (let p = 0; p < k; p++) s += data[0][i * x[0] + p * x[1]]! * data[1][p * y[0] + j * y[1]]!;
      out.push(s);
    }
  return out;
}

const size = fc.integer({ min: 0, max: 20 });

for (const simd of instances)
  describe(`the ${simd.build} matrix product`, () => {
    const check = (p: Product): void => {
      const memory = guarded(simd);
      const [x, y] = p.data.map(memory.put) as [number, number];
      const out = memory.put(p.before ?? new Array<number>(p.m * p.n).fill(NaN));
      const [rowBias, colBias] = [p.rowBias, p.colBias].map((b) => (b ? memory.put(b) : 0)) as [number, number];
      const scratch = memory.alloc(simd.kernels.gemmScratch());
      planMatmul(simd, memory.alloc, p)(x, y, out, scratch, { rowBias, colBias, accumulate: p.before !== null });
      memory.check();
      same(memory.get(out, p.m * p.n), expected(p)); // short numbers: every sum is exact
      same(memory.get(x, p.data[0].length), p.data[0]);
      same(memory.get(y, p.data[1].length), p.data[1]);
    };

    it('is exact for every shape, stride, bias and accumulation, and keeps to its operands', () => {
      fc.assert(fc.property(products(fc.tuple(size, size, size), number()), check), { numRuns: 300 });
    });

    it('passes NaN and infinities on', () => {
      fc.assert(fc.property(products(fc.tuple(size, size, size), special()), check));
    });

    it('is exact across the borders of its blocks', () => {
      const sizes = fc.constantFrom<[number, number, number]>(
        [95, 3, 9],
        [96, 2, 8],
        [97, 3, 5],
        [193, 2, 3],
        [2, 3, 511],
        [3, 2, 512],
        [7, 3, 513],
        [5, 2, 1025],
        [96, 320, 1],
        [99, 640, 9],
        [3, 319, 5],
        [6, 320, 8],
        [7, 321, 9],
        [5, 641, 3],
        [101, 330, 2],
      );
      fc.assert(
        fc.property(sizes, fc.nat(1000), fc.boolean(), ([m, k, n], seed, transposed) => {
          const data = (length: number, by: number) =>
            Array.from({ length }, (_, i) => (((i * by + seed) % 33) - 16) / 16);
          const x = transposed ? ([1, m] as const) : ([k, 1] as const);
          const y = transposed ? ([1, k] as const) : ([n, 1] as const);
          check({
            m,
            k,
            n,
            x,
            y,
            data: [data(m * k, 7), data(k * n, 5)],
            rowBias: data(m, 3),
            colBias: data(n, 11),
            before: null,
          });
        }),
        { numRuns: 60 },
      );
    });
  });
