import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Tensor } from 'bigrad';
import { saveSafetensors } from 'bigrad/io';
import { Command } from 'commander';
import { run, seconds } from '../options.js';
import { findTorch } from '../peers/libraries.js';
import { processorTime } from '../processor-time.js';
import { settingNow } from '../setting.js';
import { markdownTable } from '../table.js';
import { modesFor } from './modes.js';
import { problems, type Problem, type Ready } from './problems.js';

const STEPS = [1, 10, 100];
const ROUNDS = 3;
const [TURNS, RUNS] = [20, 4]; // of a gradient and a solve
const CLOSE = 2e-3; // how far hypergradients of bigrad and PyTorch may be apart, relative to their norm

const command = new Command('bench:hypergradient')
  .description('Times the modes of hypergradient beside PyTorch, and measures their errors and memory, as Markdown.')
  .option('--seconds <s>', 'least time to sample each case, in each of three rounds', seconds, 0.3)
  .option('--gradients', 'only tell how many gradients implicit takes')
  .option('--python <path>', 'a Python that has PyTorch', 'python3')
  .showSuggestionAfterError(false)
  .exitOverride();

/** What PyTorch answers: see torch_hypergradient.py. */
interface Answer {
  readonly ms?: number;
  readonly dMs?: number[];
  readonly torch?: string;
}

/** PyTorch in a process of its own; undefined where there is none. */
function startTorch(python: string) {
  const found = findTorch([python, '/usr/bin/python3']);
  if (found === undefined) return undefined;
  const child = spawn(found, [fileURLToPath(new URL('torch_hypergradient.py', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1' },
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    ask: async (request: object): Promise<Answer> => {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      const line: IteratorResult<string, unknown> = await lines.next();
      if (line.done) throw new Error('bench:hypergradient: PyTorch ended');
      return JSON.parse(line.value) as Answer;
    },
    end: () => child.stdin.end(),
  };
}
type Torch = NonNullable<ReturnType<typeof startTorch>>;

const numbers = (xs: readonly Tensor[]): number[] => xs.flatMap((x) => Array.from(x.readSync()));
const norm = (x: readonly number[]): number => Math.sqrt(x.reduce((s, v) => s + v * v, 0));
const apart = (x: readonly number[], y: readonly number[]): number => norm(x.map((v, i) => v - y[i]!)) / norm(y);
const unit = (x: readonly number[]): number[] => {
  const size = norm(x);
  return x.map((v) => v / size);
};
/** In degrees. */
function angle(x: readonly number[], y: readonly number[]): number {
  const [a, b] = [unit(x), unit(y)];
  return (2 * Math.atan2(norm(a.map((v, i) => v - b[i]!)), norm(a.map((v, i) => v + b[i]!))) * 180) / Math.PI;
}

/** Milliseconds of the fastest run. */
function fastest(f: () => unknown, least: number): number {
  const end = performance.now() + 1e3 * least;
  let best = Infinity;
  while (best === Infinity || performance.now() < end) {
    const begin = performance.now();
    f();
    best = Math.min(best, performance.now() - begin);
  }
  return best;
}

/** The fastest runs of both, which take turns. */
async function race(ready: Ready, torch: Torch | undefined, request: object, least: number) {
  let [mine, theirs] = [Infinity, Infinity];
  for (let i = 0; i < ROUNDS; i++) {
    mine = Math.min(mine, fastest(ready.run, least));
    if (torch) theirs = Math.min(theirs, (await torch.ask({ ...request, seconds: least })).ms!);
  }
  return { mine, theirs };
}

const short = (x: number): string => (Number.isFinite(x) ? String(Number(x.toPrecision(3))) : '');
const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(2);

/** What one gradient takes of the processor, and how many of them a solve takes, in turns. */
function inGradients(problem: Problem): string {
  const { mode, name } = modesFor(problem.ridge, problem.rate, 1).find((m) => m.name.startsWith('implicit'))!;
  const [one, solve] = [problem.gradient(), problem.prepare(mode, 1)];
  let [single, whole] = [Infinity, Infinity];
  for (let i = 0; i < TURNS; i++) {
    single = Math.min(single, processorTime(one.run, 2 * RUNS));
    whole = Math.min(whole, processorTime(solve.run, RUNS));
  }
  return `One gradient of the lower loss takes ${short(single)} ms of the processor. ${name} takes ${short(whole / single)} of them at p = 1.`;
}

/** A row for each mode after p steps. */
async function tableOf(problem: Problem, p: number, torch: Torch | undefined, least: number): Promise<string> {
  const exact = numbers(problem.prepare('exact', p).run()[0]!);
  const rows: string[][] = [];
  for (const { name, mode, comparable } of modesFor(problem.ridge, problem.rate, p)) {
    const ready = problem.prepare(mode, p);
    const dMs = numbers(ready.run()[0]!);
    const request = { mode: name, p };
    const peer = await torch?.ask(request);
    if (peer && comparable && norm(dMs) > 0 && apart(peer.dMs!, dMs) > CLOSE)
      console.error(`${problem.name}, ${name}, p = ${p}: PyTorch differs by ${short(apart(peer.dMs!, dMs))}`);
    const { mine, theirs } = await race(ready, torch, request, least);
    rows.push([
      name,
      short(apart(dMs, exact)),
      short(angle(dMs, exact)),
      short(mine),
      short(theirs),
      megabytes(ready.bytes()),
    ]);
    console.error(`${problem.name}, p = ${p}: ${rows.at(-1)!.join(', ')}`);
  }
  const head = ['mode', 'error', 'angle', 'ms', 'PyTorch, ms', 'MB'];
  return `### ${problem.name}, p = ${p}\n\n${markdownTable({ head, rows })}`;
}

async function main(): Promise<number> {
  command.parse();
  const options = command.opts<{ seconds: number; gradients?: boolean; python: string }>();
  const torch = options.gradients ? undefined : startTorch(options.python);
  const folder = mkdtempSync(join(tmpdir(), 'hypergradient-'));
  const { cpu, node, load } = settingNow();
  let version = 'none';
  try {
    for (const make of problems) {
      const problem = make();
      const file = join(folder, 'operands.safetensors');
      writeFileSync(file, saveSafetensors(problem.operands));
      const { name, rate, ridge } = problem;
      version = (await torch?.ask({ load: file, problem: name, rate, ridge }))?.torch ?? version;
      console.log(`## ${name}\n\n${inGradients(problem)}\n`);
      for (const p of options.gradients ? [] : STEPS)
        console.log(`${await tableOf(problem, p, torch, options.seconds)}\n`);
    }
  } finally {
    torch?.end();
    rmSync(folder, { recursive: true });
  }
  console.log(`${cpu}, load ${load.toFixed(1)} at the start, Node ${node}, PyTorch ${version}`);
  return 0;
}

await run(main);
