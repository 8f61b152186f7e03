import assert from 'node:assert/strict';
import fc from 'fast-check';
import { add, randomKey, relu, tanh, type Tensor } from 'bigrad';
import { batchNorm2d, compact, dropout, flatten, linear, residual, sequential } from 'bigrad/nn';
import { double, tensors, wave } from '../support/numbers.js';
import { near } from '../support/close.js';
import { refuses } from '../support/refuses.js';

const key = randomKey(4);

describe('residual', () => {
  it('is the activation of path plus shortcut, which is x by default', () => {
    const [path, shortcut] = [linear(3, 3), linear(3, 3)];
    const both = residual(path, { shortcut, activation: tanh });
    const params = both.init(key, double);
    const plain = residual(path);
    fc.assert(
      fc.property(tensors([2, 3]), (x) => {
        const [y, z] = [path.apply(params.path, x), shortcut.apply(params.shortcut!, x)];
        near(both.apply(params, x, both.initState(params))[0], tanh(add(y, z)), 0);
        near(plain.apply({ path: params.path }, x, plain.initState({ path: params.path }))[0], add(y, x), 0);
      }),
      { numRuns: 10 },
    );
  });

  it('draws parameters of each branch from a key of its own', () => {
    const both = residual(linear(3, 3), { shortcut: linear(3, 3) }).init(key);
    assert.notDeepEqual(both.path.weight.readSync(), both.shortcut!.weight.readSync());
    assert.deepEqual(Object.keys(residual(linear(3, 3)).init(key)), ['path']);
  });

  it('carries the state of each branch, the context, and a key for each', () => {
    const norm = sequential([batchNorm2d(2), dropout(0.5)]);
    const block = residual(norm, { shortcut: norm });
    const params = block.init(key, double);
    const x = wave([2, 2, 2, 2]);
    const state = block.initState(params);
    const [, next] = block.apply(params, x, state, { training: true, key });
    near(next.path[0], norm.apply(params.path, x, state.path, { key })[1][0], 0);
    near(next.shortcut![0], next.path[0], 0);
    const [still, same] = block.apply(params, x, next, { training: false });
    near(same, next, 0);
    near(
      still,
      add(...([0, 1].map(() => norm.apply(params.path, x, next.path, { training: false })[0]) as [Tensor, Tensor])),
      0,
    );
  });

  it('stands in sequential, and tells compact of its branches', () => {
    const net = sequential([residual(linear(2, 2), { activation: relu }), linear(2, 1)]);
    const params = net.init(key, double);
    const small = compact(net, params, undefined, { state: net.initState(params) });
    near(small.params, params, 0);
    assert.deepEqual(
      small.report.map(({ path }) => path),
      ['[0].path', '[1]'],
    );
  });

  it('refuses what is no layer, branches of two shapes, and trees without a branch', () => {
    const block = residual(linear(3, 2));
    const params = block.init(key, double);
    refuses(() => residual(relu as never), TypeError, 'residual: expected a layer as the path', 'function');
    refuses(
      () => residual(linear(1, 1), { shortcut: 1 as never }),
      TypeError,
      'residual: expected a layer as the shortcut',
      '1',
    );
    refuses(() => residual(linear(1, 1), { activation: 1 as never }), TypeError, 'residual: expected activation', '1');
    refuses(
      () => block.apply(params, wave([4, 3]), block.initState(params)),
      RangeError,
      'residual: expected path and shortcut of one shape',
      '[4,2] and [4,3]',
    );
    refuses(
      () => block.apply({} as never, wave([4, 3]), { path: undefined }),
      TypeError,
      'residual: expected parameters and a state with path',
      'object',
    );
    const flat = residual(flatten3);
    refuses(
      () => flat.apply({ path: [undefined, undefined] }, wave([2, 3]), undefined as never),
      TypeError,
      'residual',
      'path',
    );
  });
  const flatten3 = sequential([flatten, dropout(0.1)]);
});
