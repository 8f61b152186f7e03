import assert from 'node:assert/strict';
import fc from 'fast-check';
import { singularByQr } from '../../../src/ops/linalg/bidiagonal.js';
import { singularByRotations } from '../../../src/ops/linalg/jacobi.js';
import { matrices, product, worst } from './rows.js';

const one = (n: number): Float64Array => Float64Array.from({ length: n * n }, (_, i) => +(i % (n + 1) === 0));
const inputs = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 4 }))
  .chain(([n, more]) => matrices(n, n + more).map((x) => ({ n, m: n + more, x })));

describe('singularByQr', () => {
  it('gives the values of rotations, with X = R diag(values) L and orthonormal vectors', () => {
    fc.assert(
      fc.property(inputs, ({ n, m, x }) => {
        const size = Math.max(1e-300, ...x.map(Math.abs));
        const { values, left, right } = singularByQr(x.slice(), n, m);
        assert.ok(worst(values, singularByRotations(x.slice(), n, m).values) <= 1e-13 * size * m);
        const again = Float64Array.from(x, (_, at) => {
          const [i, j] = [Math.floor(at / m), at % m];
          return values.reduce((sum, v, k) => sum + v * right[k * n + i]! * left[k * m + j]!, 0);
        });
        assert.ok(worst(again, x) <= 1e-13 * size * m);
        for (const [rows, length] of [
          [left, m],
          [right, n],
        ] as const)
          assert.ok(worst(product(rows, rows, n, length, 'rows'), one(n)) <= 1e-13 * m);
        assert.ok(values.every((v, i) => v >= 0 && (i === 0 || v <= values[i - 1]!)));
      }),
      { numRuns: 150 },
    );
  });

  it('finds zeros inside of the diagonal and at its end', () => {
    for (const zero of [0, 1, 2, 3]) {
      // Upper bidiagonal, by its columns.
      const x = Float64Array.from({ length: 16 }, (_, at) => {
        const [column, row] = [Math.floor(at / 4), at % 4];
        return row === column ? +(row !== zero) * (row + 1) : +(column === row + 1);
      });
      const { values, left, right } = singularByQr(x.slice(), 4, 4);
      assert.ok(Math.abs(values[3]!) < 1e-15);
      for (const rows of [left, right]) assert.ok(worst(product(rows, rows, 4, 4, 'rows'), one(4)) < 1e-14);
    }
  });
});
