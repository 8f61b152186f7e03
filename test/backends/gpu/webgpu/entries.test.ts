import assert from 'node:assert/strict';
import type { Launcher } from '../../../../src/backends/gpu/engine/launcher.js';
import type { Window } from '../../../../src/backends/gpu/engine/memory.js';
import { products } from '../../../../src/backends/gpu/webgpu/entries.js';
import type { Gemm } from '../../../../src/backends/gpu/webgpu/gemm.js';

const windowOf = (shape: readonly number[], stride: readonly number[]): Window =>
  ({ view: { shape, stride, offset: 0 } }) as unknown as Window;

describe('products of webgpu', () => {
  it('write a shader once for the sizes and strides of a product, which its key tells', () => {
    const launched: Gemm[] = [];
    const result = windowOf([], []);
    const engine = { limits: { maxComputeWorkgroupStorageSize: 16384 } };
    const gpu = { engine, shader: (gemm: Gemm) => (launched.push(gemm), result) } as unknown as Launcher;
    const matmul = products({}, 0)['matmul']!;
    const multiply = (batches: number, x: readonly number[], y: readonly number[]): unknown =>
      matmul(
        gpu,
        [windowOf([batches, 32, 24], [768, ...x]), windowOf([batches, 24, 20], [480, ...y])],
        [{ shape: [batches, 32, 20], dtype: 'float32' }],
        undefined,
      );
    for (const [batches, x, y] of [
      [2, [24, 1], [20, 1]],
      [2, [24, 1], [20, 1]],
      [3, [24, 1], [20, 1]],
      [2, [1, 32], [20, 1]],
      [2, [24, 1], [1, 24]],
    ] as const)
      assert.deepEqual(multiply(batches, x, y), [result]);
    const [first, again, ...others] = launched;
    assert.equal(again, first);
    assert.equal(new Set([first, ...others].map(({ key } = first!) => key)).size, 4);
    assert.equal(new Set([first, ...others].map(({ code } = first!) => code)).size, 4);
    assert.ok(first!.key.length < 100);
  });
});
