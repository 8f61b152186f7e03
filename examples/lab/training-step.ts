import { compile, type Backend } from 'bigrad';
import { computed, isGpu } from './device.js';

const AHEAD = 32; // steps that a GPU device may lag behind

/**
 * A compiled step of training that uses up its state and its batch: the next state takes their
 * memory, and neither can be used afterwards.
 */
export function trainingStep<S, B, R extends unknown[]>(
  device: Backend,
  f: (state: S, batch: B, ...rates: R) => S,
): (state: S, batch: B, ...rates: R) => Promise<S> {
  const step = compile(f, { donate: [0, 1] });
  let [count, traces] = [0, 0];
  return async (state, batch, ...rates) => {
    const next = step(state, batch, ...rates);
    const compiling = step.traces > traces; // kernels, which keep what they need meanwhile
    traces = step.traces;
    if (isGpu(device) && (compiling || ++count % AHEAD === 0)) await computed(next);
    return next;
  };
}
