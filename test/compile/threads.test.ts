import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import v8 from 'node:v8';
import vm from 'node:vm';
import fc from 'fast-check';
import {
  compile,
  conv2d,
  grad,
  leaves,
  matmul,
  maxPool2d,
  mul,
  randomKey,
  randomNormal,
  reference,
  square,
  sum,
  tanh,
  tensor,
  transpose,
  type CompileOptions,
  type Tensor,
} from 'bigrad';
import { createCpu } from '../../src/backends/cpu/device.js';
import { until, watched } from '../support/watched.js';
import { startTraining, trainingStep } from '../support/x-yield.js';
import { batch } from '../../bench/network.js';

const bitsOf = (tree: unknown): string[] => leaves(tree).map((x) => Buffer.from(x.readSync().buffer).toString('hex'));
const normal = (seed: number, shape: readonly number[]): Tensor => randomNormal(randomKey(seed), shape);
const product = (x: Tensor, y: Tensor): Tensor => matmul(x, y);
const [x, y] = [normal(1, [100, 90]), normal(2, [90, 110])];

describe('a function compiled for threads', () => {
  it('gives the bits of one thread: the training step of the X-Yield network, state and all', async () => {
    const train = async (threads: number, pause?: () => Promise<void>): Promise<string[]> => {
      const step = compile(trainingStep, { donate: [0, 1, 2], threads });
      let state = startTraining();
      for (let i = 0; i < 8; i++) {
        state = [...step(...state, batch(32, i))];
        if (i % 4 === 0) await pause?.();
      }
      return bitsOf(state);
    };
    const expected = await train(1);
    for (const threads of [2, 3])
      await watched(async (started) => {
        for (let helped = false; !helped;) {
          const from = started.length;
          const got = await train(threads, () => until(() => started.slice(from).every(({ ready }) => ready())));
          assert.deepEqual(got, expected);
          assert.equal(started.length - from, threads - 1);
          helped = started.slice(from).every((thread) => thread.helped());
        }
      });
  });

  /** Asserts the bits of one thread before and after the others have started. */
  const same = async <A extends unknown[]>(threads: number, f: (...args: A) => unknown, ...args: A): Promise<void> => {
    await watched(async (started) => {
      const expected = bitsOf(compile(f)(...args));
      const shared = compile(f, { threads, maxPlans: 1 });
      for (let i = 0; i < 4; i++) {
        assert.deepEqual(bitsOf(shared(...args)), expected);
        await until(() => started.every(({ ready }) => ready()));
      }
      for (const { end } of started) end();
    });
  };
  const threads = fc.integer({ min: 2, max: 3 });

  it('gives the bits of one thread: products and their gradients', async () => {
    const side = fc.integer({ min: 1, max: 120 });
    const loss = ([a, b]: readonly [Tensor, Tensor]) => sum(square(tanh(matmul(a, transpose(b, [0, 2, 1])))));
    await fc.assert(
      fc.asyncProperty(threads, fc.integer({ min: 1, max: 3 }), side, side, side, (t, batch, m, k, n) =>
        same(t, (a: Tensor, b: Tensor) => grad(loss)([a, b]), normal(1, [batch, m, k]), normal(2, [batch, n, k])),
      ),
      { numRuns: 12 },
    );
  });

  it('gives the bits of one thread: convolutions, pooling and their gradients', async () => {
    const pair = (min: number, max: number) => fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));
    await fc.assert(
      fc.asyncProperty(
        threads,
        pair(1, 8),
        fc.integer({ min: 1, max: 2 }),
        pair(1, 2),
        pair(0, 2),
        pair(1, 2),
        (t, [n, c], groups, stride, padding, dilation) => {
          const loss = ([a, w]: readonly [Tensor, Tensor]) =>
            sum(square(maxPool2d(conv2d(a, w, { stride, padding, dilation, groups }), 2)));
          const args = [normal(1, [n, c * groups, 17, 13]), normal(2, [9 * groups, c, 3, 4])] as const;
          return same(t, (a: Tensor, w: Tensor) => grad(loss)([a, w]), ...args);
        },
      ),
      { numRuns: 12 },
    );
  });

  it('starts the others with the first large step, and none where there is none or for one thread', () =>
    watched((started) => {
      compile(product)(x, y);
      compile((a: Tensor) => mul(a, 2), { threads: 3 })(x);
      compile(product, { threads: 3 })(tensor([[1]]), tensor([[2]]));
      assert.equal(started.length, 0);
      compile(product, { threads: 3 })(x, y);
      assert.equal(started.length, 2);
    }));

  it('ends the others with a plan that is dropped', () =>
    watched(async (started) => {
      const f = compile(product, { threads: 2, maxPlans: 1 });
      for (const n of [110, 120, 130]) f(x, normal(3, [90, n]));
      await until(() => started.filter(({ ended }) => ended).length === 2);
      assert.deepEqual(
        started.map(({ ended }) => ended),
        [true, true, false],
      );
      f(x, normal(3, [90, 130]));
    }));

  it('ends the others when nobody has the function any more', () =>
    watched(async (started) => {
      v8.setFlagsFromString('--expose-gc');
      const collect = vm.runInNewContext('gc') as () => void;
      (() => compile(product, { threads: 2 })(x, y))();
      assert.equal(started.length, 1);
      await until(() => (collect(), started[0]!.ended));
    }));

  it('goes on when the others have ended', () =>
    watched(async (started) => {
      const f = compile(product, { threads: 3 });
      const expected = bitsOf(f(x, y));
      await until(() => started.every(({ ready }) => ready()));
      for (const { end } of started) end();
      for (let i = 0; i < 3; i++) assert.deepEqual(bitsOf(f(x, y)), expected);
      await until(() => started.every(({ ended }) => ended));
      for (let i = 0; i < 3; i++) assert.deepEqual(bitsOf(f(x, y)), expected);
      assert.equal(started.length, 2);
    }));
});

describe('the option threads', () => {
  it('is an integer from 1 to 64', () => {
    for (const threads of [0, -1, 1.5, NaN, Infinity, 65, '2' as never, null as never])
      assert.throws(
        () => compile(product, { threads }),
        /compile: expected threads to be an integer from 1 to 64, got/,
      );
  });

  it('is one of those that compile knows', () => {
    assert.throws(
      () => compile(product, { thread: 2 } as CompileOptions),
      /compile: expected no options but device, donate, static, maxPlans, threads, got thread/,
    );
  });

  it('is refused on a device that has no threads', () => {
    const on = (device: typeof reference) => () => compile(() => tensor(1, { device }), { threads: 2, device })();
    assert.throws(on(reference), /compile: expected a device that has threads for the option threads, got reference/);
    assert.throws(
      on(createCpu({ simd: 'none' })),
      /compile: expected a device with SIMD kernels for threads, got cpu \(none\)/,
    );
    compile(() => tensor(1, { device: reference }), { threads: 1, device: reference })();
  });

  it('is refused, by name of what is missing, where there can be no threads', () => {
    const { getBuiltinModule } = process;
    try {
      (process as { getBuiltinModule?: unknown }).getBuiltinModule = undefined;
      assert.throws(
        () => compile(product, { threads: 2 })(x, y),
        /compile: expected Node from 20\.16 .* for threads, got/,
      );
      compile(product)(x, y);
    } finally {
      process.getBuiltinModule = getBuiltinModule;
    }
  });
});

describe('a process that has compiled for threads', () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  /** The exit code of a program and what it printed. */
  const run = (last: string): Promise<{ code: number | null; text: string }> =>
    new Promise((resolve) => {
      const program = `
        import { compile, matmul, ones } from './src/index.ts';
        const f = compile((x) => matmul(x, x), { threads: 2 });
        const step = () => f(ones([200, 200]));
        console.log(step().readSync()[0]);
        ${last}`;
      const flags = ['--import', 'data:text/javascript,console.log("a module of the process")', '--import', 'tsx'];
      const child = spawn(process.execPath, [...flags, '--input-type=module', '-e', program], { cwd: root });
      let text = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += String(chunk)));
      child.on('close', (code) => {
        resolve({ code, text });
      });
    });

  const ways: Record<string, readonly [string, number, RegExp]> = {
    'at once': ['', 0, /^a module of the process\n200\n$/],
    'after some more work': ['for (let i = 0; i < 200; i++) step();', 0, /^a module of the process\n200\n$/],
    'when its threads are asleep': [
      'setTimeout(() => console.log("end"), 300);',
      0,
      /^a module of the process\n200\nend\n$/,
    ],
    'by an error': ['for (let i = 0; i < 20; i++) step(); throw new Error("my own");', 1, /my own/],
    'by process.exit': ['for (let i = 0; i < 20; i++) step(); process.exit(3);', 3, /^a module of the process\n200\n$/],
  };
  for (const [how, [last, code, text]] of Object.entries(ways))
    it(`ends by itself: ${how}`, async () => {
      const got = await run(last);
      assert.equal(got.code, code, got.text);
      assert.match(got.text, text);
    });
});
