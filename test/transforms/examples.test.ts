import assert from 'node:assert/strict';
import {
  add,
  customVjp,
  grad,
  linearize,
  mul,
  reshape,
  square,
  stack,
  stopGradient,
  sum,
  tensor,
  vjp,
  vmap,
  type Tensor,
} from 'bigrad';
import { close } from '../support/close.js';

describe('tensors that f keeps for itself', () => {
  const x = tensor([1, 2, 3], { dtype: 'float64' });
  const kept =
    /^TypeError: vmap: expected a function without side effects, got a tensor that was kept while it ran; return it instead/;
  /** What one run keeps. */
  const keep = <T>(f: (v: Tensor) => T): T => {
    let leaked: T | undefined;
    vmap((v: Tensor) => ((leaked = f(v)), v))(x);
    return leaked!;
  };

  it('are refused by ops, reads and transforms once it has returned', async () => {
    const leaked = keep((v) => mul(v, 2));
    assert.throws(() => add(leaked, 1), kept);
    assert.throws(() => add(x, leaked), kept);
    assert.throws(() => stopGradient(reshape(leaked, [1])), kept);
    assert.throws(() => leaked.readSync(), kept);
    await assert.rejects(leaked.read(), kept);
    assert.throws(() => grad((y: Tensor) => mul(leaked, y))(tensor(2, { dtype: 'float64' })), kept);
    assert.throws(() => grad((y: Tensor) => square(y))(leaked), kept);
    assert.throws(() => vmap((y: Tensor) => mul(leaked, y))(x), kept);
    assert.throws(() => vmap(() => leaked, { size: 2 })(), kept);
    assert.match(String(leaked), /^float64\[\] on 3 examples of vmap on cpu$/);
  });

  it('also what all examples share, and after an error', () => {
    assert.throws(
      () =>
        add(
          keep(() => tensor(1, { dtype: 'float64' })),
          keep((v) => v),
        ),
      kept,
    );
    let leaked: Tensor | undefined;
    const failing = vmap((v: Tensor) => {
      leaked = v;
      throw new Error('late');
    });
    assert.throws(() => failing(x), /late/);
    assert.throws(() => add(leaked!, 1), kept);
  });

  it('also pullbacks and pushforwards', () => {
    const one = tensor(1, { dtype: 'float64' });
    const pull = keep((v) => vjp((u: Tensor) => square(u), v)[1]);
    assert.throws(() => pull(one), kept);
    const push = keep((v) => linearize((u: Tensor) => square(u), v)[1]);
    assert.throws(() => push(one), kept);
  });

  it('are of use while an outer vmap runs, and in derivatives that are pulled later', () => {
    const rows = stack([x, mul(x, 2)]);
    const outer = vmap((row: Tensor) => {
      const doubled = mul(row, 2);
      return add(vmap((v: Tensor) => mul(v, sum(doubled)))(row), doubled);
    });
    close(outer(rows), [14, 28, 42, 52, 104, 156]);
    const [, pull] = vjp((r: Tensor) => vmap((row: Tensor) => vmap((v: Tensor) => square(v))(row))(r), rows);
    for (let i = 0; i < 2; i++) close(pull(rows), [2, 8, 18, 8, 32, 72]);
  });

  it('are refused again after a derivative was pulled, and after one that failed', () => {
    let leaked: Tensor | undefined;
    let fails = false;
    const rule = customVjp(
      (v: Tensor) => square(v),
      (g: Tensor, v) => {
        if (fails) throw new Error('late');
        return mul(g, mul(v, 2));
      },
    );
    const [, pull] = vjp((v: Tensor) => vmap((e: Tensor) => (leaked = rule(e)))(v), x);
    close(pull(x), [2, 8, 18]);
    assert.throws(() => add(leaked!, 1), kept);
    fails = true;
    assert.throws(() => pull(x), /late/);
    assert.throws(() => add(leaked!, 1), kept);
  });
});
