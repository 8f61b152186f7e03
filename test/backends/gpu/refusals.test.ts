import assert from 'node:assert/strict';
import {
  add,
  argmax,
  broadcastTo,
  cast,
  compile,
  cpu,
  full,
  fromTypedArray,
  oneHot,
  ones,
  prod,
  reciprocal,
  softmaxCrossEntropy,
  take,
  tanh,
  tensor,
  to,
  where,
  zeros,
  type Tensor,
} from 'bigrad';
import { gpu, type Device, type Mode } from 'bigrad/gpu';
import { deviceFor, modes, ownDevice } from './devices.js';

describe('the GPU device refuses', () => {
  let device: Device;
  before(async () => {
    device = await gpu({ mode: 'cpu' });
  });
  after(() => {
    device.dispose();
  });

  it('modes it does not know, and other options', async () => {
    await assert.rejects(
      gpu({ mode: 'metal' as Mode }),
      /gpu: expected mode 'auto', 'webgpu', .*got the string "metal"/,
    );
    await assert.rejects(
      gpu({ adapter: 1 } as object),
      /gpu: expected no options but mode, kernels, leastWork, got adapter/,
    );
    await assert.rejects(gpu({ kernels: 0 }), /gpu: expected kernels to be a positive integer, got 0/);
    for (const leastWork of [NaN, -1, '1', true])
      await assert.rejects(gpu({ leastWork: leastWork as number }), /gpu: expected leastWork of at least 0, got/);
    assert.throws(() => device.scope(3 as never), /TypeError: scope: expected a function, got the number 3/);
  });

  it('modes that are not available here, naming the cure', async () => {
    await assert.rejects(gpu({ mode: 'webgl2' }), /gpu: expected mode 'webgl2' to be available.*in Node use 'webgpu'/);
  });

  it('headlessgl where gl is not built or no X server runs, naming both', async () => {
    try {
      const present = await gpu({ mode: 'headlessgl' });
      assert.equal(present.describe().mode, 'headlessgl');
      present.dispose();
    } catch (error) {
      assert.match(String(error), /expected mode 'headlessgl'.*xvfb/);
    }
  });

  it('float64, naming cast', async () => {
    assert.throws(
      () => to(ones([2], { dtype: 'float64' }), device),
      /upload: expected float32 or int32 .*got float64; use cast/,
    );
    await assert.rejects(
      cast(ones([2], { device }), 'float64').read(),
      /read: expected float32 or int32.*got float64; use cast/,
    );
  });

  it('tensors of another device', () => {
    assert.throws(
      () => add(ones([2], { device }), ones([2])),
      /add: expected tensors on one device, got gpu \(cpu\) and cpu/,
    );
    assert.equal(to(to(ones([2]), device), cpu).device, cpu);
  });

  it('integers that float32 cannot hold, once a kernel needs them', () => {
    const big = fromTypedArray(Int32Array.of(2 ** 24 + 1, 1), [2], { device });
    assert.equal(add(big, 1).readSync()[0], 2 ** 24 + 2);
    assert.throws(
      () => where(big, tensor([1, 2], { device }), 0),
      /where: expected integers of at most 2\^24 .*got 16777217/,
    );
  });

  it('integers too, that are single numbers, beside integers of kernels', () => {
    const made = cast(tensor([7.5, 1], { device }), 'int32');
    assert.throws(() => add(made, 2 ** 24 + 1), /add: expected integers of at most 2\^24 .*got 16777217/);
    assert.deepEqual(Array.from(add(made, 2 ** 24 - 8).readSync()), [2 ** 24 - 1, 2 ** 24 - 7]);
    const zero = cast(cast(tensor([-0.5, 2], { device }), 'int32'), 'float32');
    assert.equal(reciprocal(zero).readSync()[0], Infinity);
  });

  it('to take more elements than it can count', () => {
    const bytes = new Float32Array(2 ** 24 + 1);
    assert.throws(
      () => fromTypedArray(bytes, [bytes.length], { device }),
      /upload: expected tensors of at most 16777216 elements on gpu \(cpu\).*got 16777217/,
    );
    assert.throws(() => add(broadcastTo(ones([3], { device }), [2 ** 23, 3]), 1), /add: expected tensors of at most/);
  });

  it('to dispose of what is not its own', async () => {
    const other = await gpu({ mode: 'cpu' });
    assert.throws(() => {
      device.dispose(undefined as unknown as Tensor);
    }, /TypeError: dispose: expected a tensor/);
    assert.throws(() => {
      device.dispose(ones([2]));
    }, /dispose: expected a tensor on gpu \(cpu\), got one on cpu/);
    assert.throws(() => {
      device.dispose(ones([2], { device: other }));
    }, /dispose: expected a tensor on gpu \(cpu\), got one on another gpu \(cpu\)/);
    const [x, y] = [ones([2], { device }), ones([2], { device })];
    compile((t: Tensor) => add(t, 1), { donate: [0] })(x);
    device.dispose(x, y, y);
    assert.throws(() => y.readSync(), /expected a tensor with values/);
    other.dispose();
  });

  for (const mode of modes)
    it(`to read from a device that was disposed of while it was read, on ${mode}`, async function () {
      const own = await ownDevice(mode, this);
      const reading = [tanh(tensor([1, 2], { device: own })), tensor([1, 2], { device: own })].map((x) => x.read());
      own.dispose();
      for (const read of await Promise.allSettled(reading))
        assert.match(
          String((read as PromiseRejectedResult).reason),
          /TypeError: read: expected a device in use, got gpu \(\w+\) after dispose/,
        );
    });

  it('indices and labels outside', () => {
    const x = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { device },
    );
    const ints = (...v: number[]) => fromTypedArray(Int32Array.from(v), [v.length], { device });
    assert.throws(() => take(x, ints(0, 2)), /take: expected indices from -2 to 1, got 2/);
    assert.throws(
      () => oneHot(cast(tensor([0.5, 3], { device }), 'int32'), 3),
      /oneHot: expected indices from 0 to 2, got 3/,
    );
    assert.throws(() => softmaxCrossEntropy(x, ints(0, 2)), /expected labels from 0 to 1, got 2 at row 1/);
  });

  it('reading at once where it can only be awaited', async function () {
    const webgpu = await deviceFor('webgpu', this);
    const x = add(tensor([1, 2], { device: webgpu }), 1);
    assert.throws(
      () => x.readSync(),
      /readSync: expected a device that can be read at once, got gpu \(webgpu\); use await x.read\(\)/,
    );
    assert.equal(String(x), 'float32[2] on gpu (webgpu)');
    assert.deepEqual(Array.from(await x.read()), [2, 3]);
    assert.deepEqual(Array.from(full([2], 3, { device: webgpu }).readSync()), [3, 3]);
  });
});

describe('the GPU device', () => {
  it('tells what auto chose, and why not the modes before it', async () => {
    const device = await gpu();
    const { requested, mode, declined, adapter } = device.describe();
    assert.equal(requested, 'auto');
    assert.ok(adapter.length > 0);
    if (mode !== 'webgpu') assert.match(declined['webgpu']!, /it needs/);
    assert.equal(device.name, `gpu (${mode})`);
    device.dispose();
  });

  it('keeps integers made by kernels on the device and reads them as integers', async () => {
    const device = await gpu({ mode: 'webasm' });
    const found = argmax(
      tensor(
        [
          [1, 3],
          [2, 0],
        ],
        { device },
      ),
      1,
    );
    assert.ok((await found.read()) instanceof Int32Array);
    assert.deepEqual(Array.from(found.readSync()), [1, 0]);
    assert.deepEqual(Array.from(take(tensor([5, 6], { device }), found).readSync()), [6, 5]);
    assert.equal(prod(tensor([2, 3, 4], { device })).readSync()[0], 24);
    assert.equal(zeros([0, 3], { device }).readSync().length, 0);
    device.dispose();
  });
});
