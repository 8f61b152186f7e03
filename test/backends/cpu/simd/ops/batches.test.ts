import assert from 'node:assert/strict';
import { createCpu, matmul, reference, transpose, type Backend, type Tensor } from 'bigrad';
import { linalg } from '../../../../../src/backends/cpu/simd/ops/linalg.js';
import * as products from '../../../../../src/backends/cpu/simd/ops/matmul.js';
import { viewOf } from '../../../../../src/core/view.js';
import { builds } from '../../../../support/builds.js';
import { close } from '../../../../support/close.js';
import { drawOn, swap } from '../../../../support/matrices.js';
import { instances } from '../guarded.js';

describe('batches that scratch memory cannot hold', () => {
  const [simd] = instances;
  const batch = () => viewOf(new Float64Array(7 * 9 * 16), [7, 9, 4, 4]);

  it('go through in parts of as many matrices as fit, in order', () => {
    // A matrix takes 256 bytes with its result: 9 of them fit, and 63 need at least 7 parts.
    const parts = linalg.cholesky.parts!.cut(simd!, 2500, [batch()], [batch()], null)!;
    assert.deepEqual(
      parts.map(({ ins: [x] }) => x!.shape),
      Array.from({ length: 7 }, () => [1, 9, 4, 4]),
    );
    parts.forEach(({ ins, outs, attrs }, k) => {
      for (const { offset } of [...ins, ...outs]) assert.equal(offset, k * 9 * 16);
      assert.deepEqual(attrs!.of, { shape: [7, 9, 4, 4], first: 9 * k });
    });
    const more = products.matmul.parts!.cut(simd!, 16000, [batch(), batch()], [batch()], null)!;
    assert.deepEqual(
      more.map(({ ins: [x] }) => x!.shape),
      [2, 2, 2, 1].map((length) => [length, 9, 4, 4]),
    );
  });

  it('do not go through where one matrix does not fit', () => {
    assert.equal(linalg.cholesky.parts!.cut(simd!, 255, [batch()], [batch()], null), undefined);
    assert.equal(linalg.cholesky.parts!.cut(simd!, 256, [batch()], [batch()], null)!.length, 63);
    assert.equal(products.matmul.parts!.cut(simd!, 64, [batch(), batch()], [batch()], null), undefined);
  });

  it('have the products of the reference, where a part is some matrices or a block of one', () => {
    const product = (x: Tensor, y: Tensor) => [
      matmul(x, y),
      matmul(swap(y), swap(x)),
      matmul(transpose(x, [1, 0, 2, 3]), y),
    ];
    for (const scratchBytes of [3000, 20_000, 80_000])
      for (const device of builds.map((build) => createCpu({ simd: build, leastWork: 0, scratchBytes })))
        for (const dtype of ['float64', 'float32'] as const) {
          const on = (d: Backend) => {
            const draw = drawOn(d, dtype);
            return product(draw([3, 3, 17, 13], 1), draw([3, 13, 18], 2));
          };
          const expected = on(reference);
          on(device).forEach((x, i) => {
            close(x, expected[i]!, dtype === 'float64' ? 1e-12 : 1e-5);
          });
        }
  });
});
