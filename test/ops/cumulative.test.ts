import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  cpu,
  cummax,
  cumprod,
  fromTypedArray,
  grad,
  mul,
  reference,
  sum,
  tensor,
  zeros,
  type Backend,
  type Tensor,
} from 'bigrad';
import { checkGrads } from 'bigrad/testing';
import { agree } from '../support/agree.js';
import { eager } from '../support/builds.js';
import { integer, shapes, special, views } from '../support/arbitraries.js';
import { close, values } from '../support/close.js';

const f64 = (xs: readonly number[], device: Backend = cpu): Tensor => tensor(xs, { device, dtype: 'float64' });
const row = fc.array(integer(), { minLength: 1, maxLength: 9 });

for (const device of [cpu, reference])
  describe(`scans, on ${device.name}`, () => {
    it('are products and maxima of what came before, either way', () => {
      fc.assert(
        fc.property(row, (xs) => {
          const before = xs.map((_, i) => xs.slice(0, i + 1));
          const t = f64(xs, device);
          close(
            cumprod(t),
            before.map((ys) => ys.reduce((a, b) => a * b, 1)),
          );
          close(
            cummax(t),
            before.map((ys) => Math.max(...ys)),
          );
          const turned = f64([...xs].reverse(), device);
          for (const f of [cummax, cumprod])
            assert.deepEqual(values(f(t, 0, { reverse: true })), values(f(turned)).reverse());
        }),
        { numRuns: 30 },
      );
    });

    it('keep NaN, the sign of zero, and the digits of integers', () => {
      assert.deepEqual(values(cummax(f64([1, NaN, 2, NaN], device))), [1, NaN, NaN, NaN]);
      assert.deepEqual(values(cumprod(f64([-1, 0, -1], device))), [-1, -0, 0]);
      const largest = 2 ** 31 - 1; // whose square is 1 modulo 2^32
      const integers = tensor([largest, largest, largest, 3], { dtype: 'int32', device });
      assert.deepEqual(values(cumprod(integers)), [largest, 1, largest, largest - 2]);
      assert.deepEqual(values(cummax(integers, 0, { reverse: true })), [largest, largest, largest, 3]);
    });
  });

for (const device of [cpu, ...eager])
  describe(`scans on ${device.name} agree with the reference`, () => {
    for (const dtype of ['float32', 'float64'] as const)
      it(`along any axis of any view of ${dtype}, with their derivatives`, () => {
        const cases = shapes(3, 9)
          .filter((shape) => shape.length > 0)
          .chain((shape) => fc.tuple(views(shape, special(), dtype), fc.nat(shape.length - 1), fc.boolean()));
        fc.assert(
          fc.property(cases, ([x, axis, reverse]) => {
            for (const f of [cummax, cumprod]) {
              const way = (t: Tensor) => f(t, axis - x.shape.length, { reverse });
              const slope = grad((t: Tensor) => sum(mul(way(t), t)));
              agree([x], (t) => [way(t), slope(t)], dtype, [device, reference]);
            }
          }),
          { numRuns: 30 },
        );
      });
  });

describe('the derivative', () => {
  it('of cumprod is exact at zeros, to third order', () => {
    for (const reverse of [false, true])
      for (const xs of [
        [0.5, 0, -1.5, 0, 2],
        [0, 3],
      ])
        checkGrads((x: Tensor) => cumprod(x, 0, { reverse }), [f64(xs)], { order: 3 });
  });

  it('of cumprod stays finite where products leave float32', () => {
    const halves = Float32Array.from({ length: 400 }, (_, i) => (i < 200 ? 0.5 : 2));
    const slopes = values(grad((x: Tensor) => sum(cumprod(x)))(fromTypedArray(halves, [400])));
    assert.ok(Math.abs(slopes[399]! - 0.5) < 1e-6); // 2^-1: all others
    assert.ok(slopes.every(Number.isFinite));
  });

  it('of cummax goes to the last of ties, as in PyTorch', () => {
    assert.deepEqual(values(grad((x: Tensor) => sum(cummax(x)))(f64([1, 1, 0]))), [1, 2, 0]);
    assert.deepEqual(values(grad((x: Tensor) => sum(cummax(x, 0, { reverse: true })))(f64([0, 1, 1]))), [0, 2, 1]);
  });

  it('is there for axes of one element and of none', () => {
    for (const f of [cummax, cumprod])
      for (const shape of [
        [2, 1],
        [2, 0],
        [0, 3],
      ]) {
        assert.deepEqual(f(zeros(shape)).shape, shape);
        assert.deepEqual(grad((x: Tensor) => sum(f(x)))(zeros(shape)).shape, shape);
      }
  });
});
