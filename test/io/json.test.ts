import assert from 'node:assert/strict';
import fc from 'fast-check';
import { MAX_DEPTH, readJson, type Json } from '../../src/io/json.js';
import { refuses } from '../support/refuses.js';

const read = (text: string): Json => readJson('who', 'the text', text);

/** What JSON.parse would give. */
const plain = (value: Json): unknown =>
  value instanceof Map
    ? Object.fromEntries([...(value as Map<string, Json>)].map(([key, child]) => [key, plain(child)]))
    : Array.isArray(value)
      ? value.map(plain)
      : value;

const tokens = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"a"',
  '"b\\n"',
  '"',
  '\\',
  '1',
  '-',
  '0',
  '.5',
  'e3',
  'true',
  'nul',
  ' ',
];

describe('readJson', () => {
  it('agrees with JSON.parse on valid text, spaces and all', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('', ' ', '\n\t', '\r'), (value, indent) => {
        const text = indent + JSON.stringify(value, null, indent) + indent;
        assert.deepEqual(plain(read(text)), JSON.parse(text));
      }),
    );
  });

  it('agrees with JSON.parse on whether other text is valid, but for keys that come twice', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...tokens), { maxLength: 8 }), (list) => {
        const text = list.join('');
        let expected: unknown;
        try {
          expected = { value: JSON.parse(text) as unknown };
        } catch {
          refuses(() => read(text), RangeError, 'who', 'the text');
          return;
        }
        try {
          assert.deepEqual({ value: plain(read(text)) }, expected);
        } catch (error) {
          assert.match(String(error), /RangeError: who: expected distinct keys/);
        }
      }),
      { numRuns: 3000 },
    );
  });

  for (const text of [
    '',
    ' ',
    '[1',
    '{"a"',
    '{"a":',
    '{"a":1,}',
    '[1,]',
    '01',
    '+1',
    '1.',
    '.5',
    '1e',
    '--1',
    'NaN',
    'tru',
  ])
    it(`refuses ${JSON.stringify(text)}`, () => {
      refuses(() => read(text), RangeError, 'who', 'the text', 'got');
    });

  for (const text of ['"a', '"\\x"', '"\\u12"', '"\n"', '"\\"', '1 2', '{1:2}', "'a'", '[1 2]', '{"a" 1}', '\ufeff1'])
    it(`refuses ${JSON.stringify(text)}`, () => {
      refuses(() => read(text), RangeError, 'who', 'the text', 'character');
    });

  it('says what it expects, and where', () => {
    for (const [text, expected, got] of [
      ['', 'a JSON value', 'its end at character 0'],
      ['[tru]', 'a JSON value', '"t" at character 1'],
      ['{1:2}', 'a string', '"1" at character 1'],
      ['{"a" 1}', '":"', '"1" at character 5'],
      ['[1 2]', '"," or "]"', '"2" at character 3'],
      ['{"a":1]', '"," or "}"', '"]" at character 6'],
    ] as const)
      assert.throws(() => read(text), {
        name: 'RangeError',
        message: `who: expected ${expected} in the text, got ${got}`,
      });
    assert.throws(() => read('["\\x"]'), {
      name: 'RangeError',
      message: 'who: expected a JSON string in the text, got "\\"\\\\x\\"" at character 1',
    });
  });

  it('refuses keys that come twice, however they are spelt', () => {
    refuses(() => read('{"a":1,"b":2,"a":3}'), RangeError, 'distinct keys', '"a" twice');
    refuses(() => read('[{"a":1,"\\u0061":3}]'), RangeError, 'distinct keys', '"a" twice');
    refuses(() => read('{"__proto__":1,"__proto__":3}'), RangeError, '"__proto__" twice');
  });

  it('reads as many levels as it may and refuses one more, or a million', () => {
    const nested = (n: number): string => '['.repeat(n) + ']'.repeat(n);
    read(nested(MAX_DEPTH));
    for (const n of [MAX_DEPTH + 1, 1e6]) refuses(() => read(nested(n)), RangeError, 'who', `${MAX_DEPTH} levels`);
    refuses(() => read('{"a":'.repeat(1e6)), RangeError, `${MAX_DEPTH} levels`);
  });

  it('refuses numbers of absurd length at once, and cuts long text in messages', () => {
    assert.equal(read('1'.repeat(64)), Number('1'.repeat(64)));
    for (const n of [65, 1e6]) refuses(() => read('1'.repeat(n)), RangeError, 'JSON number');
    assert.throws(
      () => read('1'.repeat(1e6)),
      (error: Error) => error.message.length < 300,
    );
    assert.throws(
      () => read(`"${'a'.repeat(1e6)}`),
      (error: Error) => error.message.length < 300,
    );
  });
});
