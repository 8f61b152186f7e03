import assert from 'node:assert/strict';
import {
  add,
  cast,
  compile,
  cond,
  cpu,
  grad,
  greater,
  jacobian,
  mul,
  reference,
  scan,
  sum,
  tanh,
  tensor,
  vjp,
  zeros,
  type Tensor,
} from 'bigrad';
import { values } from '../support/close.js';
import { same } from '../support/same.js';

const x = tensor([1, 2]);
const z = tensor([0.5, -1, 2]);
const c = tensor([3, 4, 5]);

describe('the plans of a compiled function', () => {
  it('are as many as maxPlans, of which the longest unused goes first', () => {
    const f = compile((t: Tensor) => sum(t), { maxPlans: 2 });
    const traced = (n: number): number => (f(zeros([n])), f.traces);
    assert.deepEqual([1, 2, 1, 3, 1, 2, 3].map(traced), [1, 2, 2, 3, 3, 4, 5]);
  });

  it('tell what they cost', () => {
    const f = compile((t: Tensor) => mul(add(t, 1), t));
    assert.equal(f.stats, undefined);
    f(x);
    assert.equal(f.stats!.steps > 0 && f.stats!.bytes > 0 && f.stats!.buffers > 0, true);
    const there = f(tensor([1, 2], { device: reference }));
    assert.deepEqual(values(there), [2, 6]);
    assert.deepEqual([f.stats!.ops['add'], f.stats!.ops['mul'], f.stats!.bytes], [1, 1, 0]);
  });

  it('are not made by options that make no sense', () => {
    for (const donate of [[-1], [0.5], [NaN]]) assert.throws(() => compile(sum, { donate }), RangeError);
    for (const maxPlans of [0, 1.5, -1, NaN]) assert.throws(() => compile(sum, { maxPlans }), RangeError);
    assert.throws(() => compile(3 as never), /^TypeError: compile: expected a function, got the number 3/);
  });
});

describe('a large integer among the arguments of a compiled function', () => {
  it('may be any integer where no op takes it, and is refused call by call where one does', () => {
    const stamp = 1700000001;
    const f = (p: { w: Tensor; stamp: number }) => ({
      ...p,
      w: scan((s: typeof p) => [s, null], p, null, { length: 2 })[0].w,
    });
    const g = (p: { w: Tensor; stamp: number }) =>
      cond(
        greater(sum(p.w), 0),
        (q: typeof p) => q,
        (q) => ({ ...q, w: mul(q.w, 2) }),
        p,
      );
    const unused = (p: { w: Tensor; stamp: number }) => (mul(p.w, p.stamp), p);
    for (const device of [cpu, reference])
      for (const h of [f, g, unused]) {
        const compiled = compile(h);
        const w = tensor([1, 2], { device });
        for (const at of [1, stamp, stamp + 2]) assert.equal(compiled({ w, stamp: at }).stamp, at);
        assert.equal(compiled.traces, 1);
      }
    const asResult = compile((t: Tensor, n: number) => [t, cast(n as never, 'float32')]);
    for (const uses of [asResult, compile((t: Tensor, n: number) => [mul(t, n), n])]) {
      uses(x, 1);
      for (const _ of [1, 2])
        assert.throws(() => uses(x, stamp), /^RangeError: compile: expected numbers that float32/);
      uses(x, 2);
      assert.equal(uses.traces, 1);
    }
  });
});

describe('a compiled function in a compiled function', () => {
  it('runs inline: one plan in all, with what both do', () => {
    const inner = compile((t: Tensor, by: number) => mul(tanh(t), by), { donate: [0] });
    const outer = compile((t: Tensor) => add(inner(t, 3), inner(t, 3)));
    same(outer(z), add(mul(tanh(z), 3), mul(tanh(z), 3)), 1e-6);
    assert.deepEqual([inner.traces, outer.traces], [0, 1]);
    assert.equal(outer.stats!.ops['tanh'], 1);
  });

  it('is compiled on its own for arguments that do not depend on the outer ones', () => {
    const inner = compile((t: Tensor) => tanh(t));
    const outer = compile((t: Tensor) => mul(t, inner(c)));
    same(outer(z), mul(z, tanh(c)), 1e-6);
    assert.deepEqual([inner.traces, outer.stats!.steps], [1, 1]);
  });

  it('may be itself', () => {
    const power: (t: Tensor, n: string) => Tensor = compile((t: Tensor, n: string) =>
      n === '' ? t : mul(t, power(t, n.slice(1))),
    );
    same(power(z, 'xx'), mul(z, mul(z, z)));
  });
});

describe('a compiled function under a transform', () => {
  it('runs inline, so that derivatives of every order are those of the function', () => {
    const f = (t: Tensor): Tensor => sum(mul(tanh(t), t));
    const compiled = compile(f);
    same(grad(compiled)(z), grad(f)(z));
    same(jacobian(grad(compiled))(z), jacobian(grad(f))(z));
    same(vjp(compile(tanh), z)[1](c), vjp(tanh, z)[1](c));
    assert.equal(compiled.traces, 0);
    same(compiled(z), f(z), 1e-6);
    assert.equal(compiled.traces, 1);
  });
});
