import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  add,
  compile,
  cpu,
  eigh,
  expandDims,
  eye,
  grad,
  hvp,
  matmul,
  mul,
  norm,
  onesLike,
  randomKey,
  randomNormal,
  reference,
  reshape,
  split,
  sum,
  svd,
  tensor,
  trace,
  transpose,
  type Tensor,
} from 'bigrad';
import { close, values } from '../../support/close.js';

const few = { numRuns: 10 };
const size = fc.constantFrom(1, 2, 3, 7, 30);
const shape = fc.constantFrom<number[]>([3, 3], [5, 2], [2, 6], [1, 4], [4, 1], [9, 9], [30, 27]);
const swap = (x: Tensor): Tensor => transpose(x);

for (const device of [cpu, reference])
  for (const dtype of ['float64', 'float32'] as const)
    describe(`spectra in ${dtype}, on ${device.name}`, () => {
      const tolerance = dtype === 'float64' ? 1e-12 : 2e-5;
      const random = (of: number[], seed: number): Tensor => randomNormal(randomKey(seed, { device }), of, { dtype });
      const one = (n: number): Tensor => eye(n, { dtype, device });
      const ascending = (x: Tensor, way: 1 | -1): boolean =>
        values(x).every((v, i, all) => i === 0 || way * (v - all[i - 1]!) >= 0);

      it('eigh gives orthonormal vectors with A = V diag(values) V, values in order', () => {
        fc.assert(
          fc.property(size, fc.nat(1000), (n, seed) => {
            const x = random([n, n], seed);
            const a = add(x, swap(x));
            const { values: w, vectors: v } = eigh(a);
            close(matmul(mul(v, expandDims(w, 0)), swap(v)), a, tolerance * 10 * n);
            close(matmul(swap(v), v), one(n), tolerance * 10);
            assert.ok(ascending(w, 1));
          }),
          few,
        );
      });

      it('svd gives A = U diag(s) V, s in order and not below 0', () => {
        fc.assert(
          fc.property(shape, fc.nat(1000), (of, seed) => {
            const a = random(of, seed);
            const { u, s, vt } = svd(a);
            const k = Math.min(...of);
            close(matmul(mul(u, expandDims(s, 0)), vt), a, tolerance * 10);
            close(matmul(swap(u), u), one(k), tolerance * 10);
            close(matmul(vt, swap(vt)), one(k), tolerance * 10);
            assert.ok(ascending(s, -1) && values(s).every((v) => v >= 0));
          }),
          few,
        );
      });
    });

const t = (data: number[][]): Tensor => tensor(data, { dtype: 'float64' });

describe('where an element is NaN or infinite', () => {
  /** A batch of three matrices, the second of which has a bad element. */
  const batch = (n: number, m: number, bad: number, dtype: 'float32' | 'float64'): Tensor => {
    const good = values(randomNormal(randomKey(n), [3, n, m], { dtype }));
    return reshape(tensor(good.with(n * m + m - 1, bad), { dtype }), [3, n, m]);
  };
  const rowsOf = (x: Tensor): number[][] => split(x, 3).map((part) => values(part));

  for (const n of [2, 30])
    for (const dtype of ['float32', 'float64'] as const)
      it(`all results of that matrix are NaN, and of no other: n = ${n}, ${dtype}`, () => {
        for (const bad of [NaN, Infinity, -Infinity])
          for (const inPlan of [false, true]) {
            const run = <T>(f: (x: Tensor) => T, x: Tensor): T => (inPlan ? compile(f) : f)(x);
            const { values: w, vectors: v } = run(eigh, batch(n, n, bad, dtype));
            const { u, s, vt } = run(svd, batch(n, n + 1, bad, dtype));
            for (const [first, second, third] of [w, v, u, s, vt].map(rowsOf)) {
              assert.ok(second!.every(Number.isNaN));
              assert.ok([...first!, ...third!].every(Number.isFinite));
            }
          }
      });
});

describe('where values are equal', () => {
  it('derivatives of what does not depend on the choice of vectors are right', () => {
    const a = eye(3, { dtype: 'float64' });
    close(grad((x: Tensor) => sum(eigh(x).values))(a), a);
    close(grad((x: Tensor) => sum(svd(x).s))(a), a);
    // The sum of squares of eigenvalues is that of all elements.
    const squares = (x: Tensor): Tensor => sum(mul(eigh(x).values, eigh(x).values));
    close(grad(squares)(a), mul(a, 2));
    const twice = (x: Tensor): Tensor => trace(matmul(matmul(eigh(x).vectors, swap(eigh(x).vectors)), x));
    close(grad(twice)(a), a);
  });

  it('the second derivative of sums of values is that of the trace: 0', () => {
    const a = t([
      [2, 0],
      [0, 2],
    ]);
    close(
      hvp((x: Tensor) => sum(eigh(x).values), a, onesLike(a)),
      [0, 0, 0, 0],
    );
  });
});

describe('singular matrices', () => {
  it('have orthonormal left vectors all the same', () => {
    for (const a of [
      t([
        [1, 2],
        [2, 4],
        [3, 6],
      ]),
      t([
        [0, 0],
        [0, 0],
      ]),
      t([
        [0, 1],
        [0, 0],
      ]),
    ]) {
      // prettier-ignore
      const { u, s, vt } = svd(a);
      close(matmul(swap(u), u), eye(2, { dtype: 'float64' }), 1e-12);
      close(matmul(mul(u, expandDims(s, 0)), vt), a, 1e-12);
    }
    close(
      svd(
        t([
          [1, 2],
          [2, 4],
        ]),
      ).s,
      [5, 0],
      1e-12,
    );
  });

  it('have small singular values with all their digits where rows are scaled', () => {
    const { s } = svd(
      t([
        [1e-20, 0],
        [0, 1],
      ]),
    );
    assert.deepEqual(values(s), [1, 1e-20]);
    close(
      norm(
        svd(
          t([
            [1, 2],
            [3, 4],
          ]),
        ).s,
      ),
      norm(
        t([
          [1, 2],
          [3, 4],
        ]),
      ),
    );
  });
});
