import assert from 'node:assert/strict';
import { reference, tensor, zeros, type Backend } from 'bigrad';
import { loadSafetensors, saveSafetensors } from 'bigrad/io';
import { refuses } from '../support/refuses.js';
import { counting, file, one } from '../support/safetensors-files.js';

type Kind = typeof RangeError | typeof TypeError;
type Case = [title: string, bytes: Uint8Array, kind: Kind, ...words: string[]];

const ALIEN = 'this is no safetensors file';
const four = [0, 0, 0x80, 0x3f];
const nulls = (n: number): number[] => new Array<number>(n).fill(0);

/** Tensors `a`, `b`, ... of one float32 each, at the offsets given. */
const at = (...offsets: [number, number][]): string =>
  JSON.stringify(Object.fromEntries(offsets.map((o, i) => ['abc'[i]!, { dtype: 'F32', shape: [1], data_offsets: o }])));

/** A file with tensors `a` and `b.0`, whose structure is as given. */
const structured = (structure: string): Uint8Array =>
  file(
    JSON.stringify({
      __metadata__: { 'bigrad.tree': structure },
      a: { dtype: 'F32', shape: [1], data_offsets: [0, 4] },
      'b.0': { dtype: 'F32', shape: [], data_offsets: [4, 8] },
    }),
    nulls(8),
  );

const shapes: [string, unknown, Kind, string][] = [
  ['negative', [-1], RangeError, '-1'],
  ['negative, with the right product', [-1, -1], RangeError, '-1'],
  ['fractional', [0.5, 2], RangeError, '0.5'],
  ['of strings', ['1'], TypeError, '"1"'],
  ['of null', [null], TypeError, 'null'],
  ['no list', 1, TypeError, 'the number 1'],
  ['an object', { 0: 1, length: 1 }, TypeError, 'an object'],
  ['beyond 2^53', [2 ** 53], RangeError, '2^53 - 1'],
  ['of no elements, but many rows', [2 ** 24 + 1, 0], RangeError, '2^24'],
  ['of no elements, but many columns', [0, 2 ** 32], RangeError, '2^24'],
  ['whose product is beyond 2^53', [2 ** 30, 2 ** 30], RangeError, '2^31'],
  ['whose product is beyond a double', new Array(64).fill(2 ** 52), RangeError, '2^31'],
  ['whose product wraps to 1 in 64 bits', [2 ** 32 + 1, 4294967295, 1], RangeError, '2^31'],
  ['whose product overflows before a 0', [2 ** 40, 2 ** 40, 0], RangeError, '2^24'],
  ['of a million axes', new Array(1e6).fill(1), RangeError, '64 axes'],
  ['of 2^31 elements', [2 ** 31], RangeError, '2^31 in the shape'],
  ['too large for its bytes', [2], RangeError, '8 bytes'],
  ['too small for its bytes', [0], RangeError, '0 bytes'],
];

const offsets: [string, unknown, Kind, string][] = [
  ['negative', [-4, 0], RangeError, '-4'],
  ['fractional', [0.5, 4.5], RangeError, '0.5'],
  ['reversed', [4, 0], RangeError, '[4,0]'],
  ['one', [4], RangeError, '[4]'],
  ['three', [0, 4, 4], RangeError, '[0,4,4]'],
  ['strings', ['0', '4'], TypeError, '"0"'],
  ['absent', undefined, TypeError, 'undefined'],
  ['beyond the file', [4, 8], RangeError, 'byte 0'],
];

const cases: Case[] = [
  ['no bytes', new Uint8Array(0), RangeError, '8 bytes', 'got 0', ALIEN],
  ['7 bytes', new Uint8Array(7), RangeError, '8 bytes', 'got 7', ALIEN],
  ['text', new TextEncoder().encode('# A heading\n\nand a line.\n'), RangeError, ALIEN],
  ['text with a brace where a header begins', new TextEncoder().encode('const f {}'), RangeError, ALIEN],
  ['bytes that claim a header of text', file('hello', [], 5n), RangeError, 'byte 104', ALIEN],
  ['no header', new Uint8Array(8), RangeError, '"{"', 'none', ALIEN],
  ['no header, but data', file('', [0x7b, 0x7d]), RangeError, '"{"', 'none'],
  ['a header longer than the file', file('{}', [], 3n), RangeError, '3 bytes', '2 after its length'],
  ['a header of 100 MB that are not there', file('{}', [], 100_000_000n), RangeError, '100000000 bytes, got a file'],
  ['a header beyond 100 MB', file('{}', [], 100_000_001n), RangeError, '100000000', '100000001'],
  ['a header of 2^64 - 1 bytes', file('{}', [], 2n ** 64n - 1n), RangeError, '100000000', '18446744073709551615'],
  ['a header of 2^32 + 2 bytes', file('{}', [], 2n ** 32n + 2n), RangeError, '100000000', '4294967298'],
  ['a header shorter than its text', file('{}', [], 1n), RangeError, 'its end at character 1'],
  ['a header that begins with a space', file(' {}'), RangeError, '"{"', 'byte 32'],
  ['a byte-order mark', file('\ufeff{}'), RangeError, '"{"', 'byte 239'],
  ['a header that is a list', file('[]'), RangeError, '"{"', 'byte 91'],
  ['something after the header', file('{}{}'), RangeError, 'nothing more', '"{" at character 2'],
  ['a NUL after the header', file('{}\0'), RangeError, 'nothing more'],
  ['invalid JSON', file('{"a":}'), RangeError, 'JSON', '"}" at character 5'],
  ['invalid UTF-8', file(Uint8Array.from([0x7b, 0x22, 0xff, 0x22, 0x7d])), RangeError, 'UTF-8'],
  ['overlong UTF-8', file(Uint8Array.from([0x7b, 0x22, 0xc0, 0xa2, 0x22, 0x7d])), RangeError, 'UTF-8'],
  ['a surrogate in UTF-8', file(Uint8Array.from([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x7d])), RangeError, 'UTF-8'],
  ['half a surrogate pair as name', file('{"\\ud800":1}'), RangeError, 'well-formed', 'name'],
  ['two tensors of one name', file(`{"a":1,${at([0, 4]).slice(1)}`, four), RangeError, 'distinct keys', '"a"'],
  ['one name spelt in two ways', file(`{"\\u0061":1,${at([0, 4]).slice(1)}`, four), RangeError, '"a"'],
  ['two dtypes', file(one({}).replace('"shape"', '"dtype":"F64","shape"'), four), RangeError, '"dtype" twice'],
  ['two metadatas', file('{"__metadata__":{},"__metadata__":{}}'), RangeError, '"__metadata__" twice'],
  ['a key of the metadata twice', file('{"__metadata__":{"a":"","a":""}}'), RangeError, '"a" twice'],
  ['metadata that is a list', file('{"__metadata__":[]}'), TypeError, '__metadata__', 'an array'],
  ['metadata that is null', file('{"__metadata__":null}'), TypeError, '__metadata__', 'null'],
  ['a number as metadata', file('{"__metadata__":{"k":1}}'), TypeError, '"k"', 'the number 1'],
  ['an object as metadata', file('{"__metadata__":{"k":{}}}'), TypeError, '"k"', 'an object'],
  ['half a pair in metadata', file('{"__metadata__":{"k":"\\udc00"}}'), RangeError, '"k"', 'well-formed'],
  ['half a pair in a key', file('{"__metadata__":{"\\udc00":"k"}}'), RangeError, 'key', 'well-formed'],
  ['a tensor that is a number', file('{"t":3}'), TypeError, '"t"', 'the number 3'],
  ['a tensor that is a list', file('{"t":[]}'), TypeError, '"t"', 'an array'],
  ['an unknown field', file(one({ stride: [1] }), four), RangeError, '"t"', '"stride"'],
  ['a field named __proto__', file('{"t":{"__proto__":{}}}', four), RangeError, '"t"', '"__proto__"'],
  ['no dtype', file(one({ dtype: undefined }), four), TypeError, '"t"', 'dtype', 'undefined'],
  ['a dtype that is a number', file(one({ dtype: 32 }), four), TypeError, '"t"', 'dtype', '32'],
  ['a dtype in lower case', file(one({ dtype: 'f32' }), four), TypeError, '"t"', '"f32"'],
  ['a dtype of objects', file(one({ dtype: 'constructor' }), four), TypeError, '"t"', '"constructor"'],
  ...['F8_E5M2', 'F8_E4M3', 'F4', 'C64'].map((dtype): Case => [
    `dtype ${dtype}`,
    file(one({ dtype }), four),
    TypeError,
    '"t"',
    `"${dtype}"`,
    'F16',
    'BF16',
  ]),
  ...shapes.map(([title, shape, kind, word]): Case => [
    `a shape ${title}`,
    file(one({ shape }), four),
    kind,
    '"t"',
    word,
  ]),
  ['a shape of -0', file(one({}).replace('[1]', '[-0]'), four), RangeError, '"t"', '-0'],
  ['a shape of 1e999', file(one({}).replace('[1]', '[1e999]'), four), RangeError, '"t"', 'Infinity'],
  ['half a float16', file(one({ dtype: 'F16', data_offsets: [0, 3] }), nulls(3)), RangeError, '2 bytes', 'got 3'],
  ...offsets.map(([title, o, kind, word]): Case => [
    `offsets: ${title}`,
    file(one({ data_offsets: o }), four),
    kind,
    '"t"',
    word,
  ]),
  ['missing data', file(at([0, 4]), nulls(3)), RangeError, '"a"', '3 bytes', 'end at 4'],
  [
    'missing data of a huge tensor',
    file(one({ shape: [2 ** 30], data_offsets: [0, 2 ** 32] }), four),
    RangeError,
    '4 bytes',
  ],
  ['trailing bytes', file(at([0, 4]), nulls(5)), RangeError, '4 bytes', 'got 5'],
  ['data but no tensors', file('{}', [0]), RangeError, '0 bytes', 'got 1'],
  ['a hole at the start', file(at([4, 8]), nulls(8)), RangeError, '"a"', 'byte 0', 'got 4'],
  ['a hole', file(at([8, 12], [0, 4]), nulls(12)), RangeError, '"a"', 'byte 4', 'got 8'],
  ['an overlap', file(at([0, 4], [2, 6]), nulls(6)), RangeError, '"b"', 'byte 4', 'got 2'],
  ['the same bytes twice', file(at([0, 4], [0, 4]), nulls(4)), RangeError, '"b"', 'byte 4', 'got 0'],
  [
    'an empty tensor inside another',
    file(at([0, 4]).replace('{', '{"z":{"dtype":"F32","shape":[0],"data_offsets":[2,2]},'), four),
    RangeError,
    '"z"',
    'byte 4',
  ],
  ['a structure that is no JSON', structured('{a}'), RangeError, 'the structure', '"a"'],
  ['a structure with a key twice', structured('{"a":"tensor","a":1}'), RangeError, 'the structure', '"a" twice'],
  ['a structure with an unknown mark', structured('{"a":"tensors"}'), RangeError, 'structure', '"tensors"', '"a"'],
  ['a structure without a tensor', structured('{"a":"tensor"}'), RangeError, 'every tensor', '"b.0"'],
  ['a structure without any', structured('3'), RangeError, 'every tensor', '"a"'],
  ['a structure with one more', structured('{"a":"tensor","b":["tensor","tensor"]}'), RangeError, '"b.1"'],
  ['a structure with a dotted key', structured('{"a":"tensor","b.0":"tensor"}'), RangeError, '"b%2E0"'],
  ['a structure that is one tensor', structured('"tensor"'), RangeError, '"tensor"'],
  ['a structure with __metadata__', structured('{"__metadata__":"tensor"}'), RangeError, '"%5F_metadata__"'],
  ['a structure with __proto__', structured('{"__proto__":{"a":"tensor"}}'), RangeError, '"__proto__.a"'],
  ['half a pair as key of a structure', structured('{"\\ud800":"tensor"}'), RangeError, 'well-formed'],
  ['a structure of a million levels', structured('['.repeat(1e6)), RangeError, 'the structure', '256 levels'],
  ['a header of a million levels', file('{"a":' + '['.repeat(1e6)), RangeError, 'the header', '256 levels'],
];

describe('loadSafetensors refuses, before it makes any tensor,', () => {
  for (const [title, bytes, kind, ...words] of cases)
    it(title, () => {
      const device = counting();
      refuses(() => loadSafetensors(bytes, { device }), kind, 'loadSafetensors: expected', 'got', ...words);
      assert.equal(device.bytes, 0);
    });

  it('what is no Uint8Array', () => {
    for (const x of [
      undefined,
      null,
      'x',
      [1],
      new ArrayBuffer(8),
      new Float32Array(8),
      new DataView(new ArrayBuffer(8)),
    ])
      refuses(() => loadSafetensors(x as never), TypeError, 'loadSafetensors', 'Uint8Array', 'got');
  });

  it('what is no device', () => {
    for (const device of [null, {}, 'cpu'])
      refuses(() => loadSafetensors(file('{}'), { device: device as never }), TypeError, 'loadSafetensors', 'device');
  });

  it('nothing that differs only in being right', () => {
    for (const bytes of [
      file(one({}), four),
      file(at([0, 4], [4, 8]), nulls(8)),
      file(at([4, 8], [0, 4]), nulls(8)),
      file(one({ shape: [0, 2 ** 24], data_offsets: [0, 0] })),
      file(one({ shape: new Array(64).fill(1) }), four),
      structured('{"a":"tensor","b":["tensor"]}'),
      structured('{"b":{"0":"tensor"},"a":"tensor"}'),
    ])
      loadSafetensors(bytes);
  });
});

describe('saveSafetensors refuses', () => {
  const cyclic: unknown[] = [tensor(1)];
  cyclic.push({ deeper: cyclic });
  let deep: unknown = 1;
  for (let i = 0; i < 257; i++) deep = [deep];
  const holed: unknown[] = [, 2];
  const locked = {
    get x(): never {
      throw new Error('locked');
    },
  };
  const sealed = new Proxy([], {
    ownKeys: () => {
      throw new Error('sealed');
    },
  });

  const trees: [string, unknown, Kind, ...string[]][] = [
    ['functions', { a: { f: () => 1 } }, TypeError, 'a function', '"a.f"'],
    ['bigints', { n: 1n }, TypeError, 'bigint', '"n"'],
    ['symbols', [Symbol('s')], TypeError, 'symbol', '"0"'],
    ['instances of classes', { d: [new Date(0)] }, TypeError, 'a Date', '"d.0"'],
    ['maps', new Map([['a', tensor(1)]]), TypeError, 'a Map'],
    ['typed arrays', { x: new Float32Array(2) }, TypeError, 'Float32Array', '"x"'],
    ['promises', Promise.resolve({}), TypeError, 'a Promise'],
    ['no tree', undefined, TypeError, 'undefined'],
    ['a bare number', 3, TypeError, 'the number 3'],
    ['cycles', cyclic, TypeError, 'cycle', '"1.deeper"'],
    ['257 levels', deep, RangeError, '256 levels'],
    ['arrays with holes', { h: holed }, TypeError, 'holes', '"h"'],
    ['arrays with holes at their end', new Array(2), TypeError, 'holes', 'root'],
    ['arrays with more than elements', Object.assign([1], { x: tensor(1) }), TypeError, 'extra keys', 'root'],
    ['arrays with a hole and as many other keys', Object.assign([1, ,], { x: 2 }), TypeError, 'holes or extra keys'],
    ['trees with getters that throw', { locked }, TypeError, 'a tree that can be read'],
    ['trees whose keys cannot be read', { sealed }, TypeError, 'a tree that can be read'],
    [
      'tensors under half a surrogate pair',
      { '\ud800': tensor(1) },
      RangeError,
      'well-formed Unicode as a tensor name',
    ],
    ['empty tensors of many rows', [zeros([2 ** 25, 0])], RangeError, '2^24', '"0"'],
  ];
  for (const [title, tree, kind, ...words] of trees)
    it(title, () => {
      refuses(() => saveSafetensors(tree), kind, 'saveSafetensors: expected', 'got', ...words);
    });

  const metadata: [string, unknown, Kind, ...string[]][] = [
    ['that is null', null, TypeError, 'null'],
    ['that is a string', 'x', TypeError, '"x"'],
    ['that is a list', ['x'], TypeError, 'an array'],
    ['that is a map', new Map([['a', 'b']]), TypeError, 'a Map'],
    ['of numbers', { epoch: 3 }, TypeError, '"epoch"', 'the number 3'],
    ['of undefined', { epoch: undefined }, TypeError, '"epoch"', 'undefined'],
    ['under the key of the tree', { 'bigrad.tree': '' }, RangeError, '"bigrad.tree"'],
    ['with a getter that throws', locked, TypeError, 'metadata that can be read'],
    ['of half a surrogate pair', { a: '\udfff' }, RangeError, '"a"', 'well-formed'],
    ['under half a surrogate pair', { '\udfff': '' }, RangeError, 'well-formed'],
  ];
  for (const [title, value, kind, ...words] of metadata)
    it(`metadata ${title}`, () => {
      refuses(() => saveSafetensors({}, value as never), kind, 'saveSafetensors: expected', 'got', ...words);
    });

  const records: [string, unknown, Kind, ...string[]][] = [
    ['that is a list', [tensor(1)], TypeError, 'a record', 'an array'],
    ['of trees', { a: { b: tensor(1) } }, TypeError, '"a"', 'an object'],
    ['with a tensor named __metadata__', { __metadata__: tensor(1) }, RangeError, '"__metadata__"'],
    ['of half a surrogate pair', { '\ud800': tensor(1) }, RangeError, 'well-formed'],
    ['with a getter that throws', locked, TypeError, 'a record that can be read'],
  ];
  for (const [title, record, kind, ...words] of records)
    it(`a flat record ${title}`, () => {
      refuses(() => saveSafetensors(record, {}, { flat: true }), kind, 'saveSafetensors: expected', 'got', ...words);
    });

  it('a header beyond 100 MB', () => {
    refuses(() => saveSafetensors({}, { long: 'x'.repeat(1e8) }), RangeError, 'saveSafetensors', '100000000 bytes');
  });

  it('nothing of another device', () => {
    const elsewhere: Backend = reference;
    saveSafetensors([tensor([1, 2], { device: elsewhere })]);
  });
});
