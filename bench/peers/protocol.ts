import type { PeerCase } from './cases.js';

// A library runs in a process of its own, which reads a request per line and answers each with a
// line. Both are JSON.

export type Request =
  /** Prepare a case, run it as often as its check says, and time one more run. */
  | { readonly do: 'check'; readonly case: PeerCase }
  /** Sample the case that was checked last, for about so many seconds. */
  | { readonly do: 'measure'; readonly seconds: number }
  /** Run it so many times without a pause, or for so many seconds if that is sooner. */
  | { readonly do: 'repeat'; readonly times: number; readonly seconds: number };

/** Results by name: float32 elements as base64. */
export type Encoded = Readonly<Record<string, string>>;

export interface Checked {
  /** Of each run. */
  readonly outputs: readonly Encoded[];
  /** Time of the run after them. */
  readonly ms: number;
}
export interface Measured {
  /** Mean times of short rows of runs, in ms. */
  readonly samples: readonly number[];
}
export interface Repeated {
  readonly times: number;
  readonly ms: number;
  /** Bytes of the process in memory afterwards, and of those that JavaScript holds. */
  readonly resident: number;
  readonly held?: number;
}
/** The first line: what the library is and how it was set. */
export interface Ready {
  readonly versions: Readonly<Record<string, string>>;
  readonly setting: string;
}
/** A failure is an answer too: what a library cannot do is a result. */
export type Reply<T> = T | { readonly error: string };
