import assert from 'node:assert/strict';
import { add, compile, customVjp, grad, mul, scan, sin, sub, sum, vmap, type Tensor } from 'bigrad';
import { near } from '../support/close.js';
import { f64, wave } from '../support/numbers.js';

/** What the last of some steps h -> step(h) gives. */
const loop = (step: (h: Tensor) => Tensor, start: Tensor, length = 3): Tensor =>
  scan((h: Tensor) => [step(h), null], start, null, { length })[0];

describe('what the body of a loop captures', () => {
  it('is one value, however often it is used', () => {
    const f = compile((c: Tensor) => loop((h) => sub(mul(h, c), sin(mul(h, c))), f64(3), 1));
    near(f(f64(2)), 6 - Math.sin(6));
    assert.equal(f.stats!.ops['mul'], 1);
  });

  it('keeps a rule of its own in a batch of the step', () => {
    // The value is that of c, with three times its derivative.
    const three = customVjp(
      (c: Tensor) => c,
      (g) => mul(g, 3),
    );
    const f = (c: Tensor) =>
      sum(loop((h) => vmap((x: Tensor, v: Tensor) => mul(x, three(v)), { in: [0, null] })(h, c), f64([1, 2])));
    const c = f64(0.5);
    near(grad(f)(c), 3 * 9 * 0.25);
    near(compile(grad(f))(c), 3 * 9 * 0.25);
  });

  it('passes on its cotangents once, when it has them all', () => {
    let runs = 0;
    const same = customVjp(
      (c: Tensor) => c,
      (g) => (runs++, g),
    );
    const f = (x: Tensor): Tensor => {
      const c = same(mul(x, 2));
      return mul(
        loop((h) => add(h, c), c),
        c,
      );
    };
    near(compile(grad(f))(f64(3)), 96); // of 4 c^2 = 16 x^2
    assert.equal(runs, 1);
  });

  it('has to have values', () => {
    const c = wave([2]);
    const f = compile((x: Tensor) => loop((h) => add(h, c), x));
    compile((x: Tensor) => mul(x, 2), { donate: [0] })(c);
    assert.throws(() => f(wave([2])), /^TypeError: scan: expected a tensor with values, got one that was donated/);
  });
});

describe('tensors of the body of a loop', () => {
  it('cannot be read', () => {
    const f = compile((x: Tensor) => loop((h) => (h.readSync(), h), x));
    assert.throws(() => f(f64(1)), /^TypeError: scan: expected a function that does not look at values/);
  });

  it('are of no use after it', () => {
    let kept: Tensor | undefined;
    const f = compile((x: Tensor) => {
      const y = loop((h) => (kept = sin(h)), x);
      return add(y, kept!);
    });
    assert.throws(
      () => f(f64(1)),
      /^TypeError: scan: expected functions without side effects, got a tensor that was kept/,
    );
  });
});
