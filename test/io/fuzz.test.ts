import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fromTypedArray, tensor } from 'bigrad';
import { saveSafetensors } from 'bigrad/io';
import { anyMetadata, anyTree, file, one } from '../support/safetensors-files.js';
import { survives } from '../support/survives.js';

const sample = saveSafetensors(
  {
    'a.b': [tensor([1, 2, 3]), { act: 'relu', lr: 0.1, on: true, none: undefined }],
    n: fromTypedArray(Int32Array.of(7), []),
  },
  { by: 'test' },
);
const foreign = file(one({ dtype: 'F16', shape: [2] }), [1, 2, 3, 4]);

describe('a damaged safetensors file loads as something valid or is refused:', () => {
  for (const [name, bytes] of [
    ['saved', sample],
    ['foreign', foreign],
  ] as const)
    it(`every truncation of a ${name} file is refused`, () => {
      for (let n = 0; n < bytes.length; n++) assert.equal(survives(bytes.subarray(0, n)), false, `${n} bytes`);
      assert.equal(survives(bytes), true);
    });

  for (const [name, bytes] of [
    ['saved', sample],
    ['foreign', foreign],
  ] as const)
    it(`every flip of a bit of a ${name} file`, () => {
      let loaded = 0;
      for (let at = 0; at < bytes.length; at++)
        for (let bit = 0; bit < 8; bit++) {
          const damaged = bytes.slice();
          damaged[at]! ^= 1 << bit;
          if (survives(damaged)) loaded++;
          else assert.ok(at < bytes.length - 4, 'data of any bits is valid');
        }
      assert.ok(loaded > 0);
    });

  it('any bytes put in place of any others', () => {
    const byte = fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('{}[]",:\\0123456789-.eE \0')));
    const edit = fc.record({
      at: fc.nat(),
      remove: fc.nat(6),
      insert: fc.array(byte, { maxLength: 6 }),
    });
    fc.assert(
      fc.property(anyTree(), anyMetadata(), fc.array(edit, { minLength: 1, maxLength: 4 }), (tree, metadata, edits) => {
        let bytes = [...saveSafetensors(tree, metadata)];
        for (const { at, remove, insert } of edits) bytes.splice(at % (bytes.length + 1), remove, ...insert);
        bytes = bytes.slice(0, 1e5);
        survives(Uint8Array.from(bytes));
      }),
      { numRuns: 500 },
    );
  });

  it('any change inside the header that keeps its length true', () => {
    const word = fc.constantFrom(
      'tensor',
      '[',
      ']',
      '{}',
      '-',
      '1e9',
      '99',
      '0,',
      'F64',
      'BF16',
      '__proto__',
      '"a":1,',
      '\\"',
    );
    fc.assert(
      fc.property(anyTree(), fc.nat(), fc.nat(8), word, (tree, at, remove, insert) => {
        const bytes = saveSafetensors(tree);
        const start = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
        const header = [...bytes.subarray(8, start)];
        header.splice(at % header.length, remove, ...new TextEncoder().encode(insert));
        survives(file(Uint8Array.from(header), [...bytes.subarray(start)]));
      }),
      { numRuns: 1000 },
    );
  });

  it('any header of the right kind', () => {
    const length = fc.oneof(fc.nat(9), fc.constantFrom(-1, 0.5, 2 ** 31, 2 ** 32, 2 ** 53 - 1, 2 ** 53, 1e300));
    const entry = fc.record(
      {
        dtype: fc.constantFrom('F64', 'F32', 'I32', 'F16', 'BF16', 'I64', 'U8', 'BOOL', '', 0),
        shape: fc.array(length, { maxLength: 3 }),
        data_offsets: fc.tuple(length, length),
      },
      { requiredKeys: ['dtype', 'shape', 'data_offsets'] },
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string(), entry, { maxKeys: 3 }), fc.nat(20), (header, n) => {
        survives(file(JSON.stringify(header), new Array<number>(n).fill(1)));
      }),
      { numRuns: 1000 },
    );
  });

  it('any bytes at all', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => void survives(bytes)));
  });
});
