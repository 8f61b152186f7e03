import assert from 'node:assert/strict';
import fc from 'fast-check';
import { chooseTiling } from '../../../../src/backends/gpu/webgpu/choose-tiling.js';
import { shaderOf } from '../../../../src/backends/gpu/webgpu/gemm-shader.js';
import type { Product } from '../../../../src/backends/gpu/webgpu/product.js';
import type { Tiling } from '../../../../src/backends/gpu/webgpu/tiling.js';

interface Sizes {
  readonly batches?: number;
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  readonly gaps?: boolean;
  readonly deep?: boolean;
}

/** A product of such sizes, whose right operand has gaps or not. */
const product = ({ batches = 1, rows, columns, depth, gaps = false, deep = false }: Sizes): Product => ({
  ...{ batches, rows, columns, depth },
  left: { argument: 0, line: 'row', term: 'p', deep, fours: !deep && rows % 4 === 0 },
  right: { argument: 1, line: 'column', term: 'p', deep: !deep, ...(gaps && { at: 'return t;' }) },
  place: 'column',
  fours: false,
  constants: {},
});

const LIMIT = 16384; // of WebGPU
const tilingOf = (sizes: Sizes, memory = LIMIT): Tiling => chooseTiling(product(sizes), memory);
const sumsAndStep = ({ high, wide, step }: Tiling): number[] => [high, wide, step];

const words: Readonly<Record<string, number>> = { f32: 1, u32: 1, 'atomic<u32>': 4, 'vec2<f32>': 2, 'vec4<f32>': 4 };
/** Bytes of workgroup memory that a text declares, each variable rounded up to 16. */
const bytesIn = (code: string): number => {
  const found = [...code.matchAll(/var<workgroup> \w+: (?:array<array<([^ ]+), (\d+)>, (\d+)>|(atomic<u32>));/g)];
  assert.equal(found.length, code.split('var<workgroup>').length - 1);
  return found
    .map(([, type, vectors, terms, flag]) => 4 * words[type ?? flag!]! * Number(vectors ?? 1) * Number(terms ?? 1))
    .reduce((sum, bytes) => sum + Math.ceil(bytes / 16) * 16, 0);
};

describe('chooseTiling', () => {
  const length = (most: number) => fc.oneof(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 1, max: most }));
  const sizes = fc.record({
    batches: fc.integer({ min: 1, max: 5 }),
    rows: length(9000),
    columns: length(9000),
    depth: length(40_000),
    gaps: fc.boolean(),
    deep: fc.boolean(),
  });

  it('keeps to the memory of a workgroup, as the shader declares it', () => {
    const memory = fc.constantFrom(LIMIT, 2 * LIMIT);
    fc.assert(
      fc.property(sizes, memory, (given, most) => {
        assert.ok(bytesIn(shaderOf(product(given), tilingOf(given, most))) <= most);
      }),
      { numRuns: 50, examples: [[{ batches: 1, rows: 4096, columns: 4096, depth: 9, gaps: true, deep: true }, LIMIT]] },
    );
  });

  it('covers the result, and each term of a sum in one slice that is not empty', () => {
    fc.assert(
      fc.property(sizes, (given) => {
        const { down, across, high, wide, tiles, slices, part, step } = tilingOf(given);
        const { batches, rows, columns, depth } = given;
        assert.equal(tiles, batches * Math.ceil(rows / (down * high)) * Math.ceil(columns / (across * wide)));
        assert.equal(part % step, 0);
        assert.ok((slices - 1) * part < depth && depth <= slices * part);
      }),
      { numRuns: 100 },
    );
  });

  it('takes no more sums for a thread than there are rows and columns', () => {
    assert.deepEqual(sumsAndStep(tilingOf({ rows: 16, columns: 17, depth: 9 })), [1, 2, 16]);
    assert.deepEqual(sumsAndStep(tilingOf({ rows: 33, columns: 900, depth: 9 })), [4, 4, 16]);
    assert.deepEqual(sumsAndStep(tilingOf({ rows: 16, columns: 90_000, depth: 9 })), [1, 4, 16]);
  });

  it('takes 8 by 8 sums from 256 such tiles on, as many terms at a time as there is memory for', () => {
    assert.deepEqual(sumsAndStep(tilingOf({ rows: 2048, columns: 2048, depth: 9 })), [8, 8, 16]);
    assert.deepEqual(sumsAndStep(tilingOf({ rows: 2048, columns: 1920, depth: 9 })), [4, 4, 16]);
    assert.deepEqual(sumsAndStep(tilingOf({ rows: 64, columns: 32_768, depth: 9 })), [4, 8, 16]);
    const gaps = { rows: 2048, columns: 2048, depth: 9, gaps: true };
    assert.deepEqual(sumsAndStep(tilingOf(gaps)), [8, 8, 8]);
    const enough = bytesIn(shaderOf(product(gaps), tilingOf(gaps, 2 * LIMIT)));
    assert.deepEqual(sumsAndStep(tilingOf(gaps, enough)), [8, 8, 16]);
    assert.deepEqual(sumsAndStep(tilingOf(gaps, enough - 1)), [8, 8, 8]);
  });

  it('splits long sums of few tiles into 4 to 128 slices, about 256 workgroups', () => {
    const slicesOf = (rows: number, depth: number): number => tilingOf({ rows, columns: 64, depth }).slices;
    assert.deepEqual([slicesOf(64, 255), slicesOf(64, 256), slicesOf(512, 4096)], [1, 4, 32]);
    assert.deepEqual([slicesOf(64, 1e6), slicesOf(64 * 86, 4096), slicesOf(64 * 64, 4096)], [128, 1, 4]);
  });
});
