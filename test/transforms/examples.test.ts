import assert from 'node:assert/strict';
import {
  add,
  checkpoint,
  compile,
  customVjp,
  grad,
  linearize,
  mul,
  reshape,
  scan,
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

  it('are refused by reads and transforms once it has returned, and so is what ops make of them', async () => {
    const leaked = keep((v) => mul(v, 2));
    for (const y of [add(leaked, 1), add(x, leaked), stopGradient(reshape(leaked, [1]))])
      assert.throws(() => y.readSync(), kept);
    assert.throws(() => leaked.readSync(), kept);
    await assert.rejects(leaked.read(), kept);
    assert.throws(() => grad((y: Tensor) => mul(leaked, y))(tensor(2, { dtype: 'float64' })), kept);
    assert.throws(() => grad((y: Tensor) => square(y))(leaked), kept);
    assert.throws(() => vmap((y: Tensor) => mul(leaked, y))(x).readSync(), kept);
    assert.throws(() => vmap(() => leaked, { size: 2 })().readSync(), kept);
    assert.match(String(leaked), /^float64\[\] on 3 examples of vmap on cpu$/);
  });

  it('also what all examples share, and after an error', () => {
    assert.throws(
      () =>
        add(
          keep(() => tensor(1, { dtype: 'float64' })),
          keep((v) => v),
        ).readSync(),
      kept,
    );
    let leaked: Tensor | undefined;
    const failing = vmap((v: Tensor) => {
      leaked = v;
      throw new Error('late');
    });
    assert.throws(() => failing(x), /late/);
    assert.throws(() => leaked!.readSync(), kept);
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

  it('are of use in what a checkpoint or a loop in a plan runs again, dead code too', () => {
    const p = tensor([0.3, -0.2], { dtype: 'float64' });
    const dropping = (v: Tensor, h: Tensor, q: Tensor): Tensor => (mul(v, q), mul(h, q));
    const twice = (f: (q: Tensor) => Tensor) => grad((q: Tensor) => sum(square(grad(f)(q))));
    const examples = (q: Tensor): Tensor => stack([q, mul(q, 2)]);
    // f of an example is q^3. The sum of both has the gradient 6 q^2, whose square is 36 q^4.
    const checked = (q: Tensor): Tensor =>
      sum(vmap((v: Tensor) => mul(q, checkpoint((h: Tensor) => dropping(v, h, q))(q)))(examples(q)));
    close(twice(checked)(p), [144 * 0.3 ** 3, 144 * (-0.2) ** 3]);
    const looped = (q: Tensor): Tensor =>
      sum(vmap((v: Tensor) => scan((h: Tensor) => [dropping(v, h, q), null], q, null, { length: 2 })[0])(examples(q)));
    close(compile(twice(looped))(p), twice(looped)(p));
    close(twice(looped)(p), [144 * 0.3 ** 3, 144 * (-0.2) ** 3]);
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
    assert.throws(() => leaked!.readSync(), kept);
    fails = true;
    assert.throws(() => pull(x), /late/);
    assert.throws(() => leaked!.readSync(), kept);
  });
});
