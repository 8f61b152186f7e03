import assert from 'node:assert/strict';
import fc from 'fast-check';
import { randomKey, type Tensor } from 'bigrad';
import { conv } from 'bigrad/nn';
import { checkGrads } from 'bigrad/testing';
import { double, tensors, wave } from '../support/numbers.js';
import { near, values } from '../support/close.js';

const key = randomKey(1);

/** The definition of convolution, in plain loops. */
function convolve(x: Tensor, w: Tensor, stride: number, padding: number, dilation: number, groups: number): number[] {
  const [n, c, h, width] = x.shape as [number, number, number, number];
  const [o, cg, r, s] = w.shape as [number, number, number, number];
  const [X, W, y] = [values(x), values(w), [] as number[]];
  const span = (length: number, k: number): number =>
    Math.floor((length + 2 * padding - dilation * (k - 1) - 1) / stride) + 1;
  for (let b = 0; b < n; b++)
    for (let k = 0; k < o; k++)
      for (let p = 0; p < span(h, r); p++)
        for (let q = 0; q < span(width, s); q++) {
          let total = 0;
          for (let d = 0; d < cg; d++)
            for (let i = 0; i < r; i++)
              for (let j = 0; j < s; j++) {
                const [row, column] = [p * stride + i * dilation - padding, q * stride + j * dilation - padding];
                const channel = Math.floor(k / (o / groups)) * cg + d;
                if (row >= 0 && row < h && column >= 0 && column < width)
                  total += X[((b * c + channel) * h + row) * width + column]! * W[((k * cg + d) * r + i) * s + j]!;
              }
          y.push(total);
        }
  return y;
}

describe('conv', () => {
  it('is the sum over channels and window of x w, plus a bias per channel', () => {
    const options = fc.record({
      stride: fc.integer({ min: 1, max: 2 }),
      padding: fc.integer({ min: 0, max: 2 }),
      dilation: fc.integer({ min: 1, max: 2 }),
      groups: fc.constantFrom(1, 2),
      bias: fc.boolean(),
    });
    fc.assert(
      fc.property(options, tensors([2, 4, 5, 6]), tensors([2]), fc.nat(50), (o, x, bias, start) => {
        const weight = wave([2, 4 / o.groups, 2, 3], start);
        const y = conv(4, 2, [2, 3], o).apply(o.bias ? { weight, bias } : { weight }, x);
        const plain = convolve(x, weight, o.stride, o.padding, o.dilation, o.groups);
        const plane = y.size / 4;
        near(
          y,
          plain.map((v, i) => v + (o.bias ? values(bias)[Math.floor(i / plane) % 2]! : 0)),
        );
      }),
      { numRuns: 30 },
    );
  });

  it('has parameters [out, in / groups, r, s] and [out], within +-1 / sqrt(in / groups r s)', () => {
    const { weight, bias } = conv(8, 6, [2, 4], { groups: 2 }).init(key, double);
    assert.deepEqual([weight.shape, bias!.shape], [[6, 4, 2, 4], [6]]);
    const limit = 1 / Math.sqrt(32);
    for (const x of [...values(weight), ...values(bias!)]) assert.ok(Math.abs(x) <= limit);
    assert.ok(Math.max(...values(weight)) > 0.95 * limit);
    assert.deepEqual(conv(1, 1, 3).init(key).weight.shape, [1, 1, 3, 3]);
    assert.deepEqual(Object.keys(conv(1, 1, 3, { bias: false }).init(key)), ['weight']);
  });

  it('can be differentiated twice in weights, bias and images', () => {
    const layer = conv(2, 2, 2, { stride: 2, padding: 1 });
    checkGrads(layer.apply, [layer.init(key, double), wave([1, 2, 3, 3])], { order: 2 });
  });
});
