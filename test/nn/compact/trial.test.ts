import assert from 'node:assert/strict';
import { add, avgPool2d, concat, div, mul, randomKey, relu, slice, softmax, square, sum, type Tensor } from 'bigrad';
import { compact, conv, layerNorm, linear, masked, sequential } from 'bigrad/nn';
import { double, f64, wave } from '../../support/numbers.js';
import { near } from '../../support/close.js';
import { asIs } from './nets.js';

const unit = (...w: number[]): Tensor => f64(w);

describe('what compact leaves after functions and layers', () => {
  it('is nothing after a function of how large x is, or of where a channel stands', () => {
    const apart = (v: Tensor): Tensor => {
      const half = Math.floor(v.shape[1]! / 2);
      return half === 0
        ? v
        : concat(
            [
              relu(slice(v, [0, 0, 0, 0], [v.shape[0]!, half, ...v.shape.slice(2)])),
              slice(v, [0, half, 0, 0], [v.shape[0]!, v.shape[1]! - half, ...v.shape.slice(2)]),
            ],
            1,
          );
    };
    const hardly = (v: Tensor): Tensor => div(v, add(1, mul(1e-6, sum(square(v), 1, { keepDims: true }))));
    const functions: ((v: Tensor) => Tensor)[] = [
      (v) => sum(v, [2, 3], { keepDims: true }),
      (v) => div(v, v.shape[0]!),
      (v) =>
        avgPool2d(v, 2, {
          padding: [
            [0, 1],
            [0, 1],
          ],
        }),
      apart,
      hardly,
    ];
    for (const between of functions) {
      const net = sequential([conv(1, 4, 1), between, conv(4, 1, 1)]);
      const [first, , last] = net.init(randomKey(9), double);
      const params = [{ ...first, bias: unit(1, -1, 2, -2) }, undefined, last] as never;
      const masks = [{ weight: f64([[[[1]]], [[[0]]], [[[0]]], [[[0]]]]) }, undefined, undefined] as never;
      const small = compact(net, params, masks);
      assert.ok(
        small.report.every(({ removed }) => removed === 0),
        String(between),
      );
      near(
        small.layer.apply(small.params, wave([3, 1, 5, 5])),
        masked(net, asIs).apply(params, masks, wave([3, 1, 5, 5])),
      );
    }
  });

  it('is nothing that a layer reads which is not known, or a function that mixes channels', () => {
    const words = (between: never): string[] => {
      const net = sequential([linear(2, 3), between, linear(3, 1)]);
      const params = net.init(randomKey(8), double);
      const masks = [{ weight: f64([[1], [0], [1]]) }, undefined, undefined] as never;
      const small = compact(net as never, params as never, masks) as unknown as { report: { why: string }[] };
      return small.report.map(({ why }) => why);
    };
    const last = 'all stay: the network gives them';
    assert.deepEqual(words(layerNorm(3) as never), ['all stay: layerNorm at [1] needs them all', last]);
    assert.deepEqual(words(((v: Tensor) => softmax(v, -1)) as never), [
      'all stay: a function at [1] may mix them',
      last,
    ]);
    assert.deepEqual(words({ ...linear(3, 3) } as never), ['all stay: linear at [1] needs them all', last]);
  });
});
