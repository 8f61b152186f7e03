import assert from 'node:assert/strict';
import {
  abs,
  clamp,
  cpu,
  elu,
  grad,
  hvp,
  leakyRelu,
  max,
  maximum,
  maxPool2d,
  min,
  minimum,
  mul,
  pow,
  prod,
  reference,
  relu,
  reshape,
  sign,
  sum,
  tensor,
  where,
  type Tensor,
} from 'bigrad';
import { close, values } from '../support/close.js';

for (const device of [cpu, reference])
  describe(`at kinks, on ${device.name}, the derivative`, () => {
    const t = (data: number | number[]): Tensor => tensor(data, { device, dtype: 'float64' });
    const slope = (f: (x: Tensor) => Tensor, data: number[]): number[] =>
      values(grad((x: Tensor) => sum(f(x)))(t(data))).map((v) => v + 0); // no -0

    it('of abs at 0 is 0', () => {
      assert.deepEqual(slope(abs, [-2, -0, 0, 2]), [-1, 0, 0, 1]);
    });

    it('of sign is 0 everywhere', () => {
      assert.deepEqual(slope(sign, [-2, 0, 2]), [0, 0, 0]);
    });

    it('of relu at 0 is 0', () => {
      assert.deepEqual(slope(relu, [-1, -0, 0, 1e-300, 1]), [0, 0, 0, 1, 1]);
    });

    it('of leakyRelu at 0 is the slope, and of elu at 0 is alpha', () => {
      assert.deepEqual(
        slope((x) => leakyRelu(x, 0.25), [-1, 0, 1]),
        [0.25, 0.25, 1],
      );
      assert.deepEqual(
        slope((x) => elu(x, 0.5), [0, 1]),
        [0.5, 1],
      );
      close(slope(elu, [-1]), [Math.exp(-1)]);
    });

    it('of clamp at the limits is 1, outside 0', () => {
      assert.deepEqual(
        slope((x) => clamp(x, -1, 2), [-1.5, -1, 0, 2, 2.5]),
        [0, 1, 1, 1, 0],
      );
    });

    it('of maximum and minimum at a tie is a half on each side', () => {
      for (const f of [maximum, minimum]) {
        const [a, b] = grad((v: Tensor[]) => sum(f(v[0]!, v[1]!)))([t([1, 2, 3]), t([1, 3, 2])]);
        const first = f === maximum ? [0.5, 0, 1] : [0.5, 1, 0];
        assert.deepEqual([values(a!), values(b!)], [first, first.map((v) => 1 - v)]);
      }
    });

    it('of maximum(x, x) is 1', () => {
      assert.deepEqual(
        slope((x) => maximum(x, x), [1, -1]),
        [1, 1],
      );
    });

    it('of max and min is shared equally among ties', () => {
      assert.deepEqual(
        slope((x) => max(x), [3, 1, 3, 3]),
        [1 / 3, 0, 1 / 3, 1 / 3],
      );
      assert.deepEqual(
        slope((x) => min(x), [1, 3, 1, 2]),
        [0.5, 0, 0.5, 0],
      );
      assert.deepEqual(
        slope((x) => max(reshape(x, [2, 2]), 1), [1, 1, 0, 2]),
        [0.5, 0.5, 0, 1],
      );
    });

    it('of maxPool2d goes to the first of ties', () => {
      const pool = (x: Tensor): Tensor => maxPool2d(reshape(x, [1, 1, 2, 2]), 2);
      assert.deepEqual(slope(pool, [5, 5, 5, 5]), [1, 0, 0, 0]);
      assert.deepEqual(slope(pool, [1, 5, 5, 5]), [0, 1, 0, 0]);
    });

    it('of maxPool2d adds up where windows overlap', () => {
      const pool = (x: Tensor): Tensor => maxPool2d(reshape(x, [1, 1, 1, 3]), [1, 2], { stride: 1 });
      assert.deepEqual(slope(pool, [1, 2, 1]), [0, 2, 0]);
    });

    it('of x^n at 0 is what calculus says, in every order', () => {
      const power = (n: number) => (x: Tensor) => pow(x, n);
      assert.deepEqual(
        [0, 1, 2, 3].map((n) => slope(power(n), [0])[0]),
        [0, 1, 0, 0],
      );
      const second = (n: number): number => values(hvp((x: Tensor) => sum(pow(x, n)), t([0]), t([1])))[0]! + 0;
      assert.deepEqual([0, 1, 2, 3].map(second), [0, 0, 2, 0]);
    });

    it('of 0^y in y is 0 for y >= 0', () => {
      assert.deepEqual(
        slope((y) => pow(0, y), [0, 1, 2]),
        [0, 0, 0],
      );
      assert.deepEqual(
        slope((y) => pow(mul(y, 0), y), [1, 2]),
        [0, 0],
      );
    });

    it('of prod holds at zeros: one, two, and in the second order', () => {
      assert.deepEqual(
        slope((x) => prod(x), [0, 2, 3]),
        [6, 0, 0],
      );
      assert.deepEqual(
        slope((x) => prod(x), [0, 0, 3]),
        [0, 0, 0],
      );
      const h = hvp((x: Tensor) => prod(x), t([0, 0, 3]), t([1, 0, 0]));
      assert.deepEqual(values(h), [0, 3, 0]);
    });

    it('of the side that where leaves out is 0, even where it would not be finite', () => {
      assert.deepEqual(
        slope((x) => where(x, x, pow(where(x, 1, x), 0.5)), [0, 2]),
        [Infinity, 1],
      );
      assert.deepEqual(
        slope((x) => where(x, pow(where(x, x, 1), -1), x), [0, 2]),
        [1, -0.25],
      );
    });
  });
