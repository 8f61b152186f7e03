import { availableParallelism } from 'node:os';
import { compile, type CompileOptions } from 'bigrad';

/** How a function runs: op by op, by `compile`, or by `compile` on all cores. */
export type Mode = 'eager' | 'compiled' | 'threads';

/** Makes a function run in a mode. */
export const modeOf =
  (mode: Mode, options: CompileOptions = {}) =>
  <A extends unknown[], Y>(f: (...args: A) => Y): ((...args: A) => Y) =>
    mode === 'eager' ? f : compile(f, mode === 'threads' ? { ...options, threads: availableParallelism() } : options);
