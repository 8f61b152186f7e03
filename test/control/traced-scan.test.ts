import assert from 'node:assert/strict';
import { add, compile, grad, mul, scan, sin, sum, type ScanOptions, type Tensor } from 'bigrad';
import fc from 'fast-check';
import { near } from '../support/close.js';
import { wave } from '../support/numbers.js';

describe('segments of a loop in a plan', () => {
  it('are the steps one after another, whether they fill the last one or not, from either end', () => {
    const f = (c: Tensor, xs: Tensor, how: ScanOptions): Tensor[] => {
      const [last, all] = scan((h: Tensor, x: Tensor) => [sin(add(mul(h, c), x)), mul(h, x)], c, xs, how);
      return [last, all];
    };
    const loss = (c: Tensor, xs: Tensor, how: ScanOptions): Tensor =>
      f(c, xs, how)
        .map((y) => sum(mul(y, sin(y))))
        .reduce((a, b) => add(a, b));
    const both = (how: ScanOptions) => (c: Tensor, xs: Tensor) => [
      ...f(c, xs, how),
      ...grad(([v, x]: Tensor[]) => loss(v!, x!, how))([c, xs]),
    ];
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        fc.boolean(),
        (n, segment, reverse) => {
          const [c, xs] = [wave([2]), wave([n, 2], 3)];
          const step = compile(both({ reverse, checkpoint: segment }));
          near(step(c, xs), both({ reverse })(c, xs), 1e-11);
        },
      ),
      { numRuns: 12, examples: [[7, 3, false], [7, 3, true]] }, // prettier-ignore
    );
  });

  it('run a step as often as the trace needs: once', () => {
    let runs = 0;
    const f = compile((h: Tensor, xs: Tensor) => scan((s: Tensor, x: Tensor) => (runs++, [add(s, x), null]), h, xs)[0]);
    near(f(wave([]), wave([5])), f(wave([]), wave([5])));
    assert.equal(runs, 1);
  });
});
