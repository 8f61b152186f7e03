import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  abs,
  add,
  compile,
  div,
  grad,
  greater,
  less,
  mul,
  sqrt,
  sub,
  tensor,
  vmap,
  whileLoop,
  type Tensor,
} from 'bigrad';
import { checkGrads } from 'bigrad/testing';
import { flat, near, values } from '../support/close.js';
import { f64 } from '../support/numbers.js';

/** The square root by Newton's method, with as many steps as it needs. */
const root = (c: Tensor): Tensor =>
  whileLoop(
    (x: Tensor) => greater(abs(sub(mul(x, x), c)), 1e-13),
    (x) => mul(add(x, div(c, x)), 0.5),
    mul(c, 0.7),
    { maxSteps: 12 },
  );

/** How often 2 has to be taken from n before it is below 2, and what is left. */
const halves = (n: Tensor): { left: Tensor; times: Tensor } =>
  whileLoop(
    ({ left }) => greater(left, 1),
    ({ left, times }) => ({ left: sub(left, 2), times: add(times, 1) }),
    { left: n, times: mul(n, 0) },
    { maxSteps: 30 },
  );

describe('whileLoop', () => {
  it('goes on while its condition holds', () => {
    fc.assert(
      fc.property(fc.nat(40), (n) => {
        const { left, times } = halves(f64(n));
        assert.deepEqual([values(left), values(times)], [[n % 2], [Math.floor(n / 2)]]);
      }),
      { numRuns: 20 },
    );
  });

  it('stops after maxSteps', () => {
    let steps = 0;
    const forever = () =>
      whileLoop(
        () => tensor(1),
        (x) => (steps++, mul(x, 2)),
        tensor(1),
        { maxSteps: 7 },
      );
    near(forever(), 128);
    assert.equal(steps, 7);
  });

  it('makes no step where the condition does not hold, and asks it once', () => {
    let asked = 0;
    const none = whileLoop(
      (x) => (asked++, greater(x, 5)),
      () => assert.fail('no step was asked for'),
      tensor(1),
      { maxSteps: 3 },
    );
    assert.deepEqual([values(none), asked], [[1], 1]);
  });

  it('has the derivatives of the steps that it made, to third order', () => {
    checkGrads(root, [f64(3)], { order: 3, tolerance: 1e-5 });
    near(grad(root)(f64(4)), 0.25);
    near(grad(grad(root))(f64(4)), -1 / 32);
  });

  it('stops for each example of a batch by itself, and for what they share at once', () => {
    const c = f64([4, 9, 2]);
    near(vmap(root)(c), [2, 3, Math.SQRT2]);
    near(vmap(grad(root))(c), [1 / 4, 1 / 6, 1 / (2 * Math.SQRT2)]);
    const { left, times } = vmap(halves)(f64([7, 0, 2]));
    near([left, times], [1, 0, 0, 3, 0, 1]);
    let steps = 0;
    const counted = vmap((x: Tensor) =>
      whileLoop(
        ([k]) => less(k!, 3),
        ([k, y]) => (steps++, [add(k!, 1), mul(y!, 2)]),
        [f64(0), x],
        { maxSteps: 50 },
      ),
    );
    near(counted(c)[1], [32, 72, 16]);
    assert.equal(steps, 3);
  });

  it('stops inside compile, once all examples have', () => {
    const far = (x: Tensor) =>
      whileLoop(
        (y: Tensor) => less(y, 100),
        (y) => mul(y, 2),
        x,
        { maxSteps: 2 ** 40 },
      );
    near(compile(far)(f64(3)), 192);
    near(compile(vmap(far))(f64([3, 150, 0.5])), [192, 150, 128]);
  });

  it('stops after maxSteps inside compile, where its condition becomes part of the plan after some steps', () => {
    const sums = (x: Tensor, maxSteps: number) =>
      whileLoop(
        (y: Tensor) => less(y, 4),
        (y) => add(y, x),
        f64(0),
        { maxSteps },
      );
    for (const n of [1, 2, 3, 9]) near(compile((x: Tensor) => sums(x, n))(f64(1)), Math.min(n, 4));
  });

  it('has derivatives inside compile, whenever it stops', () => {
    // x y, which is NaN at 0: steps after the end get what the first one got.
    const power = (x: Tensor) =>
      whileLoop(
        (y: Tensor) => less(y, 100),
        (y) => div(mul(y, y), div(y, x)),
        x,
        { maxSteps: 9 },
      );
    const both = (x: Tensor) => [power(x), grad(power)(x), grad(grad(power))(x)];
    for (const x of [2, 5, 1.1, 200]) near(compile(both)(f64(x)), both(f64(x)));
    near(compile(vmap(both))(f64([2, 5, 1.1, 200])), vmap(both)(f64([2, 5, 1.1, 200])));
  });

  it('is the same inside compile', () => {
    near(compile(root)(f64(2)), Math.SQRT2);
    near(compile(grad(root))(f64(4)), 0.25);
    near(compile(vmap(grad(root)))(f64([4, 9])), [1 / 4, 1 / 6]);
  });

  it('has a derivative where it ends at a singular point, compiled and for each of a batch too', () => {
    // One step of x <- x - a sqrt(x), which ends at 0 for a = 1; there sqrt has no derivative.
    const left = (a: Tensor) =>
      whileLoop((x) => greater(x, 0), (x) => sub(x, mul(a, sqrt(x))), a, { maxSteps: 6 }); // prettier-ignore
    near(grad(left)(f64(1)), [-0.5]);
    near(compile(grad(left))(f64(1)), [-0.5]);
    const [one, half] = [grad(left)(f64(1)), grad(left)(f64(0.5))];
    near(vmap(grad(left))(f64([1, 0.5])), [...flat(one), ...flat(half)]);
  });

  it('is named in errors about its steps inside compile', () => {
    const read = (x: Tensor) =>
      whileLoop(
        (y: Tensor) => less(y, 9),
        (y) => mul(y, y.item()),
        x,
        { maxSteps: 3 },
      );
    assert.throws(() => compile(read)(f64(2)), { message: /^whileLoop: expected a function that does not look at/ });
  });
});
