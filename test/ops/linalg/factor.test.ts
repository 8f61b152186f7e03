import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  add,
  at,
  cholesky,
  cpu,
  determinant,
  diagonal,
  expandDims,
  eye,
  grad,
  inverse,
  log,
  logDeterminant,
  matmul,
  mul,
  norm,
  outer,
  qr,
  randomKey,
  randomNormal,
  reference,
  solve,
  sum,
  tensor,
  trace,
  transpose,
  triangularSolve,
  tril,
  triu,
  type DType,
  type Tensor,
} from 'bigrad';
import { close, values } from '../../support/close.js';

/** Sizes beyond one block of columns and beyond tiles of four. */
const size = fc.constantFrom(1, 2, 3, 5, 8, 33, 67);
const few = { numRuns: 12 };
const swap = (x: Tensor): Tensor => transpose(x, x.shape.length === 2 ? [1, 0] : [0, 2, 1]);

for (const device of [cpu, reference])
  for (const dtype of ['float64', 'float32'] as const)
    describe(`factors in ${dtype}, on ${device.name}`, () => {
      const tolerance = dtype === 'float64' ? 1e-11 : 3e-4;
      const random = (shape: number[], seed: number): Tensor =>
        randomNormal(randomKey(seed, { device }), shape, { dtype });
      const one = (n: number): Tensor => eye(n, { dtype, device });
      const definite = (n: number, seed: number): Tensor => {
        const x = random([2, n, n], seed);
        return add(matmul(x, swap(x)), mul(one(n), n));
      };
      const property = (check: (n: number, seed: number) => void): void => {
        fc.assert(fc.property(size, fc.nat(1000), check), few);
      };

      it('solve gives x with A x = b, of matrices whose rows must be exchanged', () => {
        property((n, seed) => {
          const a = at(definite(n, seed), [':', [null, null, -1]]);
          const b = random([2, n, 3], seed + 1);
          close(matmul(a, solve(a, b)), b, tolerance);
          close(matmul(a, inverse(a)), add(mul(a, 0), one(n)), tolerance);
        });
      });

      it('cholesky gives a lower triangle with A = L L', () => {
        property((n, seed) => {
          const a = definite(n, seed);
          const l = cholesky(a);
          close(matmul(l, swap(l)), a, tolerance * n);
          assert.deepEqual(values(l), values(tril(l)));
        });
      });

      it('triangularSolve reads one triangle, in all eight ways', () => {
        property((n, seed) => {
          const [a, b] = [definite(n, seed), random([n, 2], seed)];
          for (const lower of [true, false])
            for (const transposed of [true, false])
              for (const unit of [true, false]) {
                const part = lower ? tril(a, unit ? -1 : 0) : triu(a, unit ? 1 : 0);
                const t = unit ? add(mul(part, 1 / n), one(n)) : part;
                const x = triangularSolve(unit ? mul(a, 1 / n) : a, b, { lower, transposed, unit });
                close(matmul(transposed ? swap(t) : t, x), add(b, mul(x, 0)), tolerance * 10);
              }
        });
      });

      it('qr gives orthonormal columns and an upper triangle, tall and wide', () => {
        property((n, seed) => {
          for (const shape of [
            [2, n + 2, n],
            [n, n + 3],
          ]) {
            // prettier-ignore
            const a = random(shape, seed);
            const { q, r } = qr(a);
            const k = Math.min(...shape.slice(-2));
            close(matmul(q, r), a, tolerance);
            const product = matmul(swap(q), q);
            close(product, add(mul(product, 0), one(k)), tolerance);
            assert.deepEqual(values(r), values(triu(r)));
          }
        });
      });

      it('determinants are squares of those of cholesky', () => {
        property((n, seed) => {
          const a = mul(definite(n, seed), 1 / (2 * n));
          const { sign, logAbs } = logDeterminant(a);
          assert.deepEqual(values(sign), [1, 1]);
          close(logAbs, mul(sum(log(diagonal(cholesky(a))), -1), 2), tolerance * n);
          close(determinant(a), values(logAbs).map(Math.exp), tolerance * n);
        });
      });
    });
const t = (data: number[] | number[][], dtype: DType = 'float64'): Tensor => tensor(data, { dtype });

describe('linear algebra', () => {
  it('has determinants of singular matrices, and refuses their derivatives by name', () => {
    const a = t([
      [1, 2],
      [2, 4],
    ]);
    assert.equal(values(determinant(a))[0]! + 0, 0);
    const { sign, logAbs } = logDeterminant(a);
    assert.deepEqual([values(sign)[0]! + 0, values(logAbs)[0]], [0, -Infinity]);
    assert.throws(() => grad(determinant)(a), /^RangeError: determinant: expected matrices that have an inverse, got /);
    assert.deepEqual(
      values(
        determinant(
          t([
            [0, 2],
            [3, 0],
          ]),
        ),
      ),
      [-6],
    );
  });

  it('broadcasts right sides and matrices', () => {
    const a = expandDims(
      t([
        [2, 0],
        [0, 4],
      ]),
      0,
    );
    assert.deepEqual(values(solve(a, t([1, 1]))), [0.5, 0.25]);
    assert.deepEqual(
      solve(
        a,
        t([
          [1, 2, 3],
          [1, 2, 3],
        ]),
      ).shape,
      [1, 2, 3],
    );
  });

  it('has norms of every order, without overflow, and 0 at 0', () => {
    const x = t([3, -4]);
    const of = (order: number): number => values(norm(x, undefined, { order }))[0]!;
    close([0, 1, 2, 3, Infinity, -Infinity].map(of), [2, 7, 5, 91 ** (1 / 3), 4, 3]);
    close(values(norm(t([3e200, 4e200])))[0]! / 5e200, [1]);
    assert.deepEqual(values(norm(t([Infinity, 1]))), [Infinity]);
    assert.deepEqual(values(grad((y: Tensor) => norm(y))(t([0, 0]))), [0, 0]);
    close(
      norm(
        t([
          [3, 4],
          [6, 8],
        ]),
        1,
        { keepDims: true },
      ),
      [5, 10],
    );
  });

  it('has triangles, diagonals and traces as NumPy', () => {
    const x = t([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    assert.deepEqual(values(tril(x)), [1, 0, 0, 4, 5, 0]);
    assert.deepEqual(values(triu(x, 1)), [0, 2, 3, 0, 0, 6]);
    assert.deepEqual(
      [-2, -1, 0, 1, 2, 3].map((k) => values(diagonal(x, k))),
      [[], [4], [1, 5], [2, 6], [3], []],
    );
    assert.deepEqual(values(trace(x)), [6]);
    assert.deepEqual(values(outer(t([1, 2]), t([3, 4]))), [3, 4, 6, 8]);
  });
});
