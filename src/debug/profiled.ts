import type { Spec } from '../core/tensor.js';
import type { ChromeTrace } from './chrome-trace.js';

/** A step of a plan, measured. */
export interface ProfiledStep {
  /** Its place in the plan. */
  readonly id: number;
  /** The ops that it runs; none: it makes a row-major copy. */
  readonly ops: readonly string[];
  /** What it reads, and what it writes. */
  readonly ins: readonly Spec[];
  readonly outs: readonly Spec[];
  /** The least of all runs. */
  readonly milliseconds: number;
  /** Its share of the time of all steps. */
  readonly share: number;
  /** Floating-point operations; undefined where nobody has counted those of an op. */
  readonly work: number | undefined;
  /** Bytes that it reads and writes. */
  readonly bytes: number;
  /** Work per second, in 10^9. */
  readonly gigaflops: number | undefined;
  /** Bytes per second, in 10^9. */
  readonly gigabytes: number;
}

/** Where the time of a plan goes. In a template, or by `String`, it is a Markdown table. */
export interface Profile {
  readonly runs: number;
  /** The steps of the plan, the slowest first. */
  readonly steps: readonly ProfiledStep[];
  readonly total: {
    /** The sum of the steps. */
    readonly milliseconds: number;
    /** The least of a whole call: steps, and copies of arguments and results. */
    readonly call: number;
    /** Of the steps where it is known. */
    readonly work: number;
    readonly bytes: number;
  };
  /** A Markdown table of the slowest steps, and of the total. */
  table(most?: number): string;
  /** The runs for the trace viewers of Chrome and Perfetto; `JSON.stringify` makes the file. */
  chromeTrace(): ChromeTrace;
  /** The table of all steps. */
  toString(): string;
}
