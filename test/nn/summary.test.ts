import assert from 'node:assert/strict';
import { matmul, randomKey, treeSize, zeros, type Tensor } from 'bigrad';
import {
  batchNorm2d,
  conv,
  dropout,
  flatten,
  linear,
  masked,
  maxPool2d,
  relu,
  sequential,
  smoothL0,
  summary,
} from 'bigrad/nn';
import { wrong } from '../support/refusals.js';

const block = sequential([conv(1, 2, 3), batchNorm2d(2), relu]);
const net = sequential([block, (x) => maxPool2d(x, 2), flatten, dropout(0.5), linear(8, 3)]);

describe('the summary of a network', () => {
  const params = net.init(randomKey(1));
  const table = summary(net, [5, 1, 6, 6]);

  it('lists its layers with the shapes that they give and the parameters that they have', () => {
    const [y] = net.apply(params, zeros([5, 1, 6, 6]), net.initState(params), { training: false });
    assert.deepEqual(table.output, y.shape);
    assert.equal(table.parameters, treeSize(params));
    assert.deepEqual(JSON.parse(JSON.stringify(table)), {
      input: [5, 1, 6, 6],
      output: [5, 3],
      parameters: 51,
      layers: [
        {
          path: '[0][0]',
          name: 'conv',
          output: [5, 2, 4, 4],
          parameters: 20,
          shapes: { weight: [2, 1, 3, 3], bias: [2] },
        },
        {
          path: '[0][1]',
          name: 'batchNorm2d',
          output: [5, 2, 4, 4],
          parameters: 4,
          shapes: { scale: [2], shift: [2] },
        },
        { path: '[0][2]', name: 'relu', output: [5, 2, 4, 4], parameters: 0, shapes: {} },
        { path: '[1]', name: 'function', output: [5, 2, 2, 2], parameters: 0, shapes: {} },
        { path: '[2]', name: 'flatten', output: [5, 8], parameters: 0, shapes: {} },
        { path: '[3]', name: 'dropout', output: [5, 8], parameters: 0, shapes: {} },
        { path: '[4]', name: 'linear', output: [5, 3], parameters: 27, shapes: { weight: [3, 8], bias: [3] } },
      ],
    });
  });

  it('is a Markdown table as text', () => {
    assert.equal(
      `${summary(sequential([linear(2, 3, { bias: false }), relu]), [4, 2])}`,
      [
        '| layer      | output | parameters | shapes        |',
        '| ---------- | ------ | ---------- | ------------- |',
        '| [0] linear | [4, 3] | 6          | weight [3, 2] |',
        '| [1] relu   | [4, 3] | 0          |               |',
        '| total      | [4, 3] | 6          |               |',
      ].join('\n'),
    );
  });

  it('is that of one layer, of one without a name, of one of another dtype, and of a masked network', () => {
    const own = { init: () => zeros([7]), apply: (_: Tensor, x: Tensor) => x };
    assert.deepEqual(
      summary(linear(2, 3), [2]).layers.map(({ path, name }) => [path, name]),
      [['', 'linear']],
    );
    assert.deepEqual(summary(own, [4, 2]).layers, [
      { path: '', name: 'layer', output: [4, 2], parameters: 7, shapes: { '': [7] } },
    ]);
    assert.deepEqual(summary(net, [5, 1, 6, 6], { dtype: 'float64' }), table);
    assert.deepEqual(summary(masked(net, smoothL0(0.1)), [5, 1, 6, 6]), table);
    assert.deepEqual(summary(masked(linear(2, 3), smoothL0(0.1)), [4, 2]), summary(linear(2, 3), [4, 2]));
  });

  it('computes nothing: a network of any size has one', () => {
    const huge = sequential([linear(2 ** 15, 2 ** 15), (x) => matmul(x, x)]);
    assert.equal(summary(huge, [2 ** 15, 2 ** 15]).parameters, 2 ** 30 + 2 ** 15);
  });

  it('names the place where a layer does not fit, or looks at values', () => {
    assert.throws(() => summary(net, [5, 1, 8, 8]), {
      name: 'RangeError',
      message: 'sequential[4] linear: expected x [..., 8], got [5,18]',
    });
    assert.throws(() => summary(sequential([net]), [5, 2, 8, 8]), {
      message: 'sequential[0][0][0] conv: expected x [n,1,h,w], got [5,2,8,8]',
    });
    const reads = sequential([(x) => (x.readSync(), x)]);
    assert.throws(() => summary(reads, [1]), {
      name: 'TypeError',
      message: 'sequential[0] summary: expected layers that do not look at values, got a read of a tensor',
    });
    assert.throws(() => summary(wrong({}), [1]), { message: 'summary: expected a layer, got an object' });
  });
});
