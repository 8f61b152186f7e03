import {
  broadcastTo,
  compile,
  expandDims,
  grad,
  mapTree,
  mean,
  mul,
  randomKey,
  splitKey,
  sub,
  sum,
  type Tensor,
} from 'bigrad';
import { unroll } from 'bigrad/bilevel';
import { adam } from 'bigrad/optim';
import { asProgram, say } from '../lab/program.js';
import { pictureOf } from './picture.js';
import { draw, errors, init, type Params, type Waves } from './waves.js';

// Model-agnostic meta-learning (Finn et al. 2017, section 5.1): weights from which one step of
// gradient descent on ten points of a sine wave leads to the whole wave.

const RATE = 0.02;

/** Weights of its own for each task after some steps. One gradient serves all tasks. */
export function adapted(params: Params, { x, y }: Waves, steps: number): Params {
  const own = mapTree((w) => broadcastTo(expandDims(w, 0), [x.shape[0]!, ...w.shape]), params);
  const loss = (p: Params) => sum(errors(p, x, y));
  return unroll((p) => mapTree((w, g) => sub(w, mul(g, RATE)), p, grad(loss)(p)), own, steps);
}

/** Trains the network for its error after `inner` steps on each task. */
function train(inner: number, steps: number, tasks: number): Params {
  const optimizer = adam({ learningRate: 1e-3 });
  const params = init(randomKey(0));
  const step = compile(
    (state: { params: Params; moments: ReturnType<typeof optimizer.init> }, key: Tensor) => {
      const waves = draw(key, tasks);
      const loss = (p: Params) => mean(errors(adapted(p, waves, inner), waves.judged, waves.truth));
      const [next, moments] = optimizer.update(grad(loss)(state.params), state.moments, state.params);
      return { params: next, moments };
    },
    { donate: [0] },
  );
  return splitKey(randomKey(1), steps).reduce(step, { params, moments: optimizer.init(params) }).params;
}

/** Trains the network in both ways, and tries each on new waves. */
export function run({ steps = 2000, tasks = 25, log = say } = {}) {
  const waves = draw(randomKey(2), 200);
  const ways = { MAML: train(1, steps, tasks), 'no inner step': train(0, steps, tasks) };
  const table = Object.entries(ways).map(([way, params]) => {
    const after = [0, 1, 5].map((n) => mean(errors(adapted(params, waves, n), waves.judged, waves.truth)).item());
    log(`${way.padEnd(14)} error on 200 new waves after 0, 1, 5 steps: ${after.map((e) => e.toFixed(3)).join(', ')}`);
    return after;
  });
  const one = draw(randomKey(7), 1);
  return { table, picture: pictureOf(ways, (params, n) => adapted(params, one, n), one) };
}

await asProgram(import.meta.url, run);
