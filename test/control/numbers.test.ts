import assert from 'node:assert/strict';
import {
  add,
  compile,
  cond,
  greater,
  less,
  mul,
  reference,
  scan,
  sum,
  tensor,
  to,
  whileLoop,
  type Tensor,
} from 'bigrad';
import { values } from '../support/close.js';

describe('a number among the arguments of a compiled function', () => {
  it('may be what a side of cond returns', () => {
    const f = (x: Tensor, a: number, b: number) =>
      mul(
        x,
        cond(
          greater(sum(x), 0),
          () => a,
          () => b,
        ),
      );
    const g = (x: Tensor, a: number) =>
      mul(
        x,
        cond(
          greater(sum(x), 0),
          () => a as unknown as Tensor,
          () => mul(sum(x), a),
        ),
      );
    for (const x of [tensor([1, 2]), tensor([-1, -2])])
      for (const there of [x, to(x, reference)]) {
        assert.deepEqual(values(compile(f)(there, 3, 5)), values(f(there, 3, 5)));
        assert.deepEqual(values(compile(g)(there, 3)), values(mul(x, values(x)[0]! > 0 ? 3 : -9)));
      }
  });

  it('may be what each step of scan returns', () => {
    const f = compile((xs: Tensor, k: number) => scan((s: Tensor, x: Tensor) => [add(s, x), { k }], tensor(0), xs));
    assert.deepEqual(values(f(tensor([1, 2]), 3)[1].k), [3, 3]);
  });

  it('stays what it is in what a loop carries', () => {
    const step = (c: { x: Tensor; by: number }) => ({ ...c, x: mul(c.x, c.by) });
    const f = (c: { x: Tensor; by: number }) => whileLoop((at) => less(sum(at.x), 50), step, c, { maxSteps: 9 });
    const start = { x: tensor([1]), by: 3 };
    const [a, b] = [compile(f)(start), f(start)];
    assert.deepEqual([values(a.x), a.by], [values(b.x), b.by]);
    assert.throws(
      () => compile((xs: Tensor, k: number) => scan((s, x: Tensor) => [add(s, x) as never, x], k, xs))(tensor([1]), 3),
      /^TypeError: scan: expected step to return a carry like the one that it got, got a number and a Tensor/,
    );
  });
});
