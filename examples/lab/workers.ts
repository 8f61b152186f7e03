import { spawn, type ChildProcess } from 'node:child_process';
import { Interrupted, type Progress } from './progress.js';

/** A worker that ended with an error, which it has said itself. */
export class WorkerError extends Error {
  override readonly name = 'WorkerError';
  constructor(readonly code: number) {
    super(`a worker ended with code ${code}`);
  }
}

/**
 * Runs the same command in n processes, which share the cells of a folder, and shows their steps
 * together. Ctrl-C reaches all of them. A worker that ends of itself takes the others with it.
 */
export async function runWorkers(
  n: number,
  script: string,
  args: readonly string[],
  progress: Progress,
): Promise<void> {
  const children = Array.from({ length: n }, (): ChildProcess =>
    spawn(process.execPath, [...process.execArgv, script, ...args, '--worker'], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    }),
  );
  const stop = (): void => {
    for (const child of children) child.kill('SIGTERM');
  };
  const ended = children.map(
    (child) =>
      new Promise<number>((resolve, reject) => {
        child.on('message', (message) => {
          progress.advance((message as { steps: number }).steps);
        });
        child.on('error', reject);
        child.on('exit', (code, signal) => {
          if (code !== 0) stop();
          resolve(code ?? (signal ? 128 : 1));
        });
      }),
  );
  const watch = setInterval(() => {
    progress.check().catch(stop);
  }, 200);
  try {
    const codes = await Promise.all(ended);
    await progress.check();
    const bad = codes.find((code) => code !== 0 && code !== 130);
    if (bad !== undefined) throw new WorkerError(bad === 2 ? 1 : bad);
    if (codes.includes(130)) throw new Interrupted('interrupted');
  } finally {
    clearInterval(watch);
  }
}
