import { draw } from '../draw.js';
import type { Job } from './jobs.js';

/** A job made ready, its operands where the library wants them. */
export interface Task<Y = unknown> {
  /** Dispatches one run. */
  run(): Y;
  /** Resolves when these runs, the latest ones, are computed, each of them. */
  wait(ys: readonly Y[]): unknown;
  /** The result in bigrad's layout. */
  read(y: Y): Float32Array | Promise<Float32Array>;
  release(y: Y): void;
  /** Gives the operands back. */
  end(): void;
}

/** A library in one mode, started. */
export interface Library {
  readonly name: string;
  /** What it runs on, as far as it tells. */
  readonly adapter: string;
  /** Throws for what the library has no function for. */
  prepare(job: Job): Task | Promise<Task>;
  end(): void;
}

/** A library that may not start here; its error says why. */
export interface Candidate {
  readonly name: string;
  start(): Promise<Library>;
}

/** The operands of a job, the same for every library. */
export const operandsOf = ({ shapes }: Job): Float32Array<ArrayBuffer>[] =>
  shapes.map((shape, i) => new Float32Array(draw(shape, i).readSync()));

/** What a library says that has no function for a job. */
export class NotWritten extends Error {
  constructor() {
    super('not written for this library');
  }
}
