import assert from 'node:assert/strict';
import { avgPool2d, mapTree, randomKey, relu, tanh, type Tensor } from 'bigrad';
import { batchNorm2d, compact, conv, flatten, linear, masked, residual, sequential } from 'bigrad/nn';
import { double, f64, wave } from '../../support/numbers.js';
import { near } from '../../support/close.js';
import { asIs, chain, blocks, started, agree, type Tree } from './nets.js';

describe('what compact removes', () => {
  const sizes = ({ report }: { report: readonly { kept: number; removed: number }[] }) =>
    report.map(({ kept, removed }) => [kept, removed]);
  const unit = (...w: number[]): Tensor => f64(w);

  it('is nothing where nothing is dead', () => {
    for (const net of [chain(1, true, relu), blocks()]) {
      const { params, state } = started(net, 1);
      const small = agree(net, params, [], state);
      assert.ok(small.report.every(({ removed }) => removed === 0));
      near(small.params, params, 0);
    }
  });

  it('is all but one channel of each layer where all is dead', () => {
    const net = chain(1, true, tanh);
    const { params, state } = started(net, 2);
    const masks = mapTree<Tree>((w) => (w.shape.length > 1 ? f64(0) : f64(1)), params);
    const small = agree(net, params, [masks], state);
    assert.deepEqual(sizes(small), [
      [1, 4],
      [1, 3],
      [1, 3],
      [2, 0],
    ]);
  });

  it('is what nobody reads, and what reads only such', () => {
    const net = sequential([linear(2, 3), tanh, linear(3, 3), tanh, linear(3, 1)]);
    const params = net.init(randomKey(1), double);
    const masks = [
      undefined,
      undefined,
      {
        weight: f64([
          [1, 1, 0],
          [1, 1, 0],
          [1, 1, 1],
        ]),
      },
      undefined,
      { weight: f64([[1, 1, 0]]) },
    ] as const;
    const small = compact(net, params, masks as never);
    assert.deepEqual(sizes(small), [
      [2, 1],
      [2, 1],
      [1, 0],
    ]);
    assert.deepEqual(
      small.report.map(({ path, name, why }) => `${path} ${name}: ${why}`),
      ['[0] linear: 1 read by none', '[2] linear: 1 read by none', '[4] linear: all stay: the network gives them'],
    );
    near(small.layer.apply(small.params, x0), masked(net, asIs).apply(params, masks, x0));
  });
  const x0 = wave([3, 2]);

  it('goes into a bias that is new where there was none', () => {
    const net = sequential([linear(1, 2), linear(2, 1, { bias: false })]);
    const params = [{ weight: f64([[1], [5]]), bias: unit(0, 3) }, { weight: f64([[1, 2]]) }] as never;
    const small = compact(net, params, [{ weight: f64([[1], [0]]) }, undefined] as never);
    near((small.params as { bias: Tensor }[])[1]!.bias, [6], 0);
    near(small.layer.apply(small.params, f64([[2]])), [8], 0);
  });

  it('is all constants but one before a convolution with padding, which gets their weights', () => {
    const net = sequential([conv(1, 4, 1), relu, conv(4, 1, 3, { padding: 1 })]);
    const params = net.init(randomKey(4), double);
    const dead = [{ weight: f64([[[[1]]], [[[0]]], [[[0]]], [[[0]]]]) }, undefined, undefined] as const;
    const own = [{ weight: params[0].weight, bias: unit(0.1, 2, 0.5, -1) }, undefined, params[2]] as typeof params;
    const small = compact(net, own, dead as never);
    assert.deepEqual(sizes(small), [
      [2, 2],
      [1, 0],
    ]);
    const image = wave([1, 1, 4, 4]);
    near(small.layer.apply(small.params, image), masked(net, asIs).apply(own, dead, image));
  });

  it('is no constant that zeros around an image have changed: by a convolution, or by a mean', () => {
    const image = wave([1, 1, 4, 4]);
    const dead = { weight: f64([[[[1]]], [[[0]]]]) };
    const padded = (v: Tensor): Tensor => avgPool2d(v, 3, { stride: 1, padding: 1 });
    for (const between of [conv(2, 2, 3, { padding: 1, bias: false }), padded] as const) {
      const net = sequential([conv(1, 2, 1), between as never, conv(2, 1, 1)]);
      const [first, second, third] = net.init(randomKey(4), double) as { weight: Tensor }[];
      // The second channel reads the constant alone.
      const apart = [
        dead,
        second && {
          weight: f64([
            [[[1]], [[0]]],
            [[[0]], [[1]]],
          ]),
        },
        undefined,
      ] as never;
      const own = [{ ...first!, bias: unit(0.3, 2) }, second, third] as never;
      const small = compact(net as never, own, apart);
      near(
        (small as never as Small).layer.apply(small.params, image),
        masked(net as never, asIs).apply(own, apart, image),
      );
      assert.deepEqual((small as never as Small).report.map(({ removed }) => removed).at(-1), 0);
    }
  });
  interface Small {
    readonly layer: { apply(params: unknown, x: Tensor): Tensor };
    readonly report: readonly { removed: number }[];
  }

  it('is a block of columns after flatten', () => {
    const net = sequential([conv(1, 3, 3), flatten, linear(12, 2)]);
    const params = net.init(randomKey(5), double);
    const small = compact(net, params, [{ weight: f64([[[[1]]], [[[0]]], [[[1]]]]) }, undefined, undefined] as never);
    assert.deepEqual(small.params[2].weight.shape, [2, 8]);
  });

  it('is a channel that a batch norm has silenced', () => {
    const net = sequential([conv(1, 3, 1), batchNorm2d(3), relu, conv(3, 1, 1)]);
    const params = net.init(randomKey(6), double);
    const masks = [undefined, { scale: unit(0, 1, 1) }, undefined, undefined] as never;
    assert.deepEqual(sizes(compact(net, params, masks, { state: net.initState(params) })), [
      [2, 1],
      [1, 0],
    ]);
  });

  it('is a channel of residual blocks that is dead in all branches, but not in one alone', () => {
    const net = sequential([conv(1, 2, 1), residual(conv(2, 2, 1)), conv(2, 1, 1)]);
    const params = net.init(randomKey(7), double);
    const state = net.initState(params);
    const row = f64([[[[1]]], [[[0]]]]);
    const both = [{ weight: row }, { path: { weight: row } }, undefined] as never;
    const one = [{ weight: row }, undefined, undefined] as never;
    assert.deepEqual(sizes(compact(net, params, both, { state })), [
      [1, 1],
      [1, 1],
      [1, 0],
    ]);
    assert.deepEqual(sizes(compact(net, params, one, { state })), [
      [2, 0],
      [2, 0],
      [1, 0],
    ]);
  });
});
