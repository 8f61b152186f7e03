import assert from 'node:assert/strict';
import v8 from 'node:v8';
import vm from 'node:vm';
import {
  add,
  broadcastTo,
  compile,
  exp,
  fromTypedArray,
  grad,
  matmul,
  mean,
  mul,
  ones,
  square,
  sub,
  sum,
  take,
  tanh,
  tensor,
  transpose,
  zerosLike,
  type Tensor,
} from 'bigrad';
import { adam } from 'bigrad/optim';
import { gpu } from 'bigrad/gpu';
import { ownDevice, modes } from './devices.js';

describe('memory of the GPU device', () => {
  for (const mode of modes) {
    it(`stays flat over 500 steps of training on ${mode}`, async function () {
      this.timeout(240_000);
      const device = await ownDevice(mode, this);
      const before = device.memory().buffers;
      const data = tensor(
        [
          [0, 1],
          [1, 0],
          [1, 1],
        ],
        { device },
      );
      const goal = tensor([[1], [1], [0]], { device });
      const optimizer = adam({ learningRate: 0.01 });
      const loss = ({ w, v }: { w: Tensor; v: Tensor }) => mean(square(sub(matmul(tanh(matmul(data, w)), v), goal)));
      let params = {
        w: tensor(
          [
            [0.1, -0.2, 0.3],
            [0.2, 0.1, -0.1],
          ],
          { device },
        ),
        v: tensor([[0.1], [0.2], [0.3]], { device }),
      };
      let state = optimizer.init(params);
      const counts: number[] = [];
      for (let step = 0; step < 500; step++) {
        const old = [params.w, params.v];
        const held = state;
        [params, state] = device.scope(() => optimizer.update(grad(loss)(params), state, params));
        for (const x of [...old, ...leavesOf(held)]) device.dispose(x);
        if (step % 50 > 0) continue;
        await params.w.read(); // until a kernel is compiled, what it needs is kept
        if (step % 125 === 0) counts.push(device.memory().buffers - before);
      }
      assert.deepEqual(new Set(counts).size, 1, `live buffers: ${counts.join(', ')}`);
      assert.ok(counts[0]! < 12);
    });

    it(`is released by scopes but for what they return, on ${mode}`, async function () {
      const device = await ownDevice(mode, this);
      const x = tensor([1, 2, 3], { device });
      const before = device.memory().buffers;
      const kept = device.scope(() => ({ y: add(mul(x, 2), square(x)), n: 1 }));
      await kept.y.read();
      assert.equal(device.memory().buffers, before + 1);
      assert.deepEqual(Array.from(await kept.y.read()), [3, 8, 15]);
      const later = await device.scope(async () => {
        const z = mul(kept.y, 2);
        await z.read();
        return sum(z);
      });
      assert.deepEqual(Array.from(await later.read()), [52]);
      assert.equal(device.memory().buffers, before + 2);
      assert.throws(
        () =>
          device.scope(() => {
            mul(x, 2);
            throw new Error('stop');
          }),
        /stop/,
      );
      assert.equal(device.memory().buffers, before + 2);
      device.dispose(kept.y);
      device.dispose(later);
      assert.equal(device.memory().buffers, before);
    });

    it(`holds what a window shows until the last is gone, on ${mode}`, async function () {
      const device = await ownDevice(mode, this);
      const before = device.memory().buffers;
      const x = tensor(
        [
          [1, 2],
          [3, 4],
        ],
        { device },
      );
      const y = transpose(x);
      assert.equal(device.memory().buffers, before + 1);
      device.dispose(x);
      assert.throws(() => add(x, 1), /add: expected a tensor with values, got one that was disposed of/);
      await assert.rejects(x.read(), /read: expected a tensor with values/);
      assert.deepEqual(Array.from(await y.read()), [1, 3, 2, 4]);
      device.dispose(y);
      assert.equal(device.memory().buffers, before);
    });
  }

  it('is released by scopes that hold a read or a compiled function that fails', async () => {
    const device = await gpu({ mode: 'cpu' });
    const x = tensor([1, 2, 3], { device });
    const before = device.memory().buffers;
    const wide = broadcastTo(x, [2 ** 24, 3]);
    const index = fromTypedArray(Int32Array.of(5), [1], { device });
    const fails = compile((t: Tensor) => add(take(zerosLike(t), index), t));
    await device.scope(async () => {
      add(mul(x, 2), exp(x));
      await assert.rejects(wide.read(), /read: expected tensors of at most 16777216 elements .*got 50331648/);
      assert.throws(() => fails(x), /take: expected indices/);
    });
    assert.equal(device.memory().buffers, before);
    device.dispose();
  });

  it('is told apart by asynchronous scopes that follow one another, not by those that overlap', async () => {
    const device = await gpu({ mode: 'cpu' });
    const wait = (ms: number) =>
      device.scope(async () => {
        const x = ones([2], { device });
        await new Promise((resolve) => setTimeout(resolve, ms));
        return x;
      });
    await wait(1);
    const [first, second] = await Promise.allSettled([wait(1), wait(30)]);
    assert.match(
      String((first as PromiseRejectedResult).reason),
      /TypeError: scope: expected the scopes that were opened inside to end first/,
    );
    assert.equal(second.status, 'fulfilled');
    device.dispose();
  });

  it('is released by the garbage collector where nobody else does', async () => {
    v8.setFlagsFromString('--expose-gc');
    const collect = vm.runInNewContext('gc') as () => void;
    const device = await gpu({ mode: 'cpu' });
    const x = tensor([1, 2], { device });
    for (let i = 0; i < 100; i++) mul(x, i);
    assert.ok(device.memory().buffers > 100);
    for (let i = 0; i < 50 && device.memory().buffers > 1; i++) {
      collect();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.ok(device.memory().buffers < 5, `${device.memory().buffers} buffers`);
    assert.deepEqual(Array.from(x.readSync()), [1, 2]);
    device.dispose();
  });

  it('does not grow on webgpu, and is given back by dispose, where buffers are counted', async function () {
    const device = await ownDevice('webgpu', this);
    const { GPUDevice, GPUBuffer } = (await import('webgpu')).globals as Record<
      'GPUDevice' | 'GPUBuffer',
      { prototype: Record<string, (...xs: unknown[]) => unknown> }
    >;
    const { createBuffer } = GPUDevice.prototype;
    const { destroy } = GPUBuffer.prototype;
    const alive = new Set<unknown>();
    GPUDevice.prototype['createBuffer'] = function (...xs) {
      const buffer = createBuffer!.apply(this, xs);
      alive.add(buffer);
      return buffer;
    };
    GPUBuffer.prototype['destroy'] = function () {
      alive.delete(this);
      return destroy!.call(this);
    };
    try {
      const counts: number[] = [];
      let x = tensor([1, 2, 3], { device });
      for (let i = 0; i < 60; i++) {
        const y = device.scope(() => tanh(mul(add(x, 1), 0.5)));
        device.dispose(x);
        x = y;
        if (i % 10 === 9) await x.read();
        if (i % 20 === 19) counts.push(alive.size);
      }
      assert.ok(alive.size > 0);
      assert.equal(counts[2], counts[1], `buffers of webgpu: ${counts.join(', ')}`);
      device.dispose();
      assert.equal(alive.size, 0);
    } finally {
      GPUDevice.prototype['createBuffer'] = createBuffer!;
      GPUBuffer.prototype['destroy'] = destroy!;
    }
  });

  it('of mode cpu does not grow with the kernels that were given up', async () => {
    v8.setFlagsFromString('--expose-gc');
    const collect = vm.runInNewContext('gc') as () => void;
    const device = await gpu({ mode: 'cpu', kernels: 10 });
    const heap: number[] = [];
    for (let n = 1; n <= 900; n++) {
      device.scope(() => add(fromTypedArray(new Float32Array(n + 1), [n + 1], { device }), 1).readSync());
      if (n % 300 > 0) continue;
      collect();
      heap.push(process.memoryUsage().heapUsed);
    }
    // Each kernel takes about 30 kB.
    assert.ok(heap[2]! - heap[0]! < 4e6, heap.join(', '));
    device.dispose();
  });

  it('keeps the history that an outer transform needs', async () => {
    const device = await gpu({ mode: 'cpu' });
    const slope = grad((x: Tensor) => device.scope(() => sum(mul(square(x), tanh(x)))))(ones([2], { device }));
    const [a] = slope.readSync();
    assert.ok(Math.abs(a! - (2 * Math.tanh(1) + 1 - Math.tanh(1) ** 2)) < 1e-6);
    device.dispose();
    assert.throws(() => ones([2], { device }), /full: expected a device in use/);
  });

  it('keeps no more kernels than it was told to', async () => {
    const device = await gpu({ mode: 'cpu', kernels: 3 });
    for (let n = 1; n < 9; n++)
      assert.equal(sum(add(ones([n, 2], { device }), tensor([1, 2], { device }))).readSync()[0], n * 5);
    assert.equal(device.describe().kernels, 3);
    device.dispose();
  });
});

const leavesOf = ({ m, v }: { m: unknown; v: unknown }): Tensor[] =>
  [m, v].flatMap((t) => Object.values(t as Record<string, Tensor>));
