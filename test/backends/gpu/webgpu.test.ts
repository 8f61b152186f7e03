import assert from 'node:assert/strict';
import { add, fromTypedArray, mul, neg, stack, sub, tensor, type Tensor } from 'bigrad';
import { gpu } from 'bigrad/gpu';
import type { GpuBuffer, WebGpuContext, WebGpuContexts } from '../../../src/backends/gpu/engine/gpu-js.js';
import { createCommands } from '../../../src/backends/gpu/webgpu/commands.js';
import { createPool } from '../../../src/backends/gpu/webgpu/pool.js';
import { readsOf } from '../../../src/backends/gpu/webgpu/reads.js';
import { createSite } from '../../../src/backends/gpu/webgpu/site.js';
import { ownDevice } from './devices.js';

/** A context that writes down what it is asked for. */
function recorder(memory = Infinity): { context: WebGpuContext; log: string[] } {
  const log: string[] = [];
  let buffers = 0;
  let full = false;
  const device = {
    limits: { maxStorageBufferBindingSize: 2 ** 30, maxBufferSize: 2 ** 31 },
    createBuffer: ({ size }: { size: number }) => {
      const name = `${buffers++}`;
      log.push(`create ${name} of ${size}`);
      full ||= size > memory;
      return {
        name,
        destroy: () => log.push(`destroy ${name}`),
        mapAsync: () => Promise.resolve(),
        getMappedRange: () => {
          const bytes = new Uint8Array(size);
          bytes.set(Array.from({ length: Math.min(size, 16) }, (_, i) => i));
          return bytes.buffer;
        },
      };
    },
    pushErrorScope: () => undefined,
    popErrorScope: () => {
      const error = full ? { message: 'out of memory' } : null;
      full = false;
      return Promise.resolve(error);
    },
    createCommandEncoder: () => {
      const work: string[] = [];
      return {
        beginComputePass: () => ({
          setPipeline: () => undefined,
          setBindGroup: (_: number, group: { name: string }) => work.push(group.name),
          dispatchWorkgroups: () => undefined,
          end: () => work.push('end'),
        }),
        copyBufferToBuffer: () => work.push('copy'),
        finish: () => work.join(' '),
      };
    },
    queue: {
      submit: ([work]: string[]) => log.push(`submit ${work!}`),
      writeBuffer: (_: GpuBuffer, offset: number, data: Uint32Array, from = 0, size = data.length) =>
        log.push(
          `write ${offset}: ${data
            .slice(from, from + size)
            .filter((v) => v > 0)
            .join()}`,
        ),
    },
  };
  return { context: { device, isLost: false } as unknown as WebGpuContext, log };
}

describe('commands for WebGPU', () => {
  const group = (name: string) => ({ name });
  const pipeline = {} as never;

  it('are submitted together, in order, when the JavaScript that gave them has run', async () => {
    const { context, log } = recorder();
    const commands = createCommands(context);
    log.length = 0;
    commands.dispatch(pipeline, group('a'), [1, 1]);
    commands.dispatch(pipeline, group('b'), [1, 1]);
    commands.copy({} as GpuBuffer, {} as GpuBuffer, 0, 4);
    commands.dispatch(pipeline, group('c'), [1, 1]);
    assert.deepEqual(log, []);
    await Promise.resolve();
    assert.deepEqual(log, ['submit a b end copy c end']);
    commands.flush();
    assert.equal(log.length, 1);
  });

  it('do not pile up', () => {
    const { context, log } = recorder();
    const commands = createCommands(context);
    for (let i = 0; i < 100; i++) commands.dispatch(pipeline, group('a'), [1, 1]);
    commands.flush();
    assert.deepEqual(
      log.filter((line) => line.startsWith('submit')).map((line) => line.split(' ').length - 2),
      [32, 32, 32, 4],
    );
  });

  it('have uniforms of their own, which are written before they are submitted', () => {
    const { context, log } = recorder();
    const commands = createCommands(context);
    log.length = 0;
    const places = [3, 4].map((word) => {
      const place = commands.uniform(Uint32Array.of(word, 0, 0, word));
      commands.dispatch(pipeline, group('a'), [1, 1]);
      return [place.offset, place.size];
    });
    commands.flush();
    assert.deepEqual(places, [
      [0, 16],
      [256, 16],
    ]);
    assert.deepEqual(log, ['write 0: 3,3,4,4', 'submit a a end']);
    for (let i = 0; i < 300; i++) {
      commands.dispatch(pipeline, group('b'), [1, 1]);
      assert.ok(commands.uniform(Uint32Array.of(1)).offset! < 65536);
    }
  });
});

describe('the pool of buffers for WebGPU', () => {
  it('gives a buffer of the size that was given back, the oldest first', () => {
    const { context } = recorder();
    const pool = createPool(context, () => undefined);
    const [a, b, c] = [pool.take(8), pool.take(8), pool.take(16)];
    for (const slot of [b, c, a]) pool.give(slot);
    assert.deepEqual(
      [8, 8, 16, 8].map((bytes) => pool.take(bytes).id),
      [a.id, b.id, c.id, 3],
    );
  });

  it('destroys what waits beyond 256 MiB, the size first that was used longest ago, after all work', () => {
    const { context, log } = recorder();
    const pool = createPool(context, () => log.push('flush'));
    pool.give(pool.take(2 ** 20));
    const slots = [pool.take(2 ** 27), pool.take(2 ** 27)];
    log.length = 0;
    for (const slot of slots) pool.give(slot);
    assert.deepEqual(log, ['flush', 'destroy 0', 'destroy 2']);
    pool.clear();
    assert.deepEqual(log.slice(3), ['flush', 'destroy 1']);
  });

  it('keeps what was in use at one time, and makes room for buffers of another size', () => {
    const { context, log } = recorder();
    const pool = createPool(context, () => undefined);
    const destroyed = () => log.filter((line) => line.startsWith('destroy')).length;
    for (const slot of Array.from({ length: 8 }, () => pool.take(2 ** 28))) pool.give(slot);
    assert.equal(destroyed(), 0);
    for (let i = 0; i < 8; i++) pool.take(2 ** 28 - 4);
    assert.ok(destroyed() >= 7, `${destroyed()} destroyed`);
  });

  it('says where the GPU had no memory', async () => {
    const pool = createPool(recorder(100).context, () => undefined);
    pool.take(100);
    await pool.memoryChecked();
    pool.take(104);
    await assert.rejects(pool.memoryChecked(), /gpu: expected memory for 104 bytes on the GPU, got out of memory/);
    assert.throws(pool.checkMemory, /expected memory for 104 bytes/);
  });

  it('refuses what the adapter does not allow', () => {
    const pool = createPool(recorder().context, () => undefined);
    assert.throws(() => pool.take(2 ** 30 + 4), /RangeError: gpu: expected a result of at most 1073741824 bytes/);
  });
});

describe('reads on webgpu', () => {
  it('that are asked for at the same time are copied together, and each gets its part', async () => {
    const { context, log } = recorder();
    const site = createSite(context);
    const read = readsOf(site);
    const handles = [8, 4, 2 ** 26, 12].map((bytes) => ({ slot: site.pool.take(bytes), freed: false }));
    log.length = 0;
    const got = await Promise.all(handles.map((handle) => read(handle, handle.slot.bytes / 4)));
    assert.deepEqual(
      got.map(({ length }) => length),
      [2, 1, 2 ** 24, 3],
    );
    assert.deepEqual(
      [got[0]!, got[1]!, got[3]!].map(({ buffer }) => new Uint8Array(buffer)[0]),
      [0, 8, 0],
    );
    assert.deepEqual(
      log.filter((line) => !line.startsWith('destroy')),
      ['create 5 of 12', 'submit copy copy', `create 6 of ${2 ** 26}`, 'submit copy', 'create 7 of 12', 'submit copy'],
    );
    handles[0]!.freed = true;
    await assert.rejects(read(handles[0]!, 2), /expected data on the GPU, got a buffer that was freed/);
    context.isLost = true;
    await assert.rejects(read(handles[1]!, 1), /expected a GPU that works, got one that was lost/);
  });

  it('of many results give each its own', async function () {
    const device = await ownDevice('webgpu', this);
    const made = Array.from({ length: 9 }, (_, i) =>
      add(fromTypedArray(new Float32Array(i + 1).fill(i), [i + 1], { device }), 1),
    );
    const got = await Promise.all(made.map((x) => x.read()));
    assert.deepEqual(
      got.map((x) => Array.from(x)),
      made.map((_, i) => new Array<number>(i + 1).fill(i + 1)),
    );
    device.dispose();
  });
});

describe('kernels on webgpu', () => {
  it('of a lost GPU are errors, compiled or not, and so are uploads and reads', async function () {
    const device = await ownDevice('webgpu', this);
    const lib = (await import('gpu.js')) as unknown as { default: { WebGPUContext: WebGpuContexts } };
    const x = tensor([1, 2], { device });
    await add(x, x).read();
    const { device: gpuDevice } = await lib.default.WebGPUContext.acquire();
    (gpuDevice as unknown as { destroy(): void }).destroy();
    await gpuDevice.lost;
    for (const call of [() => add(x, x), () => mul(x, x), () => tensor([1, 2, 3], { device })])
      assert.throws(call, /expected a GPU that works, got one that was lost/);
    await assert.rejects(x.read(), /expected a GPU that works, got one that was lost/);
    const other = await ownDevice('webgpu', this);
    assert.deepEqual(Array.from(await add(tensor([1, 2], { device: other }), 1).read()), [2, 3]);
    other.dispose();
  });

  it('are given up and compiled again, with many of them in one tick', async function () {
    await ownDevice('webgpu', this).then((device) => {
      device.dispose();
    });
    const device = await gpu({ mode: 'webgpu', kernels: 2 });
    const x = tensor([1, 2], { device });
    for (let i = 0; i < 2; i++) {
      const made = [add(x, 1), mul(x, 3), sub(x, 1), add(mul(x, x), x), neg(x), mul(x, 5)];
      const got = await Promise.all(made.map((y) => y.read()));
      assert.deepEqual(
        got.map((y) => y[1]),
        [3, 6, 1, 6, -2, 10],
      );
    }
    assert.ok(device.describe().kernels <= 2);
    device.dispose();
  });

  it('take numbers of their own, though they are submitted together', async function () {
    const device = await ownDevice('webgpu', this);
    const x = tensor([1, 2], { device });
    await mul(x, 1).read(); // the kernel is compiled
    const made = Array.from({ length: 300 }, (_, i) => mul(x, i));
    const got = await stack(made).read();
    assert.deepEqual(
      Array.from(got),
      made.flatMap((_, i) => [i, 2 * i]),
    );
    device.dispose();
  });

  it('do not write over what recorded work reads, when buffers are used again at once', async function () {
    const device = await ownDevice('webgpu', this);
    let x = tensor([0, 1, 2], { device });
    await add(x, x).read();
    const kept: Tensor[] = [];
    for (let i = 0; i < 100; i++) {
      const fresh = fromTypedArray(Float32Array.of(1, 1, i), [3], { device });
      const next = add(x, fresh);
      device.dispose(x, fresh);
      x = next;
      if (i % 10 === 9) kept.push(add(x, x));
    }
    for (const [k, y] of kept.entries()) {
      const n = 10 * (k + 1);
      assert.deepEqual(Array.from(await y.read()), [2 * n, 2 * (n + 1), 2 * (2 + (n * (n - 1)) / 2)]);
    }
    device.dispose();
  });
});
