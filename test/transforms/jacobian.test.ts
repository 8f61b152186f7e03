import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  cast,
  exp,
  grad,
  hessian,
  jacobian,
  matmul,
  mul,
  pow,
  sin,
  slice,
  square,
  stack,
  sum,
  tensor,
  zeros,
  type Tensor,
} from 'bigrad';
import { checkGrads } from 'bigrad/testing';
import { values } from '../support/close.js';
import { f64 } from '../support/numbers.js';

describe('jacobian and hessian', () => {
  it('are the matrices of closed forms', () => {
    const a = f64([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    const j = jacobian((x: Tensor) => matmul(a, x))(f64([7, 8]));
    assert.deepEqual(
      [j.shape, values(j)],
      [
        [3, 2],
        [1, 2, 3, 4, 5, 6],
      ],
    );
    const h = hessian((x: Tensor) =>
      sum(
        mul(
          x,
          matmul(
            f64([
              [1, 2],
              [0, 3],
            ]),
            x,
          ),
        ),
      ),
    )(f64([5, 6]));
    assert.deepEqual(
      [h.shape, values(h)],
      [
        [2, 2],
        [2, 2, 2, 6],
      ],
    );
  });

  it('have the shape of the result before that of the argument, also for scalars and nothing', () => {
    assert.deepEqual(jacobian((x: Tensor) => stack([x, x]))(zeros([3, 1])).shape, [2, 3, 1, 3, 1]);
    assert.deepEqual(jacobian((x: Tensor) => sum(x))(zeros([3])).shape, [3]);
    assert.deepEqual(jacobian((x: Tensor) => square(x))(zeros([0])).shape, [0, 0]);
  });

  it('of trees are trees of trees', () => {
    const h = hessian((p: { a: Tensor; b: Tensor; name: string }) => sum(mul(square(p.a), p.b)))({
      a: f64([1, 2]),
      b: f64([3, 4]),
      name: 'kept out',
    });
    assert.deepEqual(values(h.a.b), [2, 0, 0, 4]);
    assert.deepEqual(values(h.b.a), [2, 0, 0, 4]);
    assert.deepEqual(values(h.b.b), [0, 0, 0, 0]);
    assert.equal(h.name, undefined);
  });

  it('hold further arguments fixed, as grad does', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 3 }), fc.integer(), (v, n) => {
        const f = (x: Tensor, { b }: { b: Tensor }, by: number) => sum(mul(mul(pow(x, 3), b), by));
        const [x, rest] = [f64(v), { b: f64(v.map((a) => a + 1)) }];
        assert.deepEqual(values(jacobian(f)(x, rest, n)), values(jacobian((y: Tensor) => f(y, rest, n))(x)));
        assert.deepEqual(values(hessian(f)(x, rest, n)), values(hessian((y: Tensor) => f(y, rest, n))(x)));
        assert.deepEqual(values(jacobian(f)(x, rest, n)), values(grad(f)(x, rest, n)));
      }),
      { numRuns: 20 },
    );
    assert.deepEqual(values(hessian((x: Tensor, a: Tensor) => mul(mul(x, x), a))(f64(5), f64(3))), [6]);
  });

  it('get copies of further arguments, which they may write into', () => {
    const held = { a: f64([2]) };
    const writes = (x: Tensor, by: { a: Tensor }) => {
      by.a = mul(by.a, x);
      return sum(by.a);
    };
    assert.deepEqual([values(jacobian(writes)(f64([1]), held)), values(hessian(writes)(f64([1]), held))], [[2], [0]]);
    assert.deepEqual(values(held.a), [2]);
  });

  it('can be differentiated', () => {
    checkGrads((x: Tensor) => hessian((y: Tensor) => sum(exp(sin(y))))(x), [f64([0.3, 0.6])]);
  });

  it('are undefined at integers beside floats', () => {
    const { floats, integers } = jacobian((x: Tensor) => ({ integers: cast(x, 'int32'), floats: square(x) }))(
      f64([1, 2]),
    );
    assert.deepEqual(values(floats), [2, 0, 0, 4]);
    assert.equal(integers, undefined);
  });

  it('of a result without elements have none, in the dtype of the argument', () => {
    for (const dtype of ['float32', 'float64'] as const) {
      const rows = jacobian((x: Tensor) => slice(x, [0], [0]))(tensor([1, 2], { dtype }));
      assert.deepEqual([rows.shape, rows.dtype], [[0, 2], dtype]);
    }
  });
});
