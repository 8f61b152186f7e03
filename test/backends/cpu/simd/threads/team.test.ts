import assert from 'node:assert/strict';
import workerThreads, { Worker, type WorkerOptions } from 'node:worker_threads';
import { elementwiseOps } from '../../../../../kernels/simd/generated/wasm.js';
import { regionOf } from '../../../../../src/backends/cpu/simd/wasm/instance.js';
import type { Task } from '../../../../../src/backends/cpu/simd/threads/task.js';
import { createTeam, type Team } from '../../../../../src/backends/cpu/simd/threads/team.js';
import * as layout from '../../../../../src/backends/cpu/simd/threads/thread.js';
import { bestBuild, instantiate } from '../../../../../src/backends/cpu/simd/wasm/build.js';
import { until } from '../../../../support/watched.js';

const build = bestBuild()!;
const ADD = elementwiseOps[2]!.indexOf('add');

interface Fixture {
  readonly team: Team;
  /** Tasks, each of which adds a number to another: twice would be wrong. */
  readonly tasks: (count: number, seed: number) => Task[];
  /** Asserts that all of these tasks were done. */
  readonly check: (count: number, seed: number) => void;
  readonly words: Int32Array;
}

/** A team and something for it to do. */
function fixture(threads: number, start = layout.startThread, patience?: number): Fixture {
  const linked = instantiate(build, true);
  const { memory } = linked;
  const team = createTeam(linked, threads, start, patience);
  const region = regionOf({
    reserve: (bytes) => {
      memory.grow(Math.max(0, Math.ceil((bytes - memory.buffer.byteLength) / 65536)));
    },
    team,
  });
  const most = 10_000;
  const [from, to] = [region.alloc(4 * most), region.alloc(4 * most)];
  const floats = new Float32Array(memory.buffer);
  return {
    team,
    tasks: (count, seed) => {
      for (let i = 0; i < count; i++) floats[from / 4 + i] = seed + i;
      floats.fill(0, to / 4, to / 4 + most);
      return Array.from({ length: count }, (_, i): Task => {
        return [['binary', ADD, to + 4 * i, to + 4 * i, 0, 0, 4, from + 4 * i, 0, 0, 4, 1, 1, 1]];
      });
    },
    check: (count, seed) => {
      for (let i = 0; i < count; i++) assert.equal(floats[to / 4 + i], seed + i, `task ${i}`);
      assert.equal(floats[to / 4 + count], 0);
    },
    words: new Int32Array(memory.buffer, 64),
  };
}

const teams: Team[] = [];
const opened = (...args: Parameters<typeof fixture>): Fixture => {
  const f = fixture(...args);
  teams.push(f.team);
  return f;
};

describe('a team of threads', () => {
  afterEach(() => {
    for (const team of teams.splice(0)) team.stop();
  });

  for (const threads of [1, 2, 3, 5])
    it(`of ${threads} does each task once, however many there are`, async () => {
      const { team, tasks, check } = opened(threads);
      const run = (seed: number): void => {
        for (const count of [1, 2, 3, 100, 5000]) {
          team.run(tasks(count, seed));
          check(count, seed);
        }
        team.run([]);
        const many = tasks(8400, seed).flat();
        team.run([many.slice(0, 4200), many.slice(4200)]); // each more calls than the table holds
        check(8400, seed);
      };
      run(1); // while the others start
      await until(() => team.ready() === threads - 1);
      for (let i = 2; i < 12; i++) run(i);
    });

  it('shares tasks: what the caller does not take the others do', async () => {
    const { team, tasks, check, words } = opened(3);
    team.run(tasks(2, 1));
    await until(() => team.ready() === 2);
    const before = words[layout.DONE]!;
    const names = Object.keys(instantiate(build, true).kernels);
    // What the caller does, but for taking tasks itself.
    tasks(50, 7).forEach(([order], i) => {
      const [kernel, ...args] = order!;
      words.set([names.indexOf(kernel), args.length, ...args.map(Number)], layout.TABLE + i * layout.ROW);
    });
    words[layout.FIRST] = before;
    words[layout.LENGTH] = 1;
    Atomics.store(words, layout.LIMIT, before + 50);
    Atomics.notify(words, layout.LIMIT);
    await until(() => Atomics.load(words, layout.DONE) === before + 50);
    check(50, 7);
    team.run(tasks(20, 3));
    check(20, 3);
  });

  it('counts tasks past the largest integer', () => {
    const { team, tasks, check, words } = opened(2);
    for (const word of [layout.LIMIT, layout.NEXT, layout.DONE]) words[word] = 2 ** 31 - 30;
    for (let i = 0; i < 20; i++) {
      team.run(tasks(7, i));
      check(7, i);
    }
    assert.ok(words[layout.LIMIT]! < 0);
  });

  it('does without threads that cannot be made', () => {
    const { team, tasks, check } = opened(3, () => {
      throw new Error('forbidden');
    });
    team.run(tasks(9, 1));
    check(9, 1);
    assert.equal(team.ready(), 0);
  });

  it('does without threads that fail', async () => {
    const { Worker: Original } = workerThreads;
    let failed = 0;
    workerThreads.Worker = class extends Original {
      constructor(source: string, options: WorkerOptions) {
        super(source, options);
        this.on('exit', (code) => (failed += code));
      }
    };
    try {
      const { team, tasks, check } = opened(2, (post) => layout.startThread({ ...post, module: {} }));
      team.run(tasks(9, 1));
      await until(() => failed === 1);
      team.run(tasks(9, 2));
      check(9, 2);
    } finally {
      workerThreads.Worker = Original;
    }
  });

  it('does without threads that have ended, asleep or at work', async () => {
    const started: layout.Thread[] = [];
    const { team, tasks, check } = opened(3, (post) => {
      started.push(layout.startThread(post));
      return started.at(-1)!;
    });
    team.run(tasks(9, 1));
    await until(() => team.ready() === 2);
    for (const { stop } of started) stop(); // behind the team's back
    for (let i = 0; i < 200; i++) {
      team.run(tasks(50, i));
      check(50, i);
    }
    team.stop();
    team.run(tasks(50, 3));
    check(50, 3);
  });

  it('finishes what a thread took and never did', async () => {
    // It takes one task, and ends.
    const thief = `
      const { memory, words: at } = require('node:worker_threads').workerData;
      const words = new Int32Array(memory.buffer, at);
      Atomics.add(words, ${layout.READY}, 1);
      for (;;) {
        const next = Atomics.load(words, ${layout.NEXT});
        if (next !== Atomics.load(words, ${layout.LIMIT}) && Atomics.compareExchange(words, ${layout.NEXT}, next, next + 1) === next) break;
      }`;
    let ended = false as boolean;
    const { team, tasks, check } = opened(
      2,
      (workerData) => {
        const worker = new Worker(thief, { eval: true, execArgv: [], workerData });
        worker.on('exit', () => (ended = true));
        worker.unref();
        return { stop: () => void worker.terminate() };
      },
      3,
    );
    team.run(tasks(4, 1)); // it may have stolen one already
    for (let i = 0; !ended; i++) {
      team.run(tasks(4000, i));
      check(4000, i);
      await new Promise((resolve) => setImmediate(resolve));
    }
    team.run(tasks(50, 3));
    check(50, 3);
  });

  it('passes on what a kernel throws, and does the next tasks', () => {
    const { team, tasks, check } = opened(2);
    const outside: Task = [['cropImages', 2 ** 31, 0, 1, 1, 1, 0, 0, 1, 1]];
    for (let i = 0; i < 5; i++) {
      assert.throws(() => {
        team.run([...tasks(5, i), outside, ...tasks(5, i)]);
      }, /out of bounds/);
      team.run(tasks(20, i));
      check(20, i);
    }
  });
});

describe('where there can be no threads', () => {
  const pretend = (what: Record<string, unknown>): (() => void) => {
    const before = Object.keys(what).map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const);
    for (const [name, value] of Object.entries(what))
      Object.defineProperty(globalThis, name, { value, configurable: true });
    return () => {
      for (const [name, descriptor] of before)
        if (descriptor) Object.defineProperty(globalThis, name, descriptor);
        else Reflect.deleteProperty(globalThis, name);
    };
  };
  const missing = (what: Record<string, unknown>) => {
    const restore = pretend(what);
    try {
      return layout.noThreads();
    } finally {
      restore();
    }
  };

  it('says what is missing', () => {
    assert.equal(layout.noThreads(), undefined);
    assert.match(missing({ process: {} })!.expected, /Node from 20\.16/);
    assert.match(missing({ process: undefined })!.expected, /Node from 20\.16/);
    const browser = { process: undefined, Worker };
    assert.match(
      missing({ ...browser, crossOriginIsolated: false })!.expected,
      /cross-origin isolated.*Opener-Policy.*Embedder-Policy/,
    );
    assert.equal(missing({ ...browser, crossOriginIsolated: true }), undefined);
  });
});
