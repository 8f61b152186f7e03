import assert from 'node:assert/strict';
import {
  at,
  eye,
  add,
  broadcastTo,
  cholesky,
  compile,
  determinant,
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
  triangularSolve,
  type Backend,
  type Tensor,
} from 'bigrad';
import { eager } from '../../../../../support/builds.js';
import { close, values } from '../../../../../support/close.js';
import {
  sizes,
  numbers,
  drawOn,
  swap,
  definite,
  regular,
  triangle,
  type Draw,
} from '../../../../../support/matrices.js';

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
