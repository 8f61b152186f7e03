import { compile, leaves, type Backend } from 'bigrad';
import { computed, isGpu } from './device.js';

const AHEAD = 32; // steps that a GPU device may lag behind

/**
 * A compiled step of training that uses up its state and its batch: on bigrad's own device the next state takes their memory, and a GPU device gives it
 * free together with all that was made on the way. Neither can be used afterwards.
 */
export function trainingStep<S, B, R extends unknown[]>(
  device: Backend,
  f: (state: S, batch: B, ...rates: R) => S,
): (state: S, batch: B, ...rates: R) => Promise<S> {
  if (!isGpu(device)) {
    const step = compile(f, { donate: [0, 1] });
    return (...args) => Promise.resolve(step(...args));
  }
  const step = compile(f);
  let [count, traces] = [0, 0];
  return async (state, batch, ...rates) => {
    const next = device.scope(() => step(state, batch, ...rates));
    for (const x of leaves([state, batch])) device.dispose(x);
    const compiling = step.traces > traces; // kernels, which keep what they need meanwhile
    traces = step.traces;
    if (compiling || ++count % AHEAD === 0) await computed(next);
    return next;
  };
}
