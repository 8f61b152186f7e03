import assert from 'node:assert/strict';
import fc from 'fast-check';
import { cast, grad, mul, randomKey, square, sum, type Tensor } from 'bigrad';
import { batchNorm2d } from 'bigrad/nn';
import { checkGrads } from 'bigrad/testing';
import { double, f64, tensors, wave } from '../support/numbers.js';
import { near, values } from '../support/close.js';

const key = randomKey(1);
const channels = 3;
const images = tensors([2, channels, 2, 3]);

/** The elements of each channel of [n, c, h, w]. */
function perChannel(x: Tensor): number[][] {
  const [, c, h, w] = x.shape as [number, number, number, number];
  return Array.from({ length: c }, (_, k) => values(x).filter((_, i) => Math.floor(i / (h * w)) % c === k));
}
const mean = (xs: number[]): number => xs.reduce((s, x) => s + x, 0) / xs.length;
const variance = (xs: number[], less = 0): number =>
  xs.reduce((s, x) => s + (x - mean(xs)) ** 2, 0) / (xs.length - less);

describe('batchNorm2d', () => {
  const layer = batchNorm2d(channels);
  const fresh = layer.init(key, double);

  it('starts with scale 1, shift 0, running mean 0 and running variance 1', () => {
    near(fresh, [1, 1, 1, 0, 0, 0]);
    near(layer.initState(fresh), [0, 0, 0, 1, 1, 1]);
    assert.equal(layer.initState(fresh).mean.dtype, 'float64');
    assert.equal(layer.init(key).scale.dtype, 'float32');
  });

  it('normalises every channel by its own batch statistics, then scales and shifts', () => {
    fc.assert(
      fc.property(images, tensors([channels]), tensors([channels]), (x, scale, shift) => {
        const [y] = layer.apply({ scale, shift }, x, layer.initState(fresh));
        perChannel(y).forEach((ys, k) => {
          const xs = perChannel(x)[k]!;
          const factor = values(scale)[k]! / Math.sqrt(variance(xs) + 1e-5);
          near(
            ys,
            xs.map((v) => (v - mean(xs)) * factor + values(shift)[k]!),
            1e-11,
          );
        });
      }),
    );
  });

  it('moves its state a tenth of the way to the mean and the unbiased variance, as PyTorch', () => {
    fc.assert(
      fc.property(images, images, fc.constantFrom(0, 0.1, 0.3, 1), (first, second, momentum) => {
        const moving = batchNorm2d(channels, momentum === 0.1 ? {} : { momentum });
        let state = moving.initState(fresh);
        const expected = { mean: [0, 0, 0], variance: [1, 1, 1] };
        for (const x of [first, second]) {
          state = moving.apply(fresh, x, state)[1];
          perChannel(x).forEach((xs, k) => {
            expected.mean[k] = (1 - momentum) * expected.mean[k]! + momentum * mean(xs);
            expected.variance[k] = (1 - momentum) * expected.variance[k]! + momentum * variance(xs, 1);
          });
          near(state.mean, expected.mean);
          near(state.variance, expected.variance);
        }
      }),
    );
  });

  it('agrees with a worked example: the batch 1, 2, 3, 4 has mean 2.5 and unbiased variance 5/3', () => {
    const one = batchNorm2d(1, { eps: 0 });
    const params = one.init(key, double);
    const [y, state] = one.apply(params, f64([[[[1, 2]]], [[[3, 4]]]]), one.initState(params));
    const unit = Math.sqrt(1.25);
    near(y, [-1.5 / unit, -0.5 / unit, 0.5 / unit, 1.5 / unit]);
    near(state, [0.25, 0.9 + (0.1 * 5) / 3]);
  });

  it('uses the state, and leaves it, when not training', () => {
    fc.assert(
      fc.property(images, tensors([channels]), tensors([channels]), (x, at, spread) => {
        const state = { mean: at, variance: square(spread) };
        const [y, after] = layer.apply(fresh, x, state, { training: false });
        assert.deepEqual(after, state);
        perChannel(y).forEach((ys, k) => {
          const unit = Math.sqrt(values(state.variance)[k]! + 1e-5);
          near(
            ys,
            perChannel(x)[k]!.map((v) => (v - values(at)[k]!) / unit),
            1e-11,
          );
        });
      }),
    );
  });

  it('is finite on a constant batch, and on one value per channel', () => {
    const constant = mul(cast(f64([[[[2]], [[2]], [[2]]]]), 'float64'), 1);
    const [y, state] = layer.apply(fresh, constant, layer.initState(fresh));
    near(y, [0, 0, 0]);
    near(state, [0.2, 0.2, 0.2, 0.9, 0.9, 0.9]);
    const g = grad((x: Tensor) => sum(square(layer.apply(fresh, x, layer.initState(fresh))[0])))(constant);
    near(g, [0, 0, 0]);
  });

  it('can be differentiated twice, and its new state not at all', () => {
    const x = wave([2, channels, 2, 2]);
    const state = layer.initState(fresh);
    checkGrads((p: typeof fresh, v: Tensor) => layer.apply(p, v, state)[0], [fresh, x], { tolerance: 1e-5 });
    checkGrads(
      (p: typeof fresh, v: Tensor) => layer.apply(p, v, layer.apply(p, x, state)[1], { training: false })[0],
      [fresh, x],
    );
    for (const which of ['mean', 'variance'] as const)
      near(
        grad((v: Tensor) => sum(layer.apply(fresh, v, state)[1][which]))(x),
        values(x).map(() => 0),
        0,
      );
  });
});
