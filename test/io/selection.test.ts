import assert from 'node:assert/strict';
import fc from 'fast-check';
import { leaves, tensor, type Tensor } from 'bigrad';
import { loadSafetensors, saveSafetensors } from 'bigrad/io';
import { refuses } from '../support/refuses.js';
import { file, one } from '../support/safetensors-files.js';

const letters = ['a', 'b', 'c', 'd'];
const foreign = file(
  JSON.stringify(
    Object.fromEntries(letters.map((name, i) => [name, { dtype: 'U8', shape: [1], data_offsets: [i, i + 1] }])),
  ),
  [1, 2, 3, 4],
);
const alien = file(one({ dtype: 'F8_E5M2', shape: [4] }), [1, 2, 3, 4]);
const who = 'loadSafetensors: expected';

describe('a choice of the tensors of a file', () => {
  it('loads those in only that are not in skip, in the order of the file', () => {
    const some = fc.subarray(letters);
    fc.assert(
      fc.property(
        fc.option(some, { nil: undefined }),
        fc.option(some, { nil: undefined }),
        fc.boolean(),
        (only, skip, told) => {
          const names = (list: string[] | undefined) => (told && list ? (name: string) => list.includes(name) : list);
          const { tensors, tree } = loadSafetensors(foreign, { only: names(only), skip: names(skip) });
          const expected = letters.filter((name) => (only ?? letters).includes(name) && !skip?.includes(name));
          assert.deepEqual(Object.keys(tensors), expected);
          assert.deepEqual(Object.keys(tree as object), expected);
          for (const [name, x] of Object.entries(tensors)) assert.equal(x.readSync()[0], letters.indexOf(name) + 1);
        },
      ),
    );
  });

  it('leaves undefined where a saved tree had what is left out', () => {
    const bytes = saveSafetensors({ a: [tensor(1), tensor(2)], n: 3 });
    const { tree, tensors } = loadSafetensors(bytes, { skip: ['a.0'] });
    const { a, n } = tree as { a: [undefined, Tensor]; n: number };
    assert.deepEqual([a[0], n, Object.keys(tensors)], [undefined, 3, ['a.1']]);
    assert.equal(a[1], tensors['a.1']);
    assert.equal(leaves(tree).length, 1);
  });

  it('passes over dtypes and values that cannot be loaded', () => {
    assert.deepEqual(loadSafetensors(alien, { skip: ['t'] }), { tree: {}, tensors: {}, metadata: {} });
    const large = file(one({ dtype: 'I64', data_offsets: [0, 8] }), [0, 0, 0, 0, 1, 0, 0, 0]);
    refuses(() => loadSafetensors(large), RangeError, who, '"t"', '4294967296');
    assert.deepEqual(Object.keys(loadSafetensors(large, { only: [] }).tensors), []);
  });

  it('does not pass over what breaks the format', () => {
    refuses(() => loadSafetensors(file(one({ dtype: 3 }), [1, 2, 3, 4]), { skip: ['t'] }), TypeError, who, '"t"', '3');
    refuses(() => loadSafetensors(file(one({ dtype: 'F8', shape: [-1] })), { skip: ['t'] }), RangeError, who, '-1');
    refuses(
      () => loadSafetensors(file(one({ shape: [2] }), [1, 2, 3, 4]), { skip: ['t'] }),
      RangeError,
      who,
      '8 bytes',
    );
    refuses(() => loadSafetensors(alien.subarray(0, -1), { skip: ['t'] }), RangeError, who, '"t"', '3 bytes of data');
    refuses(() => loadSafetensors(alien), TypeError, who, '"F8_E5M2"', 'skip leaves it out');
  });

  it('is refused where it names tensors that are not there, or is no choice', () => {
    for (const option of ['only', 'skip']) {
      const load = (names: unknown) => () => loadSafetensors(foreign, { [option]: names });
      refuses(load(['a', 'e']), RangeError, who, `in ${option}`, 'such as "a"', 'got "e"');
      refuses(load('a'), TypeError, who, option, 'the string "a"');
      refuses(load([1]), TypeError, who, option, 'the number 1');
      refuses(
        load(() => 1),
        TypeError,
        who,
        `what ${option} gives`,
        'the number 1',
      );
    }
  });
});
