import type { Job } from './cases.js';
import type { Inputs } from './read-inputs.js';
import type { Ready } from './protocol.js';

export type Outputs = Readonly<Record<string, Float32Array>>;

/** A job made ready: operands in place, functions compiled or about to be. */
export interface Task<Y = unknown> {
  /** One run, whose result has been computed when it returns or resolves. */
  run(): Y | Promise<Y>;
  /** A run's result in main memory, in bigrad's layout. */
  outputs(y: Y): Outputs | Promise<Outputs>;
  /** Gives a run's result back where the library does not do so itself. */
  release?(y: Y): void;
}

/** One library in one setting. */
export interface Library extends Ready {
  /** Throws for what it has no function for. */
  prepare(job: Job): Task;
}

/** What a library's module exports: the library over these inputs. */
export type Start = (inputs: Inputs) => Promise<Library>;
