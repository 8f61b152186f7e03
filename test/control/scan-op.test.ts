import assert from 'node:assert/strict';
import { add, compile, cpu, grad, hvp, mul, scan, sin, sum, vmap, type Tensor } from 'bigrad';
import { defineOp, type One } from 'bigrad/extend';
import { loop, type Step } from '../../src/control/loop.js';
import { near } from '../support/close.js';
import { f64 } from '../support/numbers.js';

describe('a batch of loops in a plan', () => {
  it('is one loop, though its first capture is 0', () => {
    const zero = f64(0);
    const f = compile(vmap((x: Tensor) => scan((h: Tensor) => [add(h, add(x, zero)), h], x, null, { length: 3 })));
    near(f(f64([1, 2])), [4, 8, 1, 2, 3, 2, 4, 6]);
    assert.equal(f.stats!.ops['scan'], 1);
  });

  it('runs an op without a rule for batches on each example', () => {
    const twice = defineOp<One, null>({
      name: 'twice',
      shape: ([s]) => s,
      dtype: ([d]) => d,
      ref: (out, [{ data }]) => {
        data.forEach((v, i) => (out.data[i] = 2 * v));
      },
      vjp: null,
    });
    const f = (x: Tensor) => scan((h: Tensor) => [twice([h], null), null], x, null, { length: 3 })[0];
    near(compile(vmap(f))(f64([1, 2])), [8, 16]);
  });

  it('makes no step in examples whose guard is 0: what is carried stays, and slices are 0', () => {
    const step: Step = (_, [h], [x]) => ({ carry: [add(h!, x!)], ys: [mul(h!, x!)], totals: [] });
    const guarded = (h: Tensor, xs: Tensor, guard: Tensor): Tensor[] => {
      const { carry, ys } = loop(step, [h], [xs], { who: 'scan', device: cpu, length: 2, reverse: false, guard });
      return [...carry, ...ys];
    };
    const f = compile(vmap(guarded));
    const [h, xs] = [f64([1, 2, 3]), f64([[4, 5], [6, 7], [8, 9]])]; // prettier-ignore
    near(f(h, xs, f64([1, 0, -2])), [10, 2, 20, 4, 25, 0, 0, 24, 99]);
    near(f(h, xs, f64([0, 0, 0])), [1, 2, 3, 0, 0, 0, 0, 0, 0]);
  });

  it('keeps a gradient in its steps apart for each example, in derivatives too', () => {
    const one = (w: Tensor, row: Tensor): Tensor =>
      scan((h: Tensor) => [add(h, sin(grad((v: Tensor) => sum(sin(mul(v, row))))(w))), null], w, null, {
        length: 2,
      })[0];
    const rows = f64([[0.3, -0.8], [1.1, 0.7]]); // prettier-ignore
    const total = (w: Tensor): Tensor => sum(vmap((row: Tensor) => one(w, row))(rows));
    const w = f64([0.4, -0.2]);
    const apart = (u: Tensor): Tensor => add(sum(one(u, f64([0.3, -0.8]))), sum(one(u, f64([1.1, 0.7]))));
    const both = (f: (u: Tensor) => Tensor) => (u: Tensor) => [grad(f)(u), hvp(f, u, u)];
    near(compile(both(total))(w), both(apart)(w));
  });
});
