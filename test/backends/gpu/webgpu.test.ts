import assert from 'node:assert/strict';
import { add, fromTypedArray, mul, stack, tensor, type Tensor } from 'bigrad';
import type { GpuBuffer, WebGpuContext } from '../../../src/backends/gpu/engine/gpu-js.js';
import { createCommands } from '../../../src/backends/gpu/webgpu/commands.js';
import { createPool } from '../../../src/backends/gpu/webgpu/pool.js';
import { ownDevice } from './devices.js';

/** A context that writes down what it is asked for. */
function recorder(): { context: WebGpuContext; log: string[] } {
  const log: string[] = [];
  let buffers = 0;
  const device = {
    limits: { maxStorageBufferBindingSize: 2 ** 30, maxBufferSize: 2 ** 31 },
    createBuffer: ({ size }: { size: number }) => {
      const name = `${buffers++}`;
      log.push(`create ${name} of ${size}`);
      return { name, destroy: () => log.push(`destroy ${name}`) };
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
    commands.copy({} as GpuBuffer, {} as GpuBuffer, 4);
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
    for (let i = 0; i < 300; i++) assert.ok(commands.uniform(Uint32Array.of(1)).offset! < 65536);
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
    const [old, large, larger] = [pool.take(2 ** 20), pool.take(2 ** 27), pool.take(2 ** 27)];
    pool.give(old);
    pool.give(large);
    log.length = 0;
    pool.give(larger);
    assert.deepEqual(log, ['flush', 'destroy 0']);
    pool.clear();
    assert.deepEqual(log.slice(2).sort(), ['destroy 1', 'destroy 2', 'flush']);
  });

  it('refuses what the adapter does not allow', () => {
    const pool = createPool(recorder().context, () => undefined);
    assert.throws(() => pool.take(2 ** 30 + 4), /RangeError: gpu: expected a result of at most 1073741824 bytes/);
  });
});

describe('kernels on webgpu', () => {
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
