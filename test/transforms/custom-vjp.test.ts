import assert from 'node:assert/strict';
import { add, customVjp, grad, mul, square, sum, vmap, zeros, zerosLike, type Tensor } from 'bigrad';
import { checkGrads } from 'bigrad/testing';
import { values } from '../support/close.js';
import { f64 } from '../support/numbers.js';

describe('customVjp', () => {
  const cube = customVjp(
    ({ x, y }: { x: Tensor; y: Tensor }) => mul(square(x), y),
    (g, { x, y }) => ({ x: mul(g, mul(mul(x, y), 2)), y: mul(g, square(x)) }),
  );

  it('is differentiated by its own rule, to any order', () => {
    checkGrads((x: Tensor, y: Tensor) => cube({ x, y }), [f64([0.3, 0.4]), f64([1, 2])], { order: 3 });
  });

  it('calls its rule once for all inputs, and hands it arguments and result', () => {
    let calls = 0;
    const f = customVjp(
      ([a, b]: [Tensor, Tensor]) => mul(a, b),
      (g, [a, b], y) => {
        calls++;
        assert.deepEqual(values(y), [6]);
        return [mul(g, b), mul(g, a)];
      },
    );
    const [ga, gb] = grad((v: [Tensor, Tensor]) => sum(f(v)))([f64([2]), f64([3])]);
    assert.deepEqual([calls, ...values(ga), ...values(gb)], [1, 3, 2]);
  });

  it('may leave parts out, which count as zeros, and gives several outputs', () => {
    const f = customVjp(
      (x: Tensor) => ({ up: mul(x, 2), down: mul(x, -1) }),
      (g) => mul(g.up, 10),
    );
    assert.deepEqual(values(grad((x: Tensor) => sum(f(x).up))(f64([1, 2]))), [10, 10]);
    assert.deepEqual(values(grad((x: Tensor) => sum(f(x).down))(f64([1, 2]))), [0, 0]);
  });

  it('refuses a captured tensor that is being differentiated, but not a constant one', () => {
    const times = (z: Tensor) =>
      customVjp(
        (x: Tensor) => mul(x, z),
        (g) => mul(g, z),
      );
    assert.throws(
      () => grad((z: Tensor) => sum(times(z)(z)))(f64([2])),
      /customVjp: expected f to use only its argument/,
    );
    assert.deepEqual(values(grad((x: Tensor) => sum(times(f64([3]))(x)))(f64([2]))), [3]);
  });

  it('refuses a pullback that captures an example of a vmap, which may be passed in', () => {
    const [p, ws] = [f64(5), f64([1, 2, 3])];
    const loss = (f: (z: Tensor, w: Tensor) => Tensor) => (z: Tensor) => sum(vmap((w: Tensor) => f(z, w))(ws));
    const captures = loss((z, w) =>
      customVjp(
        (u: Tensor) => u,
        (g: Tensor) => mul(g, w),
      )(z),
    );
    assert.throws(() => grad(captures)(p), /^TypeError: customVjp: .* captures an example of a vmap; pass it in x/);
    const passed = loss((z, w) =>
      customVjp(
        ({ u }: { u: Tensor; v: Tensor }) => u,
        (g, { v }) => ({ u: mul(g, v), v: zerosLike(v) }),
      )({ u: z, v: w }),
    );
    assert.deepEqual(values(grad(passed)(p)), [1 + 2 + 3]);
  });

  it('refuses a rule whose result has another shape', () => {
    const f = customVjp(
      (x: Tensor) => x,
      () => zeros([3], { dtype: 'float64' }),
    );
    assert.throws(
      () => grad((x: Tensor) => sum(f(x)))(f64([1, 2])),
      /customVjp: expected the pullback to give float64 \[2\]/,
    );
  });

  it('counts absent tensors of a tree as zeros', () => {
    const f = customVjp(
      ({ a, b }: { a: Tensor; b: Tensor }) => add(square(a), square(b)),
      (g, { a }) => ({ a: mul(g, mul(a, 2)) }) as { a: Tensor; b: Tensor },
    );
    const { a, b } = grad((p: { a: Tensor; b: Tensor }) => sum(f(p)))({ a: f64([1, 2]), b: f64([3, 4]) });
    assert.deepEqual(
      [values(a), values(b)],
      [
        [2, 4],
        [0, 0],
      ],
    );
  });
});
