import assert from 'node:assert/strict';
import {
  compile,
  cond,
  exp,
  grad,
  greater,
  mul,
  neg,
  sin,
  square,
  stack,
  sum,
  tensor,
  vmap,
  type Tensor,
} from 'bigrad';
import { checkGrads } from 'bigrad/testing';
import { near, values } from '../support/close.js';
import { f64, wave } from '../support/numbers.js';

const k = f64([0.3, -0.4]);
/** One of two functions of x and a captured tensor, by the sign of the sum. */
const choice = (x: Tensor, c: Tensor = k): { y: Tensor } =>
  cond(
    greater(sum(x), 0),
    (v: Tensor) => ({ y: mul(sin(v), c) }),
    (v: Tensor) => ({ y: exp(mul(square(v), c)) }),
    x,
  );

describe('cond', () => {
  it('runs the one function that the condition names', () => {
    for (const [condition, side] of [
      [tensor(1), 'true'],
      [tensor(0), 'false'],
      [tensor(-0.5), 'true'],
      [tensor(3, { dtype: 'int32' }), 'true'],
      [true, 'true'],
      [false, 'false'],
      [0, 'false'],
      [2, 'true'],
    ] as const) {
      const ran: string[] = [];
      const got = cond(
        condition,
        (x: Tensor) => (ran.push('true'), x),
        (x) => (ran.push('false'), neg(x)),
        tensor(5),
      );
      assert.deepEqual([ran, values(got)], [[side], [side === 'true' ? 5 : -5]]);
    }
  });

  it('has the derivatives of the function that it ran, in captures too, to third order', () => {
    for (const x of [f64([0.5, 0.2]), f64([-0.5, 0.2])])
      checkGrads((v: Tensor, c: Tensor) => choice(v, c).y, [x, k], { order: 3 });
  });

  it('chooses for each example of a batch', () => {
    const x = wave([4, 2]);
    const rows = [0, 1, 2, 3].map((i) => f64([...x.readSync().slice(2 * i, 2 * i + 2)]));
    near(vmap((v: Tensor) => choice(v))(x), stack(rows.map((v) => choice(v).y)));
    const slope = grad((v: Tensor) => sum(choice(v).y));
    near(vmap(slope)(x), stack(rows.map(slope)));
  });

  it('runs one function for all examples where they share the condition', () => {
    const f = vmap((x: Tensor) =>
      cond(
        tensor(1),
        (v: Tensor) => mul(v, 2),
        () => assert.fail('not this one'),
        x,
      ),
    );
    near(f(tensor([1, 2])), [2, 4]);
  });

  it('is the same inside compile', () => {
    const f = compile((x: Tensor) => choice(x).y);
    const slope = compile(grad((x: Tensor) => sum(choice(x).y)));
    for (const x of [f64([0.5, 0.2]), f64([-0.5, 0.2])]) {
      near(f(x), choice(x).y);
      near(slope(x), grad((v: Tensor) => sum(choice(v).y))(x));
    }
    assert.equal(f.traces, 1);
  });
});
