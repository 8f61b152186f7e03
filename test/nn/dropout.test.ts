import assert from 'node:assert/strict';
import fc from 'fast-check';
import { cast, compile, grad, mul, randomKey, sum, type Tensor } from 'bigrad';
import { dropout, linear, sequential } from 'bigrad/nn';
import { checkGrads } from 'bigrad/testing';
import { f64, wave } from '../support/numbers.js';
import { kindFor, refuses } from '../support/refuses.js';
import { near, values } from '../support/close.js';

const key = randomKey(3);
const run = (rate: number, x: Tensor, k = key): Tensor => dropout(rate).apply(undefined, x, undefined, { key: k })[0];

describe('dropout', () => {
  const rates = fc.double({ min: 0.05, max: 0.95, noNaN: true });

  it('zeroes its share of the elements and divides the others by 1 - rate', () => {
    fc.assert(
      fc.property(rates, fc.integer(), (rate, seed) => {
        const x = wave([40, 50]);
        const [before, after] = [values(x), values(run(rate, x, randomKey(seed)))];
        const kept = after.filter((v) => v !== 0).length;
        near(
          after,
          before.map((v, i) => (after[i] === 0 ? 0 : v / (1 - rate))),
        );
        const deviation = Math.sqrt(2000 * rate * (1 - rate));
        assert.ok(Math.abs(kept - 2000 * (1 - rate)) < 6 * deviation, `${kept} kept of 2000 at rate ${rate}`);
      }),
      { numRuns: 50 },
    );
  });

  it('draws every element by itself', () => {
    const rows = values(run(0.5, f64(new Array(400).fill(new Array(5).fill(1)))));
    const pairs = (gap: number): number => {
      const count = rows.length - gap;
      return rows.slice(0, count).filter((v, i) => v !== 0 && rows[i + gap] !== 0).length / count;
    };
    for (const gap of [1, 2, 5, 10, 100]) assert.ok(Math.abs(pairs(gap) - 0.25) < 0.05, `gap ${gap}: ${pairs(gap)}`);
  });

  it('depends on the key alone, and keeps the dtype', () => {
    const x = wave([10, 10]);
    near(run(0.5, x), run(0.5, x), 0);
    assert.notDeepEqual(values(run(0.5, x)), values(run(0.5, x, randomKey(4))));
    const single = run(0.3, cast(x, 'float32'));
    assert.equal(single.dtype, 'float32');
    near(single, run(0.3, x), 1e-6); // the same elements in both dtypes
  });

  it('may be compiled, with its key or its input captured', () => {
    const x = wave([10]);
    near(compile((v: Tensor) => run(0.5, v))(x), run(0.5, x), 0);
    near(compile((k: Tensor) => run(0.5, x, k))(key), run(0.5, x), 0);
  });

  it('does nothing outside training, or at rate 0, and then needs no key', () => {
    const x = wave([4]);
    assert.equal(dropout(0.5).apply(undefined, x, undefined, { training: false })[0], x);
    assert.equal(dropout(0.5).apply(undefined, x, undefined, { training: false, key })[0], x);
    assert.equal(dropout(0).apply(undefined, x, undefined)[0], x);
  });

  it('passes gradients where it passes values', () => {
    const x = wave([30]);
    const slope = grad((v: Tensor) => sum(run(0.4, v)))(x);
    near(mul(slope, x), run(0.4, x));
    checkGrads((v: Tensor) => run(0.4, v), [wave([6])]);
  });

  it('gets a key of its own for each place in a sequential', () => {
    const net = sequential([dropout(0.5), (x: Tensor): Tensor => x, dropout(0.5)]);
    const [y, state] = net.apply(
      [undefined, undefined, undefined],
      f64(new Array(400).fill(1)),
      net.initState([undefined, undefined, undefined]),
      { key },
    );
    const kept = values(y).filter((v) => v !== 0).length;
    assert.ok(kept > 60 && kept < 140, `${kept} of 400 kept by both; a quarter expected`);
    assert.deepEqual(state, [undefined, undefined, undefined]);
    const trained = sequential([linear(2, 2), dropout(0.5)]);
    const params = trained.init(key, { dtype: 'float64' });
    const still = trained.apply(params, wave([3, 2]), trained.initState(params), { training: false })[0];
    near(still, linear(2, 2).apply(params[0], wave([3, 2])), 0);
  });

  it('refuses rates outside 0 .. 1, training without a key, and what is no tensor', () => {
    for (const bad of [-0.1, 1, NaN, Infinity, undefined as never])
      refuses(() => dropout(bad), kindFor(bad), 'dropout:', 'below 1', String(bad));
    const { apply } = dropout(0.5);
    refuses(() => apply(undefined, f64(1), undefined), TypeError, 'dropout:', 'key', 'none');
    refuses(() => apply(undefined, f64(1), undefined, { training: true }), TypeError, 'dropout:', 'key', 'none');
    refuses(() => apply(undefined, 3 as never, undefined, { key }), TypeError, 'dropout:', 'tensor', 'number 3');
    refuses(() => apply(undefined, f64(1), undefined, { key: f64(1) }), TypeError, 'key', 'float64');
  });
});
