import assert from 'node:assert/strict';
import {
  at,
  broadcastTo,
  cholesky,
  compile,
  createCpu,
  determinant,
  eye,
  flip,
  fromTypedArray,
  inverse,
  matmul,
  qr,
  reference,
  solve,
  stack,
  triangularSolve,
  type Tensor,
} from 'bigrad';
import type { Pointer } from '../../../../../../src/backends/cpu/simd/wasm/kernels.js';
import { builds } from '../../../../../support/builds.js';
import { close, values } from '../../../../../support/close.js';
import { numbers, drawOn, swap, definite, regular } from '../../../../../support/matrices.js';
import { guarded, instances } from '../../guarded.js';

const message = (f: () => unknown): string => {
  try {
    f();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing is refused';
};

/** Lengths of matrices, and a place on the diagonal: in a small one, at ends and in the middle. */
const PLACES = [
  [1, 0],
  [2, 1],
  [17, 16],
  [40, 20],
  [40, 0],
] as const;

// The second has no memory for a whole batch of 40 x 40.
for (const scratchBytes of [2 ** 26, 80_000])
  for (const device of builds.map((simd) => createCpu({ simd, leastWork: 0, scratchBytes })))
    describe(`linear algebra on ${device.name} with ${scratchBytes} bytes of scratch memory refuses`, () => {
      const draw = drawOn(device, 'float64');
      /** The message in eager mode, which a plan has too. */
      const refusal = (f: (...xs: Tensor[]) => Tensor, ...xs: Tensor[]): string => {
        const text = message(() => f(...xs));
        const planned = compile((ys: Tensor[]) => f(...ys));
        assert.equal(
          message(() => planned(xs)),
          text,
        );
        return text;
      };
      /** Matrices [2, 3, n, n] of which [1, 2] is `odd`. */
      const batchWith = (made: (k: number) => Tensor, odd: Tensor): Tensor =>
        stack([0, 1].map((i) => stack([0, 1, 2].map((j) => (i === 1 && j === 2 ? odd : made(3 * i + j))))));
      const unit = (n: number): Tensor => eye(n, { dtype: 'float64', device });
      /** The unit matrix with another number in place (k, k). */
      const unitBut = (n: number, k: number, value: number): Tensor => {
        const data = Float64Array.from(values(unit(n)));
        data[k * (n + 1)] = value;
        return fromTypedArray(data, [n, n], { device });
      };

      it('a matrix of a batch without an inverse, by its place', () => {
        for (const [n, k] of PLACES) {
          const a = batchWith(() => flip(unit(n), 0), unitBut(n, k, 0));
          const b = draw([n, 2], 1);
          assert.match(refusal(inverse, a), /^inverse: .* got matrix \[1,2\] of the batch that has none$/);
          assert.match(refusal(solve, a, b), /^solve: .* got matrix \[1,2\] of the batch that has none$/);
          const lower = batchWith(() => unit(n), unitBut(n, k, -0));
          assert.match(
            refusal((x, y) => triangularSolve(x, y), lower, b),
            /^triangularSolve: .* got matrix \[1,2\] of the batch that has/,
          );
          assert.equal(
            message(() => triangularSolve(lower, b, { unit: true })),
            'nothing is refused',
          );
        }
      });

      it('a matrix of a batch that is not positive definite, by its place', () => {
        for (const [n, k] of PLACES)
          for (const value of [0, -1, NaN]) {
            const a = batchWith(() => unit(n), unitBut(n, k, value));
            assert.match(refusal(cholesky, a), /^cholesky: .* got matrix \[1,2\] of the batch that is not$/);
            assert.match(refusal(cholesky, at(a, [1, 2])), /^cholesky: .* got a matrix that is not$/);
          }
      });

      it('nothing where all matrices are regular', () => {
        const a = batchWith(() => regular(draw([40, 40], 1)), regular(draw([40, 40], 2)));
        const b = draw([2, 3, 40, 1], 3);
        close(matmul(a, solve(a, b)), b, 1e-10);
        close(matmul(a, inverse(a)), broadcastTo(unit(40), a.shape), 1e-10);
        close(determinant(a), values(determinant(fromTypedArray(a.readSync(), a.shape, { device: reference }))), 1e-10);
        const l = cholesky(definite(a));
        close(matmul(l, swap(l)), definite(a), 1e-10);
        for (const { q, r } of [qr(a)]) close(matmul(q, r), a, 1e-10);
      });
    });

for (const simd of instances)
  describe(`the ${simd.build} kernels of matrices`, () => {
    it('write nothing outside of their results and of their scratch memory', () => {
      for (const [m, n] of [
        [1, 1],
        [2, 1],
        [3, 3],
        [7, 5],
        [20, 17],
        [37, 33],
        [70, 66],
      ] as const) {
        const { kernels } = simd;
        const memory = guarded(simd);
        const put = (count: number): Pointer => memory.putInts(new Int32Array(numbers(count, 1).buffer));
        const get = (x: Pointer, count: number): Float64Array =>
          new Float64Array(Int32Array.from(memory.getInts(x, 2 * count)).buffer);
        const scratch = memory.alloc(kernels.doublesScratch(m));
        const pivots = memory.putInts(new Int32Array(n));
        const [a, c, u, l] = [put(n * n), put(m * n), put(n * n), put(n * n)];
        kernels.multiplyDoubles(c, 8 * n, put(m * 3), 24, 8, put(3 * n), 8 * n, 8, m, n, 3, scratch);
        kernels.factorLu(a, n, pivots, scratch);
        kernels.solveFactored(a, n, pivots, put(n * 3), 3, scratch);
        for (const forward of [true, false]) kernels.substitute(a, 8 * n, 8, forward, true, put(n * m), n, m, scratch);
        kernels.readMatrix(u, put(n * n), 8, 8 * n, n, n, false);
        for (const single of [true, false]) kernels.cholesky(l, u, put(n * n), 8 * n, 8, n, single, scratch);
        for (const single of [true, false]) kernels.writeMatrix(put(n), put(n), n, single);
        const [q, r, spare] = [put(m * n), put(n * n), memory.alloc(kernels.qrScratch(n))];
        kernels.qr(c, q, r, spare, m, n, scratch);
        memory.check();
        assert.ok([...get(q, m * n), ...get(r, n * n)].every(Number.isFinite));
      }
    });

    it('need no more scratch memory for a product than threads have', () => {
      assert.ok(simd.kernels.doublesScratch(0) <= simd.kernels.gemmScratch());
    });
  });
