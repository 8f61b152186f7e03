import assert from 'node:assert/strict';
import { add, cond, greater, less, mul, neg, tensor, vmap, whileLoop, type Tensor } from 'bigrad';
import { near } from '../support/close.js';
import { f64 } from '../support/numbers.js';

describe('a condition in a batch', () => {
  it('that all examples share is looked at: cond runs one function', () => {
    const f = (x: Tensor, c: Tensor) =>
      cond(
        greater(c, 0),
        (v: Tensor) => mul(v, 2),
        () => assert.fail('not this one'),
        x,
      );
    near(vmap(f, { in: [0, null] })(f64([1, 2]), f64(3)), [2, 4]);
    // The condition differs in the outer batch, and is shared in the inner one.
    const ran: string[] = [];
    const g = (x: Tensor, c: Tensor) =>
      cond(
        greater(c, 0),
        (v: Tensor) => (ran.push('true'), mul(v, 2)),
        (v) => (ran.push('false'), neg(v)),
        x,
      );
    near(vmap((c: Tensor) => vmap((x: Tensor) => g(x, c))(f64([1, 2])))(f64([3, -3])), [2, 4, -1, -2]);
    assert.deepEqual(ran, ['true', 'false']);
  });

  it('that all examples share ends whileLoop where it does not hold', () => {
    const twice = (x: Tensor, n: Tensor): Tensor => {
      const [, y] = whileLoop(
        ([k]) => less(k!, n),
        ([k, v]) => (steps++, [add(k!, 1), mul(v!, 2)]),
        [mul(n, 0), x],
        { maxSteps: 50 },
      );
      return y!;
    };
    let steps = 0;
    near(vmap(twice, { in: [0, null] })(f64([1, 3]), tensor(3)), [8, 24]);
    assert.equal(steps, 3);
  });

  it('that differs ends whileLoop where it holds in no example', () => {
    let steps = 0;
    const above = (x: Tensor) =>
      whileLoop(
        (y: Tensor) => less(y, 10),
        (y) => (steps++, mul(y, 2)),
        x,
        { maxSteps: 50 },
      );
    near(vmap(above)(f64([1, 6])), [16, 12]);
    assert.equal(steps, 4);
  });
});
