import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fromTypedArray, leaves, mapTree, ones, randomKey, reference, relu, to, zeros, type Tensor } from 'bigrad';
import { loadSafetensors, saveSafetensors } from 'bigrad/io';
import {
  batchNorm2d,
  conv,
  dropout,
  flatten,
  fromStateDict,
  linear,
  masked,
  sequential,
  smoothL0,
  toStateDict,
} from 'bigrad/nn';
import { near } from '../support/close.js';
import { refuses } from '../support/refuses.js';
import { same } from '../support/same.js';
import { torchTensors } from '../support/torch-file.js';

const key = randomKey(1);
const network = sequential([
  conv(1, 2, 3, { stride: 2, padding: 1 }),
  batchNorm2d(2),
  relu,
  dropout(0.5),
  flatten,
  linear(8, 3),
]);
const named = sequential([
  conv(1, 4, 2, { bias: false }),
  batchNorm2d(4),
  relu,
  flatten,
  linear(36, 2, { bias: false }),
]);
const names = { '': 'backbone', 0: 'backbone.conv1', 1: 'backbone.bn1', 4: 'fc' };
const images = (x: unknown): Tensor => fromTypedArray(Float32Array.from(x as number[]), [2, 1, 4, 4]);

const parts = [
  () => conv(2, 3, 2),
  () => conv(2, 2, [1, 3], { bias: false, groups: 2 }),
  () => linear(3, 2),
  () => linear(1, 1, { bias: false }),
  () => batchNorm2d(2),
  () => relu,
  () => dropout(0.5),
  () => masked(linear(2, 2), smoothL0(0.1)),
];

describe('PyTorch names of tensors', () => {
  it('lead to a tree and back, for any nest of layers', () => {
    const layer = fc.letrec((tie) => ({
      layer: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom(...parts).map((make) => make()),
        tie('list'),
      ),
      list: fc.array(tie('layer'), { minLength: 1, maxLength: 3 }).map((list) => sequential(list as never)),
    })).list;
    fc.assert(
      fc.property(layer, fc.nat(), (given, seed) => {
        const any = given as unknown as ReturnType<typeof batchNorm2d>;
        const params = any.init(randomKey(seed));
        const state = (any.initState as unknown) === undefined ? undefined : any.initState(params);
        fc.pre(leaves(params).length > 0);
        const record = toStateDict({ params, state });
        const back = fromStateDict(any, record);
        assert.equal(Object.keys(record).length, leaves([params, state]).length);
        assert.deepEqual([back.params, back.state], [params, state]);
      }),
    );
  });

  it('are those of a Sequential', () => {
    const { tensors, numbers } = torchTensors('sequential');
    const { params, state } = fromStateDict(network, tensors);
    const [y] = network.apply(params, images(numbers('x')), state, { training: false });
    near(Array.from(y.readSync()), numbers('y'), 1e-6);
  });

  it('are those of a module whose parts have names', () => {
    const { tensors, numbers } = torchTensors('named');
    const { params, state } = fromStateDict(named, tensors, { names });
    const [y] = named.apply(params, images(numbers('x')), state, { training: false });
    near(Array.from(y.readSync()), numbers('y'), 1e-6);
    const record = toStateDict({ params, state }, { names });
    same(record, Object.fromEntries(Object.keys(record).map((name) => [name, tensors[name]!])));
  });

  it('are in a file as PyTorch writes it, but for the counter', () => {
    const { tensors } = torchTensors('sequential', { skip: (name) => name.endsWith('num_batches_tracked') });
    const record = toStateDict(fromStateDict(network, tensors));
    const again = loadSafetensors(saveSafetensors(record, {}, { flat: true }));
    assert.deepEqual(Object.keys(again.tensors).sort(), Object.keys(tensors).sort());
    for (const [name, x] of Object.entries(tensors)) same(again.tensors[name], x);
  });

  it('begin with that of the whole, and others are passed over', () => {
    const { tensors } = torchTensors('named');
    const norm = fromStateDict(batchNorm2d(4), tensors, { names: { '': 'backbone.bn1' } });
    assert.equal(norm.state.mean, tensors['backbone.bn1.running_mean']);
    assert.equal(norm.state.variance, tensors['backbone.bn1.running_var']);
    assert.equal(norm.params.scale, tensors['backbone.bn1.weight']);
    assert.equal(norm.params.shift, tensors['backbone.bn1.bias']);
  });

  it('are the paths in the parameters of a layer of the caller', () => {
    const init = () => ({ a: { scale: ones([2]) }, heads: [zeros([1]), { mean: ones([]) }] });
    const layer = { init, apply: (_: unknown, x: Tensor) => x };
    const record = toStateDict({ params: init() });
    assert.deepEqual(Object.keys(record), ['a.scale', 'heads.0', 'heads.1.mean']);
    assert.deepEqual(leaves(fromStateDict(layer, record).params), Object.values(record));
    assert.deepEqual(Object.keys(toStateDict({ params: ones([]) }, { names: { '': 'w' } })), ['w']);
  });

  it('may be of tensors on any device', () => {
    const there = mapTree((x) => to(x, reference), torchTensors('sequential').tensors);
    const { params, state } = fromStateDict(network, there);
    assert.ok(leaves([params, state]).every((x) => x.device === reference));
  });
});

describe('fromStateDict refuses', () => {
  const { tensors } = torchTensors('sequential');
  const without = (name: string) => Object.fromEntries(Object.entries(tensors).filter(([other]) => other !== name));
  const load = (record: unknown, options?: unknown) => () => fromStateDict(network, record as never, options as never);
  const who = 'fromStateDict: expected';
  const cases: [string, () => unknown, typeof RangeError | typeof TypeError, ...string[]][] = [
    ['what lacks a tensor', load(without('1.running_var')), TypeError, '"1.running_var"', '"0.weight"'],
    ['another shape', load({ ...tensors, '5.bias': zeros([4]) }), RangeError, '"5.bias" [3]', '[4]'],
    [
      'integers',
      load({ ...tensors, '5.bias': zeros([3], { dtype: 'int32' }) }),
      TypeError,
      '"5.bias" of float32',
      'int32',
    ],
    ['tensors of no part', load({ ...tensors, '6.weight': zeros([1]) }), RangeError, 'only', '"6.weight"'],
    [
      'a bias too many',
      () => fromStateDict(linear(3, 2, { bias: false }), linear(3, 2).init(key) as never),
      RangeError,
      '"bias"',
    ],
    ['no tensors', load({}), RangeError, 'an empty record'],
    ['no record', load([zeros([1])]), TypeError, 'a record', 'an array'],
    ['a record of arrays', load({ x: [1] }), TypeError, '"x"', 'an array'],
    ['no layer', () => fromStateDict(relu as never, tensors), TypeError, 'a layer', 'a function'],
    ['names that are a list', load(tensors, { names: ['a'] }), TypeError, 'names', 'an array'],
    ['a name that is a number', load(tensors, { names: { 0: 1 } }), TypeError, 'names["0"]', 'the number 1'],
  ];
  for (const [title, f, kind, ...words] of cases)
    it(title, () => {
      refuses(f, kind, who, 'got', ...words);
    });

  it('a tensor of a name that no part has, inside the name of the whole alone', () => {
    const record = { 'a.weight': zeros([1, 1]), 'a.more': zeros([1]), 'ab.more': zeros([1]) };
    const layer = linear(1, 1, { bias: false });
    refuses(() => fromStateDict(layer, record, { names: { '': 'a' } }), RangeError, who, '"a.more"');
    refuses(() => fromStateDict(layer, record), TypeError, who, '"weight"');
  });
});

describe('toStateDict refuses', () => {
  it('two tensors of one name', () => {
    const params = { scale: ones([1]), shift: ones([1]), weight: ones([1]) };
    refuses(() => toStateDict({ params }), RangeError, 'toStateDict: expected', '"weight" twice');
  });

  it('what is no pair of trees', () => {
    refuses(() => toStateDict([zeros([1])] as never), TypeError, 'toStateDict: expected', 'params', 'an array');
    refuses(() => toStateDict({ parms: 1 } as never), TypeError, 'toStateDict: expected', 'params', 'parms');
  });
});
