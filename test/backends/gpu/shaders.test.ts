import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  conv2d,
  convTranspose2d,
  fromTypedArray,
  grad,
  matmul,
  mul,
  reference,
  sum,
  transpose,
  type Tensor,
} from 'bigrad';
import { gpu, type Device } from 'bigrad/gpu';
import { parity } from 'bigrad/testing';
import { broadcastable, number, views, type Source } from '../../support/arbitraries.js';
import { close } from '../../support/close.js';
import { createDevice } from '../../../src/backends/gpu/device.js';
import { startEngine } from '../../../src/backends/gpu/start.js';
import { ownDevice } from './devices.js';

const special = (shape: readonly number[]) =>
  views(
    shape,
    fc.oneof({ weight: 8, arbitrary: number() }, { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity) }),
    'float32',
  );
const runs = { numRuns: 3 };

/** A product weighed element by element, and its gradients. */
const all = (f: (...xs: Tensor[]) => Tensor, xs: readonly Tensor[]): Tensor[] => {
  const weigh = (y: Tensor): Tensor =>
    mul(
      y,
      fromTypedArray(
        Float32Array.from({ length: y.size }, (_, i) => 0.1 + (i % 3)),
        y.shape,
        { device: y.device },
      ),
    );
  return [f(...xs), ...grad((ys: readonly Tensor[]) => sum(weigh(f(...ys))))(xs)];
};

describe('shaders of this library on webgpu', () => {
  let devices: readonly [byShaders: Device, byKernels: Device] | readonly [] = [];
  before(async function () {
    const device = await ownDevice('webgpu', this);
    device.dispose();
    devices = [await gpu({ mode: 'webgpu', leastWork: 0 }), await gpu({ mode: 'webgpu', leastWork: Infinity })];
  });
  after(() => {
    for (const device of devices) device.dispose();
  });

  const agree = async (sources: readonly Source[], f: (...xs: Tensor[]) => Tensor): Promise<void> => {
    const expected = all(
      f,
      sources.map((x) => x.make(reference)),
    );
    for (const device of devices)
      await device.scope(async () => {
        const got = all(
          f,
          sources.map((x) => x.make(device)),
        );
        for (const [i, x] of got.entries())
          close(await x.read(), expected[i]!, 5e-6, `result ${i} from leastWork ${device.describe().leastWork} on`);
      });
  };

  it('run on webgpu alone, from the work on that they were told', async () => {
    assert.deepEqual(
      devices.map((d) => d.describe().leastWork),
      [0, Infinity],
    );
    const [webgpu, webasm] = [await gpu({ mode: 'webgpu' }), await gpu({ mode: 'webasm' })];
    assert.deepEqual([webgpu.describe().leastWork, webasm.describe().leastWork], [2048, Infinity]);
    for (const device of [webgpu, webasm]) device.dispose();
  });

  it('are what products launch from that work on, one for each slice of long sums', async () => {
    const engine = await startEngine('webgpu');
    const made: string[] = [];
    const counted = (leastWork: number): Device =>
      createDevice(
        {
          ...engine,
          shader: (shader) => {
            made.push(shader.code);
            return engine.shader!(shader);
          },
        },
        { requested: 'webgpu', declined: {}, kernels: 100, leastWork },
      );
    const shadersOf = async (leastWork: number, m: number, k: number, n: number): Promise<number> => {
      const device = counted(leastWork);
      const before = made.length;
      await device
        .scope(() =>
          matmul(
            fromTypedArray(new Float32Array(m * k), [m, k], { device }),
            fromTypedArray(new Float32Array(k * n), [k, n], { device }),
          ),
        )
        .read();
      return made.length - before;
    };
    assert.equal(await shadersOf(Infinity, 64, 64, 64), 0);
    assert.equal(await shadersOf(0, 3, 3, 3), 1);
    // A workgroup makes 16 x 16 elements here.
    assert.equal(await shadersOf(2048, 16, 7, 16), 0);
    assert.equal(await shadersOf(2048, 16, 8, 16), 1);
    await shadersOf(0, 3, 1100, 5);
    assert.match(made.at(-1)!, /const slices = 14i;/);
    assert.match(made.at(-2)!, /const slices = 1i;/);
    await engine.destroy();
  });

  it('multiply matrices of any shape, strides and batches as the reference does', async () => {
    const size = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(16, 17, 33, 66));
    const cases = fc
      .tuple(size, size, size, broadcastable(2, 3))
      .chain(([m, k, n, [a, b]]) => fc.tuple(special([...a, m, k]), special([...b, k, n])));
    await fc.assert(
      fc.asyncProperty(cases, ([x, y]) => agree([x, y], (a, b) => matmul(a, b))),
      runs,
    );
  });

  it('split long sums, and multiply transposed operands', async () => {
    const data = (n: number, phase: number) => Float32Array.from({ length: n }, (_, i) => Math.sin(1.3 * i + phase));
    const sources = (shapes: number[][]): Source[] =>
      shapes.map((shape, i) => ({
        make: (device) =>
          fromTypedArray(
            data(
              shape.reduce((a, b) => a * b),
              i,
            ),
            shape,
            { device },
          ),
      })) as Source[];
    await agree(
      sources([
        [1100, 3],
        [1100, 5],
      ]),
      (a, b) => mul(matmul(transpose(a), b), 0.1),
    );
    await agree(
      sources([
        [2, 2, 20, 20],
        [3, 2, 3, 3],
      ]),
      (a, b) => mul(conv2d(a, b, { padding: 1 }), 0.05),
    );
  });

  const geometry = fc.record({
    groups: fc.integer({ min: 1, max: 2 }),
    stride: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 2 })),
    dilation: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
    padding: fc.integer({ min: 0, max: 2 }),
  });
  it('convolve in any geometry as the reference does, NaN and infinities included', async () => {
    const cases = geometry.chain((g) =>
      fc.tuple(fc.constant(g), special([1, 2 * g.groups, 4, 5]), special([2 * g.groups, 2, 2, 3])),
    );
    await fc.assert(
      fc.asyncProperty(cases, async ([g, x, w]) => {
        await agree([x, w], (a, b) => mul(conv2d(a, b, g), 0.1));
        if (g.padding === 0) await agree([x, w], (a, b) => mul(convTranspose2d(a, b, g), 0.1));
      }),
      runs,
    );
  });

  it('take more workgroups than one dimension of a dispatch has', async () => {
    const engine = await startEngine('webgpu');
    const code = `@group(0) @binding(0) var<storage, read_write> z: array<f32>;
@compute @workgroup_size(1) fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) count: vec3<u32>) {
  let cell = id.x + id.y * count.x;
  if (cell < 70000u) { z[cell] = f32(cell); }
}`;
    const made = await engine.shader!({ code, groups: 70_000, size: 70_000 }).run([]);
    assert.ok((await engine.read(made, 70_000)).every((v, i) => v === i));
    engine.free(made);
    assert.throws(() => engine.shader!({ code, groups: 1, size: 2 ** 31 }), /expected a result of at most \d+ bytes/);
    await assert.rejects(
      async () => engine.shader!({ code: 'fn main() {', groups: 1, size: 1 }).run([]),
      /expected a shader that this adapter takes/,
    );
    await engine.destroy();
  });

  it('agree over the cases of the op table', async function () {
    this.timeout(180_000);
    assert.ok((await parity(reference, devices[0]!, ['matmul', 'conv2d'])) > 20);
  });
});
