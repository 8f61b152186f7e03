import assert from 'node:assert/strict';
import { conv2d, fromTypedArray, matmul, reference, transpose, type Tensor } from 'bigrad';
import type { Engine } from '../../../../src/backends/gpu/engine/engine.js';
import type { Launcher } from '../../../../src/backends/gpu/engine/launcher.js';
import type { Window } from '../../../../src/backends/gpu/engine/memory.js';
import { startEngine } from '../../../../src/backends/gpu/start.js';
import { divide } from '../../../../src/backends/gpu/webgpu/choose-tiling.js';
import { conv as convolutions } from '../../../../src/backends/gpu/webgpu/conv.js';
import { shaderOf } from '../../../../src/backends/gpu/webgpu/gemm-shader.js';
import { matmul as products } from '../../../../src/backends/gpu/webgpu/matmul.js';
import type { Product } from '../../../../src/backends/gpu/webgpu/product.js';
import { close } from '../../../support/close.js';
import { ownDevice } from '../devices.js';

/** Numbers between -1 and 1; where `special`, one in about 100 is NaN or infinite. */
const tensor = (shape: readonly number[], phase: number, special = false): Tensor => {
  const odd = [NaN, Infinity, -Infinity];
  const at = (i: number): number =>
    special && i % 101 === 50 ? odd[((i - 50) / 101) % 3]! : Math.sin(1.7 * i + phase);
  return fromTypedArray(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => at(i)),
    shape,
    { device: reference },
  );
};

/** A launcher for operands in blocks of their own. */
const launcher = { dense: (x: Window) => x } as unknown as Launcher;
const windowOf = (shape: readonly number[], stride: readonly number[]): Window =>
  ({ view: { shape, stride, offset: 0 } }) as unknown as Window;

describe('the shader of a product whose threads hold 8 by 8 sums', () => {
  let engine: Engine | undefined;
  before(async function () {
    (await ownDevice('webgpu', this)).dispose();
    engine = await startEngine('webgpu');
  });
  after(() => engine?.destroy());

  const run = async (product: Product, step: number, args: readonly Tensor[], size: number): Promise<Float32Array> => {
    const tiling = divide(product, 8, step);
    assert.deepEqual([tiling.high, tiling.wide, tiling.slices], [8, 8, 1]);
    const handles = args.map((x) => engine!.upload(Float32Array.from(x.readSync())));
    const made = engine!.shader!({ code: shaderOf(product, tiling), groups: tiling.tiles, size });
    const result = await made.run(handles);
    const data = await engine!.read(result, size);
    for (const handle of [...handles, result]) engine!.free(handle);
    return data;
  };

  const cases = [
    { way: 'rows by columns', m: 133, k: 19, n: 70, flip: [false, true] },
    { way: 'columns by rows, in vectors', m: 132, k: 7, n: 72, flip: [true, false] },
  ] as const;
  for (const { way, m, k, n, flip } of cases)
    it(`multiplies ${way}, which end within a tile and a step, NaN and infinities included`, async () => {
      const [x, y] = [tensor(flip[0] ? [2, k, m] : [2, m, k], 1, true), tensor(flip[1] ? [n, k] : [k, n], 2)];
      const a = windowOf([2, m, k], flip[0] ? [m * k, 1, m] : [m * k, k, 1]);
      const b = windowOf([2, k, n], flip[1] ? [0, 1, k] : [0, n, 1]);
      const size = 2 * m * n;
      const { product } = products['matmul']!(launcher, [a, b], [{ shape: [2, m, n], dtype: 'float32' }], undefined);
      const expected = matmul(flip[0] ? transpose(x, [0, 2, 1]) : x, flip[1] ? transpose(y) : y);
      close(await run(product(), 16, [x, y], size), expected.readSync(), 5e-6);
    });

  it('convolves with padding that stays padding where filters hold NaN and infinities', async () => {
    const [x, w, y] = [
      [2, 8, 5, 7],
      [66, 8, 3, 3],
      [2, 66, 5, 7],
    ] as const;
    const padding = [
      [1, 1],
      [1, 1],
    ];
    const attrs = { x, w, y, padding, stride: [1, 1], dilation: [1, 1], groups: 1 };
    const [image, filters] = [tensor(x, 1), tensor(w, 2, true)];
    const expected = conv2d(image, filters, { padding: 1 }).readSync();
    assert.ok(expected.some(Number.isNaN) && expected.some(Number.isFinite));
    const { product } = convolutions['conv2d']!(launcher, [], [], attrs);
    close(await run(product(), 8, [image, filters], expected.length), expected, 2e-5);
  });
});
