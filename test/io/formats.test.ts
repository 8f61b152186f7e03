import assert from 'node:assert/strict';
import { fromTypedArray, tensor, Tensor } from 'bigrad';
import { loadSafetensors, saveSafetensors } from 'bigrad/io';
import { swapBytes } from '../../src/io/formats.js';
import { refuses } from '../support/refuses.js';
import { file, laidOpen, one, parts } from '../support/safetensors-files.js';
import { torchTensors } from '../support/torch-file.js';

const record = (bytes: Uint8Array): Record<string, Tensor> => loadSafetensors(bytes).tree as Record<string, Tensor>;

/** The bits of the float32 that each 16-bit pattern becomes. */
const widened = (dtype: string, patterns: readonly number[]): number[] => {
  const header = one({ dtype, shape: [patterns.length], data_offsets: [0, 2 * patterns.length] });
  const x = record(
    file(
      header,
      patterns.flatMap((p) => [p & 0xff, p >> 8]),
    ),
  ).t!;
  assert.equal(x.dtype, 'float32');
  return [...new Uint32Array(x.readSync().buffer)];
};

const float32 = (bits: number): number => new Float32Array(Uint32Array.of(bits).buffer)[0]!;

describe('the safetensors format', () => {
  it('is written as described, byte by byte', () => {
    const tree = { b: tensor([1, -2]), a: [fromTypedArray(Float64Array.of(0.5), [])], n: 3 };
    const header =
      '{"__metadata__":{"bigrad.tree":"{\\"b\\":\\"tensor\\",\\"a\\":[\\"tensor\\"],\\"n\\":3}","by":"me"},' +
      '"a.0":{"dtype":"F64","shape":[],"data_offsets":[0,8]},' +
      '"b":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}';
    const padded = header.padEnd(Math.ceil(header.length / 8) * 8, ' ');
    assert.notEqual(padded, header); // or the padding would not be tested
    const data = [0, 0, 0, 0, 0, 0, 0xe0, 0x3f, 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0];
    assert.deepEqual(saveSafetensors(tree, { by: 'me' }), file(padded, data));
  });

  it('has wider elements first, then names in order', () => {
    const one = tensor(1);
    const text = new TextDecoder().decode(
      saveSafetensors({ c: one, a: one, z: tensor(1, { dtype: 'float64' }), d: one, b: one }),
    );
    assert.deepEqual(
      [...text.matchAll(/"(\w+)":\{"dtype"/g)].map((m) => m[1]),
      ['z', 'a', 'b', 'c', 'd'],
    );
  });

  it('names a bare tensor `tensor`, and escapes dots, percents and the reserved name', () => {
    const names = (tree: unknown): string =>
      new TextDecoder().decode(saveSafetensors(tree)).match(/\},("(?:[^"]*)":\{"dtype.*)\}/)![1]!;
    const x = tensor(1);
    assert.match(names(x), /^"tensor":/);
    assert.match(names({ 'a.b%': { '': x } }), /^"a%2Eb%25\.":/);
    assert.match(names({ __metadata__: x }), /^"%5F_metadata__":/);
  });

  it('is read as described, byte by byte: a flat record in the order of the header', () => {
    const header =
      '{"w.x":{"dtype":"F32","shape":[1,2],"data_offsets":[12,20]},' +
      '"i":{"data_offsets":[8,12],"shape":[1],"dtype":"I32"},' +
      '"empty":{"dtype":"F32","shape":[0,7],"data_offsets":[8,8]},' +
      '"d":{"dtype":"F64","shape":[],"data_offsets":[0,8]}}\n ';
    const data = [0, 0, 0, 0, 0, 0, 0xf8, 0xbf, 0xfe, 0xff, 0xff, 0xff, 0, 0, 0x40, 0x40, 0, 0, 0xa0, 0xc0];
    const { tree, metadata } = loadSafetensors(file(header, data));
    assert.deepEqual(metadata, {});
    assert.deepEqual(
      laidOpen(tree),
      laidOpen({
        'w.x': tensor([[3, -5]]),
        i: fromTypedArray(Int32Array.of(-2), [1]),
        empty: fromTypedArray(new Float32Array(0), [0, 7]),
        d: fromTypedArray(Float64Array.of(-1.5), []),
      }),
    );
  });

  it('may have no tensors, and metadata of its own', () => {
    assert.deepEqual(loadSafetensors(file('{}')), { tree: {}, tensors: {}, metadata: {} });
    assert.deepEqual(loadSafetensors(file('{"__metadata__":{"format":"pt","é":"\\u00e9"}}')), {
      tree: {},
      tensors: {},
      metadata: { format: 'pt', é: 'é' },
    });
  });

  it('has tensors of dangerous names as properties like any other', () => {
    const entry = '{"dtype":"F32","shape":[0],"data_offsets":[0,0]}';
    const tree = record(file(`{"__proto__":${entry},"constructor":${entry},"hasOwnProperty":${entry}}`));
    assert.deepEqual(Object.keys(tree), ['__proto__', 'constructor', 'hasOwnProperty']);
    assert.equal(Object.getPrototypeOf(tree), Object.prototype);
    assert.ok(Object.values(tree).every((x) => x instanceof Tensor));
  });

  it('F16 widens exactly: every finite pattern by its definition', () => {
    const all = Array.from({ length: 0x10000 }, (_, i) => i).filter((p) => ((p >> 10) & 0x1f) !== 0x1f);
    widened('F16', all).forEach((bits, i) => {
      const p = all[i]!;
      const [sign, exponent, fraction] = [p & 0x8000 ? -1 : 1, (p >> 10) & 0x1f, p & 0x3ff];
      const value = exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
      assert.ok(Object.is(float32(bits), value), `0x${p.toString(16)}: expected ${value}, got ${float32(bits)}`);
    });
  });

  it('F16 keeps infinities and the payload of NaNs', () => {
    assert.deepEqual(
      widened('F16', [0x7c00, 0xfc00, 0x7e00, 0xfe01, 0x7c01, 0x3c00, 0x0001, 0x8000]),
      [0x7f800000, 0xff800000, 0x7fc00000, 0xffc02000, 0x7f802000, 0x3f800000, 0x33800000, 0x80000000],
    );
  });

  it('BF16 is the upper half of a float32', () => {
    const all = Array.from({ length: 0x10000 }, (_, i) => i);
    assert.deepEqual(
      widened('BF16', all),
      all.map((p) => p * 0x10000),
    );
  });

  it('is written flat for other libraries: names as they stand, and no structure', () => {
    const record = { 'a.b%': tensor([1]), tensor: tensor(2) };
    const bytes = saveSafetensors(record, { by: 'me' }, { flat: true });
    assert.deepEqual(Object.keys(parts(bytes).header), ['__metadata__', 'a.b%', 'tensor']);
    const { tree, tensors, metadata } = loadSafetensors(bytes);
    assert.deepEqual(metadata, { by: 'me' });
    assert.deepEqual(laidOpen(tree), laidOpen(record));
    assert.deepEqual(tensors, tree);
  });

  it('holds what PyTorch wrote in every dtype', () => {
    const { tensors, numbers } = torchTensors('dtypes');
    const expected = numbers('expected') as Record<string, number[]>;
    assert.equal(Object.keys(expected).length, 10);
    for (const [name, values] of Object.entries(expected)) {
      const { dtype, shape } = tensors[name]!;
      assert.deepEqual([dtype, shape], [name === 'F64' ? 'float64' : name.includes('F') ? 'float32' : 'int32', [2, 4]]);
      assert.deepEqual([...tensors[name]!.readSync()], values, name);
    }
  });

  it('may hold larger integers than int32 only where they are left out', () => {
    const beyond = ['"steps"', '2147483648', 'from -2147483648 to 2147483647'];
    refuses(() => torchTensors('beyond'), RangeError, 'loadSafetensors: expected', ...beyond);
    assert.deepEqual([...torchTensors('beyond', { only: ['fits'] }).tensors['fits']!.readSync()], [1]);
  });

  it('has integers of every width, with the ends of their ranges', () => {
    const unsigned: [string, number, number | bigint, string][] = [
      ['U16', 2, 65535, '0xffff'],
      ['U32', 4, 2147483647, '0x7fffffff'],
      ['U64', 8, 2147483647n, '0x7fffffff'],
    ];
    for (const [dtype, width, value, text] of unsigned) {
      const bytes = Array.from({ length: width }, (_, i) => Number((BigInt(text) >> BigInt(8 * i)) & 0xffn));
      const given = one({ dtype, data_offsets: [0, width] });
      assert.deepEqual([...record(file(given, bytes)).t!.readSync()], [Number(value)]);
      if (width === 2) continue;
      bytes[3]! |= 0x80;
      refuses(() => record(file(given, bytes)), RangeError, 'loadSafetensors', '"t"', '4294967295');
    }
  });

  it('has BOOL as 0 and 1, and nothing else', () => {
    const given = one({ dtype: 'BOOL', shape: [2], data_offsets: [0, 2] });
    assert.deepEqual([...record(file(given, [1, 0])).t!.readSync()], [1, 0]);
    refuses(() => record(file(given, [1, 2])), RangeError, 'loadSafetensors', '0 or 1', '"t"', 'got 2');
  });

  it('is little-endian whatever the machine: bytes of an element turn round', () => {
    const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    swapBytes(bytes, 4);
    assert.deepEqual([...bytes], [4, 3, 2, 1, 8, 7, 6, 5]);
  });
});
