import assert from 'node:assert/strict';
import fc from 'fast-check';
import { eigenByRotations } from '../../../src/ops/linalg/jacobi.js';
import { eigenByQl } from '../../../src/ops/linalg/tridiagonal.js';
import { matrices, product, worst } from './rows.js';

describe('eigenByQl', () => {
  it('gives the values of rotations, with A = V diag(values) V and orthonormal vectors', () => {
    const inputs = fc.integer({ min: 1, max: 12 }).chain((n) => matrices(n, n).map((x) => ({ n, x })));
    fc.assert(
      fc.property(inputs, ({ n, x }) => {
        const a = x.map((v, i) => (v + x[(i % n) * n + Math.floor(i / n)]!) / 2);
        const size = Math.max(1e-300, ...a.map(Math.abs));
        const { values, vectors } = eigenByQl(a.slice(), n);
        assert.ok(worst(values, eigenByRotations(a.slice(), n).values) <= 1e-13 * size * n);
        const scaled = vectors.map((v, i) => v * values[Math.floor(i / n)]!);
        assert.ok(worst(product(scaled, vectors, n, n, 'columns'), a) <= 1e-13 * size * n);
        const one = Float64Array.from({ length: n * n }, (_, i) => +(i % (n + 1) === 0));
        assert.ok(worst(product(vectors, vectors, n, n, 'rows'), one) <= 1e-13 * n);
        assert.ok(values.every((v, i) => i === 0 || v >= values[i - 1]!));
      }),
      { numRuns: 150 },
    );
  });

  it('finds the values of a path of 40 nodes: 2 - 2 cos(pi k / 41)', () => {
    const n = 40;
    const a = Float64Array.from({ length: n * n }, (_, i) => [2, -1][Math.abs((i % n) - Math.floor(i / n))] ?? 0);
    const { values } = eigenByQl(a, n);
    values.forEach((v, k) => {
      assert.ok(Math.abs(v - (2 - 2 * Math.cos((Math.PI * (k + 1)) / (n + 1)))) < 1e-14);
    });
  });
});
