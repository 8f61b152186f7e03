import { createInterface } from 'node:readline';
import type { Start, Task } from './library.js';
import type { Checked, Encoded, Measured, Ready, Repeated, Reply, Request } from './protocol.js';
import { readInputs } from './read-inputs.js';

// One library in its process: `serve.ts <module of libraries/> <setting> <inputs>`.

const SAMPLE = 5; // ms that a sample takes at least
const WARM_UP = 0.25; // of the time of sampling
const ROW = 200; // ms of a row of runs of the loop

const answer = (reply: Reply<Ready | Checked | Measured | Repeated>): void => {
  process.stdout.write(`${JSON.stringify(reply)}\n`);
};
const messageOf = (e: unknown): string => (e instanceof Error ? e.message : String(e));

const encode = (x: Float32Array): string => Buffer.from(x.buffer, x.byteOffset, x.byteLength).toString('base64');

/**
 * Time of `count` runs in ms. Libraries that answer at once are not made to wait for the next turn.
 */
async function time(task: Task, count: number): Promise<number> {
  const begin = performance.now();
  for (let i = 0; i < count; i++) {
    const y = task.run();
    const value = y instanceof Promise ? ((await y) as unknown) : y;
    task.release?.(value);
  }
  return performance.now() - begin;
}

async function check(task: Task, runs: number): Promise<Checked> {
  const outputs: Encoded[] = [];
  for (let i = 0; i < runs; i++) {
    const y = await task.run();
    const found = await task.outputs(y);
    outputs.push(Object.fromEntries(Object.entries(found).map(([name, x]) => [name, encode(x)])));
    task.release?.(y);
  }
  return { outputs, ms: await time(task, 1) };
}

/** Samples a task that took `ms` before. What takes longer than the warm-up needs none. */
async function measure(task: Task, seconds: number, ms: number): Promise<Measured> {
  const warmUp = WARM_UP * seconds * 1e3;
  for (const end = performance.now() + warmUp; ms < warmUp && performance.now() < end;)
    ms = Math.min(ms, await time(task, 1));
  const count = Math.max(1, Math.ceil(SAMPLE / ms));
  const samples: number[] = [];
  const end = performance.now() + seconds * 1e3;
  do samples.push((await time(task, count)) / count);
  while (performance.now() < end);
  return { samples };
}

async function repeat(task: Task, times: number, seconds: number): Promise<Repeated> {
  let [done, ms, count] = [0, 0, 1];
  while (done < times && ms < seconds * 1e3) {
    const row = await time(task, count);
    ms += row;
    done += count;
    count = Math.max(1, Math.min(times - done, Math.round((count * ROW) / row)));
  }
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage(); // external: array buffers included
  return { times: done, ms, resident: process.memoryUsage.rss(), held: heapUsed + external };
}

async function main([module, setting, inputs]: readonly string[]): Promise<void> {
  console.log = (...words: unknown[]) => void process.stderr.write(`${words.join(' ')}\n`); // standard output is for answers
  const { start } = (await import(`./libraries/${module}.js`)) as { start: (setting: string) => Start };
  const library = await start(setting!)(readInputs(inputs!));
  answer({ versions: library.versions, setting: library.setting });
  let task: Task | undefined;
  let ms = 0;
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as Request;
    try {
      if (request.do === 'check') {
        task = undefined;
        task = library.prepare(request.case.job);
        const found = await check(task, request.case.checks);
        ms = found.ms;
        answer(found);
      } else if (!task) throw new Error('expected a case that was checked');
      else if (request.do === 'measure') answer(await measure(task, request.seconds, ms));
      else answer(await repeat(task, request.times, request.seconds));
    } catch (e) {
      answer({ error: messageOf(e) });
    }
  }
}

try {
  await main(process.argv.slice(2));
  process.exit(0); // threads of a library must not keep it alive
} catch (e) {
  answer({ error: messageOf(e) });
  process.exit(1);
}
