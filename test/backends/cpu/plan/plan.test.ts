import assert from 'node:assert/strict';
import {
  add,
  broadcastTo,
  compile,
  exp,
  flip,
  full,
  grad,
  mul,
  reshape,
  sin,
  slice,
  sum,
  tanh,
  tensor,
  transpose,
  zeros,
  type Tensor,
} from 'bigrad';
import { same } from '../../../support/same.js';
import { ran, stepsOf } from '../../../support/ran.js';

const x = tensor([
  [0.5, -1, 2],
  [1, 3, -2],
]);
/** Bytes of float32 buffers of `size` elements, on cache lines. */
const lines = (count: number, size: number): number => count * Math.ceil((4 * size) / 64) * 64;

describe('a plan', () => {
  it('works out beforehand what depends on no argument, and keeps room only for what it needs of that', () => {
    const table = full([1000], 2);
    const f = (t: Tensor): Tensor => mul(t, sum(mul(exp(table), add(table, broadcastTo(tensor(1), [1000])))));
    const { steps, buffers, bytes } = ran(f, [x], 1e-6);
    assert.deepEqual([steps, buffers], [1, 3]);
    assert.ok(bytes <= lines(2, 6) + 64);
    assert.equal(ran((t: Tensor) => mul(sin(add(t, table)), table), [tensor(1)], 1e-6).buffers, 5); // one of them for the table
    assert.equal(
      stepsOf(
        (_: Tensor) => [
          reshape(
            transpose(
              tensor([
                [1, 2],
                [3, 4],
              ]),
            ),
            [4],
          ),
          zeros([3]),
        ],
        x,
      ),
      0,
    );
  });

  it('copies nothing for views, but where a reshape cannot do without', () => {
    assert.equal(
      stepsOf((t: Tensor) => [flip(transpose(t)), slice(t, [0, 1], [2, 2]), broadcastTo(t, [2, 2, 3])], x),
      0,
    );
    assert.deepEqual(ran((t: Tensor) => reshape(transpose(t), [6]), [x], 1e-6).ops, { copy: 1 });
  });

  it('uses memory again: a chain takes two buffers, however long', () => {
    const chain = (length: number) => (t: Tensor) => {
      for (let i = 0; i < length; i++) t = tanh(sin(t));
      return t;
    };
    const wide = full([500], 0.3);
    for (const length of [2, 20]) {
      const { bytes, steps } = ran(chain(length), [wide], 1e-6);
      assert.equal(steps, 2 * length);
      assert.ok(bytes <= lines(2, 500), `${bytes} bytes`);
    }
  });

  it('counts results of constants, arguments and one another', () => {
    const k = tensor([1, 2]);
    same(compile((t: Tensor) => [t, t, k, transpose(t), grad((s: Tensor) => sum(mul(s, 2)))(t)])(x), [
      x,
      x,
      k,
      transpose(x),
      full([2, 3], 2),
    ]);
  });

  it('of five thousand steps is made and run without ado', function () {
    this.timeout(60_000);
    const f = (t: Tensor): Tensor => {
      const all = [t];
      for (let i = 0; i < 2500; i++) all.push(mul(all[i]!, 1 - i / 1e8));
      return all.reduce((a, b) => add(a, b));
    };
    const compiled = compile(f);
    same(compiled(x), f(x), 1e-5);
    assert.deepEqual(compiled.stats!.ops, { mul: 2500, add: 2500 });
  });
});
