import { flag, whole } from '../core/check.js';
import type { Tensor } from '../core/tensor.js';
import { kindOf } from '../core/words.js';
import { copyArguments } from '../core/tree.js';
import { checkOptions } from '../core/options.js';
import { scanOf, type ScanOptions, type Stepped } from '../control/scan.js';
import { checkpointOf } from '../transforms/checkpoint.js';

/** How `unroll` trades memory for time. */
export interface UnrollOptions {
  /** Keep only about sqrt(p) states for the backward pass, which runs every step once more. */
  readonly checkpoint?: boolean;
  /**
   * Makes the steps one `scan`: inside `compile` they are one step of the plan, and `checkpoint`
   * saves memory there. The step gets no i, and keeps the shapes of the state. False by default.
   */
  readonly loop?: boolean;
}

/**
 * `p` applications of a pure step, state = step(state, i) for i = 0 .. p-1; differentiable because
 * the step is.
 * @param p number of steps
 * @example
 * const halved = (s: Tensor) => unroll((v) => mul(v, 0.5), s, 3);
 * halved(tensor(8)); // float32[] on cpu 1
 * grad(halved)(tensor(8)); // float32[] on cpu 0.125
 */
export function unroll<S = Tensor>(
  step: (state: S) => S,
  state: S,
  p: number,
  options: UnrollOptions & { readonly loop: true },
): S;
export function unroll<S = Tensor>(
  step: (state: S, i: number) => S,
  state: S,
  p: number,
  options?: UnrollOptions & { readonly loop?: false },
): S;
export function unroll<S>(step: (state: S, i: number) => S, state: S, p: number, options: UnrollOptions = {}): S {
  const { checkpoint: sparing = false, loop = false } = checkOptions('unroll', options, {
    checkpoint: flag,
    loop: flag,
  });
  if (typeof step !== 'function') throw new TypeError(`unroll: expected step to be a function, got ${kindOf(step)}`);
  whole('unroll', 'the number of steps', p);
  if (loop)
    return p === 0
      ? copyArguments('unroll', state)
      : looped(step as (state: S) => S, state, { length: p, checkpoint: sparing });
  const run = (from: number, to: number) => (s: S) => {
    for (let i = from; i < to; i++) s = step(s, i);
    return s;
  };
  if (!sparing) return run(0, p)(copyArguments('unroll', state));
  const length = Math.ceil(Math.sqrt(p));
  for (let from = 0; from < p; from += length)
    state = checkpointOf('unroll', run(from, Math.min(p, from + length)))(state);
  return state;
}

const looped = <S>(step: (state: S) => S, state: S, options: ScanOptions): S =>
  scanOf('unroll', (s: S): readonly [Stepped<S>, null] => [step(s) as Stepped<S>, null], state, null, options)[0];
