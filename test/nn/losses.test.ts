import assert from 'node:assert/strict';
import fc from 'fast-check';
import { grad, tensor, type Tensor } from 'bigrad';
import { binaryCrossEntropy, huber, meanSquaredError, type LossOptions } from 'bigrad/nn';
import { checkGrads } from 'bigrad/testing';
import { f64, list, number, wave } from '../support/numbers.js';
import { near } from '../support/close.js';

const n = 5;
const pairs = fc.tuple(list(n), list(n));

/** Each loss of two lists of numbers, and the same per element in plain arithmetic. */
const losses: [string, (p: Tensor, t: Tensor, o?: LossOptions) => Tensor, (p: number, t: number) => number][] = [
  ['meanSquaredError', meanSquaredError, (p, t) => (p - t) ** 2],
  ['huber', huber, (p, t) => (Math.abs(p - t) < 1 ? (p - t) ** 2 / 2 : Math.abs(p - t) - 0.5)],
  [
    'huber with delta 0.25',
    (p, t, o) => huber(p, t, { ...o, delta: 0.25 }),
    (p, t) => (Math.abs(p - t) < 0.25 ? (p - t) ** 2 / 2 : 0.25 * (Math.abs(p - t) - 0.125)),
  ],
  [
    'binaryCrossEntropy',
    binaryCrossEntropy,
    (z, t) => -t * Math.log(1 / (1 + Math.exp(-z))) - (1 - t) * Math.log(1 - 1 / (1 + Math.exp(-z))),
  ],
];

describe('losses', () => {
  for (const [name, loss, plain] of losses) {
    it(`${name}: is the mean, the sum or the list of its formula`, () => {
      fc.assert(
        fc.property(pairs, ([p, t]) => {
          const each = p.map((v, i) => plain(v, t[i]!));
          const total = each.reduce((s, v) => s + v, 0);
          near(loss(f64(p), f64(t)), total / n);
          near(loss(f64(p), f64(t), { reduction: 'mean' }), total / n);
          near(loss(f64(p), f64(t), { reduction: 'sum' }), total);
          near(loss(f64(p), f64(t), { reduction: 'none' }), each);
        }),
      );
      assert.deepEqual(loss(wave([2, 3]), wave([2, 3]), { reduction: 'none' }).shape, [2, 3]);
    });

    it(`${name}: can be differentiated twice, in both arguments`, () => {
      checkGrads((p: Tensor, t: Tensor) => loss(p, t), [f64([0.5, -2, 3]), f64([0.3, 0.7, 0.1])]);
    });
  }

  it('huber: joins its two parts with equal value and slope', () => {
    fc.assert(
      fc.property(number(0.1, 2), (delta) => {
        const at = (d: number): Tensor => huber(f64(d), f64(0), { delta });
        near(at(delta), (delta * delta) / 2);
        near(at(delta + 1e-9), at(delta - 1e-9), 1e-8);
        for (const d of [delta + 1e-9, delta - 1e-9, 10])
          near(grad((x: Tensor) => huber(x, f64(0), { delta }))(f64(d)), Math.min(d, delta), 1e-8);
      }),
    );
  });

  it('binaryCrossEntropy: stays finite for logits of any size, with gradient sigmoid(z) - t', () => {
    near(binaryCrossEntropy(tensor([1e4, -1e4]), tensor([0, 1]), { reduction: 'none' }), [1e4, 1e4], 1e-6);
    near(binaryCrossEntropy(tensor([1e4, -1e4]), tensor([1, 0]), { reduction: 'none' }), [0, 0], 1e-6);
    fc.assert(
      fc.property(number(-5, 5), number(0, 1), (z, t) => {
        near(grad((x: Tensor) => binaryCrossEntropy(x, f64(t)))(f64(z)), 1 / (1 + Math.exp(-z)) - t);
      }),
    );
  });
});
