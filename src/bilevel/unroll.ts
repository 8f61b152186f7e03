import { flag, whole } from '../core/check.js';
import type { Tensor } from '../core/tensor.js';
import { kindOf } from '../core/words.js';
import { copyArguments } from '../core/tree.js';
import { checkOptions } from '../core/options.js';
import { checkpointOf } from '../transforms/checkpoint.js';

/** How `unroll` trades memory for time. */
export interface UnrollOptions {
  /** Keep only about sqrt(p) states for the backward pass, which runs every step once more. */
  readonly checkpoint?: boolean;
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
  step: (state: S, i: number) => S,
  state: S,
  p: number,
  options: UnrollOptions = {},
): S {
  const { checkpoint: sparing = false } = checkOptions('unroll', options, { checkpoint: flag });
  if (typeof step !== 'function') throw new TypeError(`unroll: expected step to be a function, got ${kindOf(step)}`);
  whole('unroll', 'the number of steps', p);
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
