import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fromTypedArray, grad, leaves, reference, sum, square, tensor, transpose, type Tensor } from 'bigrad';
import { loadSafetensors, saveSafetensors } from 'bigrad/io';
import { anyMetadata, anyTree, laidOpen, parts } from '../support/safetensors-files.js';

describe('a safetensors file of a tree', () => {
  it('loads as the same tree, bit by bit, with the same metadata', () => {
    fc.assert(
      fc.property(anyTree(), anyMetadata(), (tree, metadata) => {
        const loaded = loadSafetensors(saveSafetensors(tree, metadata));
        assert.deepEqual(laidOpen(loaded.tree), laidOpen(tree));
        assert.deepEqual(new Map(Object.entries(loaded.metadata)), new Map(Object.entries(metadata)));
      }),
    );
  });

  it('has the same bytes when saved again', () => {
    fc.assert(
      fc.property(anyTree(), anyMetadata(), (tree, metadata) => {
        const bytes = saveSafetensors(tree, metadata);
        assert.deepEqual(saveSafetensors(tree, metadata), bytes);
        const loaded = loadSafetensors(bytes);
        assert.deepEqual(saveSafetensors(loaded.tree, loaded.metadata), bytes);
      }),
    );
  });

  it('keeps leaves of every kind beside its tensors', () => {
    const tree = { x: tensor(1), rest: [undefined, null, true, 0.5, -0, NaN, -Infinity, 'undefined', '=', ''] };
    assert.deepEqual(laidOpen(loadSafetensors(saveSafetensors(tree)).tree), laidOpen(tree));
  });

  it('does not depend on the order of the metadata', () => {
    assert.deepEqual(saveSafetensors({}, { a: '1', b: '2' }), saveSafetensors({}, { b: '2', a: '1' }));
  });

  it('is aligned, tiled and padded, whatever is in it', () => {
    fc.assert(
      fc.property(anyTree(), (tree) => {
        const bytes = saveSafetensors(tree);
        const { header, text, data } = parts(bytes);
        assert.equal((bytes.length - data.length) % 8, 0);
        assert.match(text, /^\{.*\} {0,7}$/s);
        const { __metadata__, ...tensors } = header;
        assert.deepEqual(Object.keys(__metadata__ as object), ['bigrad.tree']);
        assert.equal(Object.keys(tensors).length, leaves(tree).length);
        const widths: Record<string, number> = { F64: 8, F32: 4, I32: 4 };
        let reached = 0;
        const list = Object.values(tensors) as { dtype: string; data_offsets: [number, number] }[];
        for (const { dtype, data_offsets } of list.sort(
          (a, b) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1],
        )) {
          assert.equal(data_offsets[0], reached);
          assert.equal(data_offsets[0] % widths[dtype]!, 0);
          reached = data_offsets[1];
        }
        assert.equal(reached, data.length);
      }),
    );
  });

  it('loads from a window at any address', () => {
    fc.assert(
      fc.property(anyTree(), fc.nat(9), (tree, shift) => {
        const bytes = saveSafetensors(tree);
        const around = new Uint8Array(bytes.length + 20).fill(0xff);
        around.set(bytes, shift);
        const { tree: loaded } = loadSafetensors(around.subarray(shift, shift + bytes.length));
        assert.deepEqual(laidOpen(loaded), laidOpen(tree));
      }),
    );
  });

  it('keeps no hold on the bytes it is loaded from', () => {
    const bytes = saveSafetensors([tensor([1, 2])]);
    const { tree } = loadSafetensors(bytes);
    bytes.fill(0);
    assert.deepEqual([...(tree as Tensor[])[0]!.readSync()], [1, 2]);
  });

  it('puts tensors on the device that is asked for', () => {
    const { tree } = loadSafetensors(saveSafetensors({ a: tensor(1) }), { device: reference });
    assert.equal((tree as { a: Tensor }).a.device, reference);
  });

  it('holds views as they read, and tracked tensors as values', () => {
    const x = transpose(
      tensor([
        [1, 2, 3],
        [4, 5, 6],
      ]),
    );
    assert.deepEqual([...(loadSafetensors(saveSafetensors(x)).tree as Tensor).readSync()], [1, 4, 2, 5, 3, 6]);
    grad((y: Tensor) => {
      const z = square(y);
      assert.deepEqual(laidOpen(loadSafetensors(saveSafetensors(z)).tree), laidOpen(z));
      return sum(z);
    })(x);
  });

  it('gives every path of a tree a name of its own', () => {
    const t = (x: number): Tensor => tensor([x]);
    const keys = ['.', '', '%2E', '%', 'a.b', '__metadata__'];
    const tree = Object.fromEntries(keys.map((k, i) => [k, { '': t(i), '.': [t(-i)] }]));
    const loaded = loadSafetensors(saveSafetensors(tree)).tree;
    assert.deepEqual(laidOpen(loaded), laidOpen(tree));
  });

  it('keeps a tensor that is in the tree twice in both places', () => {
    const x = tensor([7]);
    const shared = { x };
    const tree = { a: shared, b: shared, c: x };
    assert.deepEqual(laidOpen(loadSafetensors(saveSafetensors(tree)).tree), laidOpen(tree));
  });

  it('gives plain objects, of which __proto__ is a key like any other', () => {
    const tree = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": 2}') as Record<string, unknown>;
    const loaded = loadSafetensors(saveSafetensors(tree, JSON.parse('{"__proto__": "x"}')));
    const result = loaded.tree as Record<string, unknown>;
    assert.deepEqual(Object.keys(result), ['__proto__', 'constructor']);
    assert.equal(Object.getPrototypeOf(result), Object.prototype);
    assert.equal(({} as Record<string, unknown>).polluted, undefined);
    assert.deepEqual(Object.entries(loaded.metadata), [['__proto__', 'x']]);
    assert.equal(Object.getPrototypeOf(loaded.metadata), Object.prototype);
  });

  it('has objects without a prototype as plain ones', () => {
    const bare = Object.assign(Object.create(null) as object, { x: tensor(1) });
    assert.deepEqual(laidOpen(loadSafetensors(saveSafetensors(bare)).tree), laidOpen({ x: tensor(1) }));
  });

  it('may be 256 levels deep', () => {
    let tree: unknown = fromTypedArray(Int32Array.of(5), []);
    for (let i = 0; i < 256; i++) tree = i % 2 === 0 ? [tree] : { k: tree };
    assert.deepEqual(laidOpen(loadSafetensors(saveSafetensors(tree)).tree), laidOpen(tree));
  });
});
