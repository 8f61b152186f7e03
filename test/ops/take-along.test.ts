import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  add,
  cpu,
  dot,
  fromTypedArray,
  grad,
  mul,
  reference,
  scatterAdd,
  scatterSet,
  sum,
  takeAlong,
  tensor,
  zerosLike,
  type Tensor,
} from 'bigrad';
import { close, values } from '../support/close.js';

const [N, K] = [4, 5];
const floats = (n: number) => fc.array(fc.integer({ min: -9, max: 9 }), { minLength: n, maxLength: n });
const indices = fc.array(fc.integer({ min: -N, max: N - 1 }), { minLength: 2 * K, maxLength: 2 * K });

for (const device of [cpu, reference])
  describe(`takeAlong and its scatters, on ${device.name}`, () => {
    const t = (xs: number[], n: number): Tensor => fromTypedArray(Float64Array.from(xs), [2, n], { device });
    const at = (xs: number[]): Tensor => fromTypedArray(Int32Array.from(xs), [2, K], { device });
    const place = (i: number, k: number): number => Math.floor(k / K) * N + (i < 0 ? i + N : i);

    it('takeAlong takes what the indices say', () => {
      fc.assert(
        fc.property(floats(2 * N), indices, (x, is) => {
          assert.deepEqual(
            values(takeAlong(t(x, N), at(is))),
            is.map((i, k) => x[place(i, k)]),
          );
        }),
      );
    });

    it('scatterAdd is its adjoint: <takeAlong(x, i), y> = <x, scatterAdd(0, i, y)>', () => {
      fc.assert(
        fc.property(floats(2 * N), floats(2 * K), indices, (x, y, is) => {
          const back = scatterAdd(zerosLike(t(x, N)), at(is), t(y, K));
          close(dot(takeAlong(t(x, N), at(is)), t(y, K)), dot(t(x, N), back));
          close(grad((u: Tensor) => dot(takeAlong(u, at(is)), t(y, K)))(t(x, N)), back);
          close(scatterAdd(t(x, N), at(is), t(y, K)), add(t(x, N), back));
        }),
      );
    });

    it('scatterSet writes one after another, and has the derivative of what stays', () => {
      fc.assert(
        fc.property(floats(2 * N), floats(2 * K), indices, (x, y, is) => {
          const [written, from] = [[...x], new Array<number>(2 * N).fill(-1)];
          is.forEach((i, k) => {
            written[place(i, k)] = y[k]!;
            from[place(i, k)] = k;
          });
          const w = t(
            x.map((_, i) => i + 1),
            N,
          );
          assert.deepEqual(values(scatterSet(t(x, N), at(is), t(y, K))), written);
          const slopes = grad((xy: readonly Tensor[]) => sum(mul(scatterSet(xy[0]!, at(is), xy[1]!), w)));
          const [dx, dy] = slopes([t(x, N), t(y, K)]);
          assert.deepEqual(
            values(dx!),
            from.map((k, i) => (k < 0 ? i + 1 : 0)),
          );
          const place0 = y.map((_, k) => from.indexOf(k));
          assert.deepEqual(
            values(dy!),
            place0.map((i) => i + 1),
          );
        }),
      );
    });

    it('indices broadcast along the other axes', () => {
      const x = tensor(
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
        { device },
      );
      assert.deepEqual(values(takeAlong(x, tensor([[2, 0]], { dtype: 'int32', device }))), [3, 1, 6, 4]);
    });
  });
