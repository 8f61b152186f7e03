import assert from 'node:assert/strict';
import fc from 'fast-check';
import { at, compile, flip, grad, leaves, mul, randomKey, square, sum, vmap, type Tensor } from 'bigrad';
import { fromStateDict, gru, linear, lstm, masked, sequential, smoothL0, summary, toStateDict } from 'bigrad/nn';
import { double, wave } from '../support/numbers.js';
import { near, values } from '../support/close.js';

// Values and derivatives are compared with PyTorch's in test/oracle/nn.test.ts.

const key = randomKey(6);
const x = wave([2, 6, 3]);
const part = (t: Tensor, from: number, to: number): Tensor => at(t, [':', [from, to]]);

for (const [name, make, gates] of [
  ['gru', gru, 3],
  ['lstm', lstm, 4],
] as const)
  // prettier-ignore
  describe(name, () => {
    const layer = make(3, 4);
    const params = layer.init(key, double);
    const [y, last] = layer.run(params, x);

    it('goes on from its state: two parts give what the whole gives', () => {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 5 }), (n) => {
          const [first, state] = layer.run(params, part(x, 0, n));
          const [second, end] = layer.run(params, part(x, n, 6), state as never);
          near(first, part(y, 0, n));
          near(second, part(y, n, 6));
          near(end, last);
        }),
        { numRuns: 5 },
      );
    });

    it('gives the same backwards over rows that are turned round', () => {
      near(make(3, 4, { reverse: true }).apply(params, flip(x, 1)), flip(y, 1));
    });

    it('gives the same compiled, batched, without a batch, and with checkpoints', () => {
      near(compile((t: Tensor) => layer.apply(params, t))(x), y);
      near(vmap((t: Tensor) => layer.apply(params, t))(x), y);
      near(layer.apply(params, at(x, [0])), at(y, [0]));
      const slope = (l: typeof layer) => grad((p: typeof params) => sum(square(l.apply(p, x))))(params);
      near(slope(make(3, 4, { checkpoint: true })), slope(layer));
    });

    it('has the parameters and the names of PyTorch', () => {
      const record = toStateDict({ params });
      const shapes = Object.entries(record).map(([place, t]) => [place, t.shape]);
      assert.deepEqual(shapes, [
        ['weight_ih_l0', [4 * gates, 3]],
        ['weight_hh_l0', [4 * gates, 4]],
        ['bias_ih_l0', [4 * gates]],
        ['bias_hh_l0', [4 * gates]],
      ]);
      assert.deepEqual(fromStateDict(layer, record).params, params);
      assert.deepEqual(Object.keys(make(3, 4, { bias: false }).init(key)), ['inputWeight', 'hiddenWeight']);
      for (const p of leaves(params)) for (const v of values(p)) assert.ok(Math.abs(v) <= 0.5);
      assert.ok(Math.max(...leaves(params).flatMap(values)) > 0.45);
    });

    it('takes one bias without the other, checks the one that it has, and drops what stands beside a state', () => {
      const { hiddenBias, inputBias, ...weights } = params;
      const none = mul(hiddenBias!, 0);
      near(layer.apply({ ...weights, hiddenBias }, x), layer.apply({ ...weights, hiddenBias, inputBias: none }, x));
      near(layer.apply({ ...weights, inputBias }, x), layer.apply({ ...weights, inputBias, hiddenBias: none }, x));
      for (const wrong of ['inputBias', 'hiddenBias'])
        assert.throws(
          () => layer.apply({ ...weights, [wrong]: x }, x),
          new RegExp(`^RangeError: ${name}: expected ${wrong} \\[${4 * gates}\\], got \\[2,6,3\\]$`),
        );
      const state = name === 'lstm' ? { ...(last as object), more: 1 } : last;
      near(layer.run(params, x, state as never)[0], layer.run(params, x, last as never)[0]);
    });

    it('stands in a network, in a summary and behind masks', () => {
      const net = sequential([layer, (t: Tensor) => at(t, [':', -1]), linear(4, 1)]);
      const { parameters, output } = summary(net, [2, 6, 3]);
      assert.deepEqual([parameters, output], [4 * gates * (3 + 4 + 2) + 5, [2, 1]]);
      const gated = masked(layer, smoothL0(0.5));
      near(gated.apply(params, {}, x), y);
    });
  });
