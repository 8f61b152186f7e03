import assert from 'node:assert/strict';
import {
  add,
  compile,
  cpu,
  grad,
  greater,
  mul,
  reference,
  stopGradient,
  sum,
  tanh,
  tensor,
  transpose,
  where,
  zeros,
  type Tensor,
} from 'bigrad';
import { startTrace } from '../../src/compile/trace.js';
import { reachableNodes } from '../support/reachable.js';
import { close, values } from '../support/close.js';
import { same } from '../support/same.js';

const x = tensor([0.5, -1, 2]);
const c = tensor([3, 4, 5]);

describe('what a compiled function captures', () => {
  it('is used as it is: tensors, views, and what it makes itself', () => {
    const table = tensor([
      [1, 4],
      [2, 5],
      [3, 6],
    ]);
    const f = (t: Tensor): Tensor[] => [
      mul(t, c),
      add(t, transpose(table)),
      add(t, zeros([3])),
      mul(tensor([1, 2, 3]), t),
    ];
    same(compile(f)(x), f(x));
    assert.equal(compile(f)(x).length, 4);
  });

  it('is what it was when the function was traced, though its variable goes on', () => {
    let rate = tensor(2);
    const f = compile((t: Tensor) => mul(t, rate));
    assert.deepEqual(values(f(x)), [1, -2, 4]);
    rate = tensor(10);
    assert.deepEqual(values(f(x)), [1, -2, 4]);
  });

  it('has the dtype of its numbers, if it is made of some', () => {
    for (const dtype of ['float32', 'float64', 'int32'] as const) {
      const trace = startTrace(cpu);
      const made = tensor([1, 2], { dtype, device: trace.backend });
      const { values: specs, constants } = trace.finish([made]);
      assert.deepEqual(
        [...constants.keys()].map((id) => specs[id]),
        [{ shape: [2], dtype }],
      );
    }
  });

  it('has to be on its device, also when it only passes it on', () => {
    const there = tensor([1, 2, 3], { device: reference });
    for (const f of [(t: Tensor) => add(t, there), () => there])
      assert.throws(() => compile(f)(x), /compile: expected captured tensors on cpu, got one on reference; move it/);
  });

  it('may be under a gradient: then it runs inline, each time anew', () => {
    for (const f of [
      (a: Tensor, t: Tensor) => mul(tanh(a), t),
      (a: Tensor, t: Tensor) => grad((s: Tensor) => sum(mul(mul(s, s), a)))(t),
    ]) {
      const through = (a: Tensor): Tensor => sum(compile((t: Tensor) => f(a, t))(c));
      close(grad(through)(x), grad((a: Tensor) => sum(f(a, c)))(x), 1e-6);
    }
  });

  it('may be under a gradient without being asked for one', () => {
    const f = (a: Tensor, t: Tensor): Tensor => where(greater(a, 0), t, stopGradient(mul(a, t)));
    const through = (a: Tensor): Tensor => sum(mul(a, compile((t: Tensor) => f(a, t))(c)));
    close(grad(through)(x), f(x, c), 1e-6);
  });

  it('may belong to a function that is being compiled', () => {
    const outer = compile((t: Tensor) => {
      const left = compile((s: Tensor) => mul(t, s));
      const right = compile((s: Tensor) => mul(s, t));
      const passed = compile((_: Tensor) => t);
      return [left(c), right(c), passed(c), compile(() => add(c, t), { device: cpu })()];
    });
    same(outer(x), [mul(x, c), mul(c, x), x, add(c, x)]);
    same(outer(c), [mul(c, c), mul(c, c), c, add(c, c)]);
    assert.equal(outer.traces, 1);
  });
});

describe('a function that cannot be compiled', () => {
  const looks: Record<string, (t: Tensor) => unknown> = {
    readSync: (t) => t.readSync(),
    'toArray of a result': (t) => tanh(t).readSync(),
    'a read in a gradient': (t) => grad((s: Tensor) => (s.readSync(), sum(s)))(t),
  };
  for (const [what, f] of Object.entries(looks))
    it(`is refused with what to do instead: ${what}`, () => {
      assert.throws(
        () => compile(f)(x),
        /^TypeError: compile: expected a function that does not look at values while it runs, got a read of a tensor inside it; return the tensor, or use where\(\)/,
      );
    });

  it('is refused when it awaits a value', async () => {
    let read: Promise<unknown> = Promise.resolve();
    const f = compile((t: Tensor) => {
      read = Promise.resolve().then(() => t.read());
      return t;
    });
    f(x);
    await assert.rejects(read, /expected functions without side effects, got a tensor that was kept/);
  });

  it('is refused when it compares or computes with a number that changes', () => {
    const message = /^TypeError: tensor: expected an op such as add\(\) or greater\(\), got an operator on a tensor/;
    assert.throws(() => compile((t: Tensor, n: number) => (n > 0 ? t : mul(t, 2)))(x, 1), message);
    assert.throws(() => compile((t: Tensor, n: number) => mul(t, n * 2))(x, 1), message);
    assert.throws(() => compile((t: Tensor, n: number) => mul(t, n + 2))(x, 1), message);
  });

  it('may print its tensors', () => {
    let text = '';
    compile((t: Tensor) => ((text = `${t}`), t))(x);
    assert.equal(text, 'float32[3] on a trace for cpu');
  });

  it('leaves no plan, no open transform and no memory of its values behind', () => {
    let fail = true;
    let inside = x;
    const f = compile((t: Tensor) => {
      grad((s: Tensor) => {
        inside = tanh(s);
        if (fail) throw new RangeError('not now');
        return sum(inside);
      })(t);
      return neverTwice(t);
    });
    const neverTwice = (t: Tensor): Tensor => mul(t, 2);
    for (let i = 0; i < 3; i++) assert.throws(() => f(x), /not now/);
    assert.deepEqual([f.traces, f.stats], [3, undefined]);
    assert.equal(
      inside.node!.scopes.some((s) => s.open),
      false,
    );
    fail = false;
    same(f(x), mul(x, 2));
    same(f(x), mul(x, 2));
    assert.equal(f.traces, 4);
    assert.equal(reachableNodes(f(x)), 0);
  });

  it('cannot keep a tensor: whoever uses it later is told', () => {
    let kept = x;
    const f = compile((t: Tensor) => (kept = tanh(t)));
    f(x);
    const message =
      /^TypeError: compile: expected functions without side effects, got a tensor that was kept while a compiled function was traced; return it instead/;
    for (const use of [
      () => kept.readSync(),
      () => tanh(kept),
      () => add(c, kept),
      () => add(kept, c),
      () => compile(tanh)(kept),
    ])
      assert.throws(use, message);
    for (const use of [(t: Tensor) => add(t, kept), (t: Tensor) => add(kept, t), () => mul(kept, 1)])
      assert.throws(() => compile(use)(x), message);
  });
});
