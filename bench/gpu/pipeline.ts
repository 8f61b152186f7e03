import { compile, leaves, mapTree, to, type Tensor } from 'bigrad';
import type { Mode } from 'bigrad/gpu';
import { createDevice } from '../../src/backends/gpu/device.js';
import type { Recipe } from '../../src/backends/gpu/engine/engine.js';
import type { Handle } from '../../src/backends/gpu/engine/gpu-js.js';
import { loadGpuJs, startEngine } from '../../src/backends/gpu/start.js';
import { biRptIteration, startBiRpt, startTraining, trainingStep } from '../../test/support/x-yield.js';
import { settingNow } from '../setting.js';
import { batch } from '../network.js';

// Eager ops, our plan, and GPU.js's own createPipeline of the same kernels: the numbers of
// docs/gpu.md. tsx bench/gpu/pipeline.ts webasm

type Argument = Handle | number;
interface Launch {
  readonly recipe: Recipe;
  readonly args: readonly Argument[];
  readonly result: unknown;
}
interface Gpu {
  createKernel(source: string, settings: object): (...args: unknown[]) => unknown;
  createPipeline(
    f: (...args: unknown[]) => unknown,
    settings: object,
  ): ((...args: unknown[]) => Promise<unknown>) & { pipeline?: { executorKind: string } };
}

const RUNS = 11;
/** The best of some runs, in ms, after two that are not counted. */
async function timed(run: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = -2; i < RUNS; i++) {
    const start = performance.now();
    await run();
    if (i >= 0) times.push(performance.now() - start);
  }
  return Math.min(...times);
}

const modes: readonly string[] = ['cpu', 'webasm', 'webgpu'] satisfies Mode[];
const mode = (process.argv[2] ?? 'webasm') as Mode;
if (!modes.includes(mode)) {
  console.error(`error: expected a mode of ${modes.join(', ')}, got '${mode}'`);
  process.exit(2);
}
const engine = await startEngine(mode);
let launches: Launch[] | null = null;
// Every kernel is one of GPU.js's, and seen on its way.
const { shader: _, ...portable } = engine;
const device = createDevice(
  {
    ...portable,
    free: (handle) => {
      if (!launches) engine.free(handle); // what is seen is read later
    },
    compile: (recipe) => {
      const kernel = engine.compile(recipe);
      return {
        ...kernel,
        run: (args) => {
          const result = kernel.run(args);
          launches?.push({ recipe, args, result });
          return result;
        },
      };
    },
  },
  { requested: mode, declined: {}, kernels: 4096, leastWork: Infinity },
);

/**
 * GPU.js's pipeline of kernels that were launched, and the data it takes: whatever none of them
 * made.
 */
async function pipelineOf(steps: readonly Launch[]) {
  const gpu = new ((await loadGpuJs()) as unknown as { GPU: new (settings: object) => Gpu }).GPU({ mode });
  const maker = new Map(steps.map(({ result }, i) => [result, i]));
  const given: Handle[] = [];
  const from = steps.map(({ args }) =>
    args.map((arg) => {
      if (typeof arg === 'number') return { number: arg };
      if (maker.has(arg)) return { step: maker.get(arg)! };
      return { input: given.includes(arg) ? given.indexOf(arg) : given.push(arg) - 1 };
    }),
  );
  const read = new Set(from.flat().map(({ step }) => step));
  const kernels = steps.map(({ recipe: { source, helpers, size, constants } }) =>
    gpu.createKernel(source, {
      ...{ output: [size], constants, functions: helpers, pipeline: true, immutable: true },
      ...{ loopMaxIterations: 2 ** 30, precision: 'single', tactic: 'precision' },
    }),
  );
  const body = (...xs: unknown[]): unknown => {
    const made: unknown[] = [];
    from.forEach((args, i) => {
      made.push(
        kernels[i]!(...args.map(({ number, step, input }) => number ?? (step === undefined ? xs[input] : made[step]))),
      );
    });
    return made.filter((_made, i) => !read.has(i));
  };
  Object.defineProperty(body, 'length', { value: given.length });
  const sizes = given.map((handle) => ('slot' in handle ? handle.slot.bytes / 4 : (handle as Float32Array).length));
  const data = await Promise.all(given.map((handle, i) => engine.read(handle, sizes[i]!)));
  const pipeline = gpu.createPipeline(body, { threads: false });
  return { run: () => pipeline(...data), kind: () => pipeline.pipeline?.executorKind ?? 'unknown' };
}

const there = <T>(tree: T): T => mapTree((x) => to(x, device), tree);
const training = [...startTraining(), batch(16)] as const;
const cases: Record<string, (how: typeof compile) => () => unknown> = {
  'training step, 16 images': (how) => {
    const [f, [w, s, before, batch]] = [how(trainingStep), training];
    const args = [there(w), there(s), there(before), there(batch)] as const;
    return () => f(...args);
  },
  'Bi-RPT iteration, 4 images': (how) => {
    const f = how(biRptIteration);
    const [state, lower, upper] = [there(startBiRpt()), there(batch(4)), there(batch(4, 1))];
    return () => f(state, lower, upper, 0.1, 1e-3);
  },
};

console.log(mode, engine.adapter, JSON.stringify(settingNow()));
for (const [name, make] of Object.entries(cases)) {
  const both = { eager: make(((f) => f) as typeof compile), plan: make(compile) };
  for (const [what, f] of Object.entries(both)) {
    const step = async (): Promise<void> => {
      const results: Tensor[] = device.scope(() => leaves(f()));
      await Promise.all(results.map((x) => x.read()));
      for (const x of results) device.dispose(x);
    };
    const time = await timed(step);
    const before = device.describe().launches;
    await step();
    console.log(`${name} | ${what} | ${device.describe().launches - before} launches | ${time.toFixed(1)} ms`);
  }
  launches = [];
  const results = leaves(both.plan());
  const steps = launches;
  launches = null;
  await Promise.all(results.map((x) => x.read()));
  const { run, kind } = await pipelineOf(steps);
  console.log(`${name} | createPipeline | ${steps.length} launches | ${(await timed(run)).toFixed(1)} ms | ${kind()}`);
}
process.exit(0);
