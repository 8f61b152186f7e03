import assert from 'node:assert/strict';
import {
  add,
  cast,
  compile,
  flip,
  fromTypedArray,
  grad,
  greater,
  leaves,
  matmul,
  mul,
  reference,
  reshape,
  slice,
  stopGradient,
  sum,
  tanh,
  tensor,
  transpose,
  type Backend,
  type Tensor,
  sub,
} from 'bigrad';
import type { Device } from 'bigrad/gpu';
import { createDevice } from '../../../src/backends/gpu/device.js';
import { startEngine } from '../../../src/backends/gpu/start.js';
import { close } from '../../support/close.js';
import { always, deviceFor, modes, ownDevice } from './devices.js';
import {
  batch,
  biRpt,
  chains,
  loss,
  mask,
  net,
  optimizer,
  trainingStep,
  wave,
  type Net,
  type State,
} from './programs.js';

/** Asserts that a tree of tensors holds the values of another. */
async function same(got: unknown, expected: unknown, tolerance = 1e-5): Promise<void> {
  const wanted = leaves(expected);
  assert.equal(leaves(got).length, wanted.length);
  for (const [i, x] of leaves(got).entries()) close(await x.read(), wanted[i]!, tolerance, `result ${i}`);
}
/** Launches that `f` takes, and what it returns. */
const counted = <Y>(device: Device, f: () => Y): [Y, number] => {
  const before = device.describe().launches;
  const y = f();
  return [y, device.describe().launches - before];
};

describe('compiled functions on the GPU device', () => {
  for (const mode of always)
    it(`round values inside of a chain as outside of it, on ${mode}`, async function () {
      const device = await deviceFor(mode, this);
      const f = (x: Tensor) => [
        sub(add(x, 1e8), 1e8),
        sub(mul(mul(x, 1e30), 1e30), mul(mul(x, 1e30), 1e30)),
        mul(mul(mul(x, 1e30), 1e30), 1e-30),
      ];
      const x = (d: Backend) => tensor([1, 2, 3], { device: d });
      await same(compile(f)(x(device)), f(x(reference)), 0);
    });

  for (const mode of modes) {
    it(`fuse chains and give the results of eager ops, on ${mode}`, async function () {
      const device = await deviceFor(mode, this);
      const f = compile(chains);
      const args = (d: Backend, phase: number) =>
        [wave(d, [3, 4], phase), transpose(wave(d, [4, 3], phase + 1)), 1.5 + phase] as const;
      for (const phase of [0, 1]) await same(f(...args(device, phase)), chains(...args(reference, phase)));
      assert.equal(f.traces, 1);
      const [a, eager] = counted(device, () => chains(...args(device, 2)));
      const [b, launches] = counted(device, () => f(...args(device, 2)));
      await same(b, await fetched(a), 1e-6);
      assert.ok(launches < 0.7 * eager, `${launches} launches, ${eager} eagerly`);
    });

    it(`differentiate: a compiled gradient, on ${mode}`, async function () {
      const device = await deviceFor(mode, this);
      const f = compile(grad(loss));
      await same(
        f(net(device), [mask(device, 1)], batch(device, 3)),
        grad(loss)(net(reference), [mask(reference, 1)], batch(reference, 3)),
      );
    });

    it(`take fewer launches for a training step by Adam, and hold a flat number of buffers, on ${mode}`, async function () {
      const device = await ownDevice(mode, this);
      const step = compile(trainingStep, { donate: [0, 1] });
      const start = (d: Backend): [Net, State] => [net(d), optimizer.init(net(d))];
      let [w, s] = device.scope(() => {
        let held = start(device);
        for (let i = 0; i < 3; i++) held = [...step(...held, batch(device, i))].slice(0, 2) as [Net, State];
        return held;
      });
      let [u, t] = start(reference);
      for (let i = 0; i < 3; i++) [u, t] = trainingStep(u, t, batch(reference, i));
      await same([w, s.m, s.v], [u, t.m, t.v]);
      const b = batch(device, 4);
      const [done, eager] = counted(device, () => device.scope(() => leaves(trainingStep(...start(device), b))));
      for (const x of done) {
        await x.read(); // until a kernel is compiled, what it needs is kept
        device.dispose(x);
      }
      const counts = new Set<number>();
      let launches = 0;
      for (let i = 0; i < 200; i++) {
        let value: Tensor;
        [[w, s, value], launches] = counted(device, () => step(w, s, b));
        if (i % 20 === 0) await Promise.all(leaves([w, s, value]).map((x) => x.read()));
        device.dispose(value);
        if (i % 20 === 0 && i > 0) counts.add(device.memory().buffers);
      }
      assert.ok(launches < 0.9 * eager, `${launches} launches, ${eager} eagerly`);
      assert.equal(counts.size, 1, `live buffers: ${[...counts].join(', ')}`);
      assert.equal(step.traces, 1);
      assert.throws(() => step(w, s, (device.dispose(b.x), b)), /compile: expected a tensor with values/);
      device.dispose();
    });

    it(`give the hypergradients of Bi-RPT, with their mixed products, on ${mode}`, async function () {
      const device = await deviceFor(mode, this);
      const f = compile(biRpt);
      const args = (d: Backend) => [net(d), mask(d, 1), mask(d, 2), batch(d, 3), batch(d, 5), 0.1] as const;
      await same(f(...args(device)), biRpt(...args(reference)));
      const [, eager] = counted(device, () => {
        device.scope(() => void biRpt(...args(device)));
      });
      const [, launches] = counted(device, () => {
        device.scope(() => void f(...args(device)));
      });
      assert.ok(launches < 0.75 * eager, `${launches} launches, ${eager} eagerly`);
    });
  }
});

/** The same tree on the reference device. */
const fetched = async (tree: readonly Tensor[]): Promise<Tensor[]> =>
  Promise.all(tree.map(async (x) => fromTypedArray(await x.read(), x.shape, { device: reference })));

describe('a plan of the GPU device', () => {
  let device: Device;
  before(async function () {
    device = await ownDevice('cpu', this);
  });
  after(() => {
    device.dispose();
  });
  const on = (shape: readonly number[], phase = 0): Tensor => wave(device, shape, phase);

  it('counts its kernels, ops, buffers and the most bytes alive', () => {
    const f = compile((x: Tensor) => sum(tanh(mul(add(x, 1), x)), 0));
    const [, launches] = counted(device, () => f(on([10, 4])));
    assert.deepEqual(f.stats, {
      steps: 2,
      ops: { add: 1, mul: 1, tanh: 1, sum: 1 },
      buffers: 4,
      bytes: 4 * (40 + 1 + 40 + 4),
    });
    assert.equal(launches, 2);
  });

  it('makes no kernel of views and constants, and one of a copy', () => {
    const table = tensor([1, 2, 3], { device });
    const f = compile((x: Tensor) => [transpose(x), mul(tanh(table), 2), x, table]);
    const x = on([2, 3]);
    const [[turned, doubled, again, kept]] = [f(x)] as const;
    assert.deepEqual(f.stats!.steps, 0);
    assert.deepEqual(Array.from(turned!.readSync()), Array.from(transpose(x).readSync()));
    close(
      doubled!,
      Float32Array.of(1, 2, 3).map((v) => 2 * Math.tanh(v)),
      1e-6,
    );
    for (const t of [turned, doubled, again, kept]) device.dispose(t!); // results are windows of their own
    assert.deepEqual(Array.from(f(x)[3]!.readSync()), [1, 2, 3]);
    assert.equal(x.readSync().length, 6);
    const g = compile((t: Tensor) => reshape(transpose(t), [6]));
    close(g(x), reshape(transpose(x), [6]));
    assert.deepEqual(g.stats!.ops, { copy: 1 });
  });

  it('keeps its constants through scopes, and frees them when it goes', () => {
    const table = device.scope(() => on([5], 2));
    const before = device.memory().buffers;
    const f = compile((x: Tensor) => add(x, tanh(table)), { maxPlans: 1 });
    const run = (n: number) => device.scope(() => Array.from(f(on([n, 5], n)).readSync()));
    const [once, again] = [run(2), run(2)];
    assert.deepEqual(once, again);
    assert.equal(device.memory().buffers, before + 1); // tanh(table)
    run(3);
    assert.equal(device.memory().buffers, before + 1); // the first plan has gone with its own
    assert.deepEqual(run(2), once);
  });

  it('frees buffers after the last launch that reads them', async () => {
    const engine = await startEngine('cpu');
    let [alive, most] = [0, 0];
    const counting = createDevice(
      {
        ...engine,
        compile: (recipe) => {
          const kernel = engine.compile(recipe);
          return { ...kernel, run: (args) => ((most = Math.max(most, ++alive)), kernel.run(args)) };
        },
        free: () => {
          alive--;
        },
      },
      { requested: 'cpu', declined: {}, kernels: 100, leastWork: Infinity },
    );
    const f = compile((x: Tensor) => Array.from({ length: 10 }).reduce<Tensor>((y) => tanh(matmul(y, x)), x));
    f(wave(counting, [4, 4])).readSync();
    assert.equal(f.stats!.steps, 20);
    assert.ok(most <= 3, `${most} buffers alive at once`);
    assert.equal(f.stats!.bytes, 3 * 64);
    counting.dispose();
  });

  it('takes arguments however they lie, from call to call', () => {
    const f = compile((x: Tensor) => tanh(add(x, x)));
    for (const x of [
      on([3, 3]),
      transpose(on([3, 3], 1)),
      slice(on([4, 3], 2), [1, 0], [3, 3]),
      slice(on([4, 3], 2), [0, 0], [3, 3]),
      flip(on([3, 3])),
      on([3, 3], 4),
    ])
      close(f(x), tanh(add(x, x)), 1e-6);
    assert.equal(f.traces, 1);
  });

  it('keeps what another tensor shares with a donated argument', () => {
    const x = on([3]);
    let twin = x;
    grad((t: Tensor) => sum(mul((twin = stopGradient(t)), t)))(x);
    compile((t: Tensor) => tanh(t), { donate: [0] })(x);
    assert.equal(twin.readSync().length, 3);
  });

  it('keeps integers in main memory out of chains, where they are exact', () => {
    const f = compile((i: Tensor) => add(add(i, 1), i));
    const i = fromTypedArray(Int32Array.of(2 ** 24 + 1, 5), [2], { device });
    assert.deepEqual(Array.from(f(i).readSync()), [2 ** 25 + 3, 11]);
  });

  for (const mode of modes)
    it(`splits a chain of many operands into kernels of seven, on ${mode}`, async function () {
      const on = await deviceFor(mode, this);
      const f = compile((xs: readonly Tensor[]) => xs.reduce((a, b) => mul(add(a, b), 0.5)));
      const xs = (d: Backend) => Array.from({ length: 20 }, (_, i) => wave(d, [3, 2], i));
      const expected = xs(reference).reduce((a, b) => mul(add(a, b), 0.5));
      const [y, launches] = counted(on, () => f(xs(on)));
      await same(y, expected);
      assert.ok(launches <= 4, `${launches} launches`);
    });

  it('runs numbers in main memory, integers beyond 2^24 included', () => {
    const f = compile((step: Tensor, n: number) => [add(step, 1), mul(add(n, 1), 2), mul(cast(step, 'float32'), n)]);
    const big = fromTypedArray(Int32Array.of(2 ** 24 + 1), [], { device });
    const [[next, twice, product], launches] = counted(device, () => f(big, 3));
    assert.deepEqual(
      [next!, twice!, product!].map((x) => x.readSync()[0]),
      [2 ** 24 + 2, 8, Math.fround(3 * 2 ** 24)],
    );
    assert.equal(launches, 0);
  });

  it('leaves donated arguments as they are when it fails, and those that another tensor shares', () => {
    const f = compile((x: Tensor, i: Tensor) => add(x, sum(cast(greater(x, i), 'float32'))), { donate: [0] });
    const [x, i] = [on([3]), on([3], 1)];
    device.dispose(i);
    assert.throws(() => f(x, i), /compile: expected a tensor with values/);
    assert.equal(x.readSync().length, 3);
    const twin = flip(x);
    f(x, on([3], 1));
    assert.throws(() => x.readSync(), /donated/);
    assert.equal(twin.readSync().length, 3);
  });
});
