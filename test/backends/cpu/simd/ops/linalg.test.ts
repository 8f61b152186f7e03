import assert from 'node:assert/strict';
import {
  add,
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
  leaves,
  logDeterminant,
  matmul,
  mul,
  qr,
  reference,
  solve,
  stack,
  transpose,
  triangularSolve,
  type Backend,
  type Tensor,
} from 'bigrad';
import { builds, eager } from '../../../../support/builds.js';
import { close, values } from '../../../../support/close.js';
import type { Pointer } from '../../../../../src/backends/cpu/simd/wasm/kernels.js';
import { guarded, instances } from '../guarded.js';

/** Sizes on either side of blocks: of tiles, panels, halves and blocks of reflections. */
const sizes = [1, 2, 3, 5, 8, 9, 16, 17, 31, 33, 64, 65, 100];

/** Numbers between -1 and 1 that look like chance. */
function numbers(count: number, seed: number): Float64Array {
  let state = 1 + seed;
  return Float64Array.from({ length: count }, () => {
    state = (state * 48271) % 2147483647;
    return (2 * state) / 2147483647 - 1;
  });
}
type Draw = (shape: readonly number[], seed: number) => Tensor;
const drawOn =
  (device: Backend, dtype: 'float64' | 'float32'): Draw =>
  (shape, seed) => {
    const data = numbers(
      shape.reduce((a, b) => a * b, 1),
      seed,
    );
    return fromTypedArray(dtype === 'float64' ? data : Float32Array.from(data), [...shape], { device });
  };
const swap = (x: Tensor): Tensor =>
  transpose(x, [...x.shape.keys()].slice(0, -2).concat(x.shape.length - 1, x.shape.length - 2));
/** Symmetric matrices whose eigenvalues are above 0. */
const definite = (x: Tensor): Tensor =>
  add(matmul(x, swap(x)), eye(x.shape.at(-1)!, { dtype: x.dtype as 'float64', device: x.device }));

/** Matrices of no small pivots, each of which lies in another row than its column. */
const regular = (x: Tensor): Tensor => {
  const n = x.shape.at(-1)!;
  return flip(add(x, mul(eye(n, { dtype: x.dtype as 'float64', device: x.device }), 1 + Math.sqrt(n))), -1);
};
/** Of x a triangle with a diagonal of about 1, and NaN where it should not be read. */
function triangle(x: Tensor, lower: boolean, unit: boolean): Tensor {
  const n = x.shape[0]!;
  const data = Array.from(x.readSync(), (v, k) => {
    const [i, j] = [Math.floor(k / n), k % n];
    const counts = lower ? i > j : i < j;
    return counts ? v / n : i === j && !unit ? 1 + v / 2 : NaN;
  });
  const made = x.dtype === 'float64' ? Float64Array.from(data) : Float32Array.from(data);
  return fromTypedArray(made, [n, n], { device: x.device });
}

/** Asserts that functions of what `draw` gives are those of the reference, eager and compiled. */
function agrees(
  device: Backend,
  dtype: 'float64' | 'float32',
  tolerance: number,
  inputs: (draw: Draw) => Tensor[],
  f: (...xs: Tensor[]) => unknown,
): void {
  const [own, others] = [inputs(drawOn(device, dtype)), inputs(drawOn(reference, dtype))];
  const expected = leaves(f(...others));
  const planned = compile((xs: Tensor[]) => f(...xs) as Tensor);
  for (const got of [f(...own), planned(own)].map(leaves))
    got.forEach((x, i) => {
      close(x, expected[i]!, tolerance, `result ${i} of matrices ${own[0]!.shape.join('x')},`);
    });
}

for (const device of eager)
  for (const dtype of ['float64', 'float32'] as const)
    describe(`linear algebra in ${dtype} on ${device.name} is that of the reference, of any size`, () => {
      const tolerance = dtype === 'float64' ? 1e-10 : 1e-5;
      const each = (inputs: (draw: Draw, n: number) => Tensor[], f: (...xs: Tensor[]) => unknown): void => {
        for (const n of sizes) agrees(device, dtype, tolerance, (draw) => inputs(draw, n), f);
      };

      it('cholesky, of what is not quite symmetric too', () => {
        each((draw, n) => [definite(draw([2, n, n], n))], cholesky);
        each(
          (draw, n) => [add(definite(draw([n, n], n)), mul(draw([n, n], 5), 1e-3))],
          (a) => cholesky(swap(a)),
        );
      });

      it('solve and inverse, with exchanges of rows', () => {
        each((draw, n) => [regular(draw([2, n, n], n)), draw([2, n, 3], 1)], solve);
        each(
          (draw, n) => [regular(draw([n, n], n)), draw([n, n + 1], 1)],
          (a, b) => solve(swap(a), flip(b, 0)),
        );
        each((draw, n) => [regular(draw([2, n, n], 4))], inverse);
      });

      it('solve, of one matrix for a batch of right sides', () => {
        each(
          (draw, n) => [regular(draw([n, n], 3)), draw([3, n, 2], 1)],
          (a, b) => solve(broadcastTo(a, [3, ...a.shape]), b),
        );
      });

      it('determinant and logDeterminant', () => {
        each(
          (draw, n) => [mul(draw([2, n, n], n), 1 / Math.sqrt(n))],
          (a) => [determinant(a), logDeterminant(a)],
        );
      });

      it('triangularSolve, in all eight ways, which read no more than their triangle', () => {
        for (const lower of [true, false])
          for (const transposed of [true, false])
            for (const unit of [true, false])
              each(
                (draw, n) => [triangle(draw([n, n], n), lower, unit), draw([n, 11], 1), draw([n], 2)],
                (a, b, c) => [
                  triangularSolve(a, b, { lower, transposed, unit }),
                  triangularSolve(swap(a), c, { lower: !lower, transposed: !transposed, unit }),
                ],
              );
      });

      it('qr, square, tall and wide', () => {
        each(
          (draw, n) => [draw([2, n, n], n), draw([n + 3, n], n), draw([n, n + 2], n)],
          (...xs) => xs.map((x) => qr(x)),
        );
      });
    });

for (const device of eager)
  describe(`linear algebra in float64 on ${device.name}`, () => {
    const draw = drawOn(device, 'float64');
    const onReference = drawOn(reference, 'float64');

    it('solves what random matrices have mapped, with pivots anywhere', () => {
      for (const n of sizes) {
        const [a, b] = [draw([n, n], n), draw([n, 2], 1)];
        const product = matmul(
          onReference([n, n], n),
          fromTypedArray(solve(a, b).readSync(), [n, 2], { device: reference }),
        );
        close(product, onReference([n, 2], 1), 1e-9, `A x of ${n}`);
      }
    });

    it('takes the largest pivot of a column, so that digits are kept', () => {
      for (const n of sizes.filter((size) => size > 1)) {
        // Without exchanges 1 - 1e20 would be all that is left of the last row.
        const data = Float64Array.from(values(eye(n, { dtype: 'float64', device })));
        [data[0], data[n - 1], data[n * (n - 1)]] = [1e-20, 1, 1];
        const b = Float64Array.from({ length: n }, (_, i) => (i === n - 1 ? 2 : 1));
        const [a, right] = [fromTypedArray(data, [n, n], { device }), fromTypedArray(b, [n], { device })];
        close(solve(a, right), new Float64Array(n).fill(1), 1e-15, `x of ${n}`);
      }
    });

    it('multiplies views and batches that broadcast', () => {
      for (const n of sizes) {
        agrees(
          device,
          'float64',
          1e-12,
          (d) => [d([n, 70], n), d([70, n], 1)],
          (a, b) => [matmul(a, b), matmul(swap(b), swap(a))],
        );
        agrees(
          device,
          'float64',
          1e-12,
          (d) => [d([2, n, n + 1], n), d([n + 1, 4], 1)],
          (a, b) => [matmul(a, b), matmul(flip(a, -1), flip(b, [0, 1])), add(matmul(a, b), at(b, [0]))],
        );
      }
      agrees(device, 'float64', 1e-11, (d) => [d([70, 530], 1), d([530, 270], 2)], matmul);
    });

    it('multiplies NaN and infinities as the reference', () => {
      const special = [0, 1, -2, NaN, Infinity, -Infinity];
      const list = (count: number, seed: number) =>
        Float64Array.from(numbers(count, seed), (v) => special[Math.floor(Math.abs(v) * 24)] ?? v);
      for (const n of [3, 9, 18]) {
        const product = (d: Backend) =>
          matmul(
            fromTypedArray(list(n * n, 1), [n, n], { device: d }),
            fromTypedArray(list(n * n, 2), [n, n], { device: d }),
          );
        close(product(device), product(reference), 1e-12);
      }
    });

    it('has NaN in solutions and determinants where the reference has it', () => {
      for (const n of [3, 20]) {
        const of = (d: Backend) => {
          const a = Float64Array.from(numbers(n * n, 1));
          a[n + 1] = NaN;
          const b = Float64Array.from(numbers(2 * n, 2));
          b[3] = Infinity;
          const [x, y] = [fromTypedArray(a, [n, n], { device: d }), fromTypedArray(b, [n, 2], { device: d })];
          const regular = drawOn(d, 'float64')([n, n], 3);
          return [solve(x, y), solve(regular, y), determinant(x), triangularSolve(regular, y)].map(values);
        };
        of(device).forEach((got, i) => {
          close(got, of(reference)[i]!, 1e-9);
        });
      }
    });

    it('factors columns that depend on others, and numbers whose squares overflow', () => {
      for (const n of [2, 9, 40])
        for (const size of [1, 1e200, 1e-200]) {
          const thin = draw([n + 1, Math.ceil(n / 2)], n);
          const a = mul(matmul(thin, draw([Math.ceil(n / 2), n], 2)), size);
          const { q, r } = qr(a);
          close(mul(matmul(q, r), 1 / size), mul(a, 1 / size), 1e-12);
          close(matmul(swap(q), q), eye(n, { dtype: 'float64', device }), 1e-12);
          assert.ok(values(qr(mul(a, 0)).r).every((v) => v === 0));
        }
    });
  });

const message = (f: () => unknown): string => {
  try {
    f();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing is refused';
};

// The second has no memory for a whole batch.
for (const device of [...eager, ...builds.map((simd) => createCpu({ simd, leastWork: 0, scratchBytes: 80_000 }))])
  describe(`linear algebra on ${device.name} refuses`, () => {
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
      for (const [n, k] of [
        [1, 0],
        [2, 1],
        [17, 16],
        [40, 20],
        [40, 0],
      ] as const) {
        // prettier-ignore
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
      for (const [n, k] of [
        [1, 0],
        [2, 1],
        [17, 16],
        [40, 20],
        [40, 0],
      ] as const)
        // prettier-ignore
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
        // prettier-ignore
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
