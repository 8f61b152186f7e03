import {
  compile,
  linspace,
  mean,
  mul,
  ones,
  randomKey,
  reshape,
  splitKey,
  sqrt,
  square,
  sub,
  valueAndGrad,
  type Tensor,
} from 'bigrad';
import { adam, cosine } from 'bigrad/optim';
import { asProgram, say } from '../lab/program.js';
import { loss, network, solution, u, type Points } from './heat.js';
import { pictureOf } from './picture.js';

/** Trains the network, and compares it with the solution on a grid. */
export function run({ steps = 3000, points = 128, log = say } = {}) {
  const optimizer = adam({ learningRate: cosine({ initial: 5e-3, steps }) });
  const step = compile(
    (state: ReturnType<typeof begin>, key: Tensor) => {
      const [value, slope] = valueAndGrad(loss)(state.params, key, points);
      const [params, moments] = optimizer.update(slope, state.moments, state.params);
      return { state: { params, moments }, value };
    },
    { donate: [0] },
  );
  const begin = () => {
    const params = network.init(randomKey(0));
    return { params, moments: optimizer.init(params) };
  };
  let state = begin();
  splitKey(randomKey(1), steps).forEach((key, i) => {
    const done = step(state, key);
    state = done.state;
    if ((i + 1) % Math.ceil(steps / 4) === 0) log(`step ${i + 1}: loss ${done.value.item().toExponential(1)}`);
  });

  const at = (t: number): Points => ({ x: reshape(linspace(0, 1, 51), [51, 1]), t: mul(ones([51, 1]), t) });
  const times = [0, 0.25, 0.5, 1];
  const errors = times.map((t) => sqrt(mean(square(sub(u(state.params, at(t)), solution(at(t)))))).item());
  for (const [i, t] of times.entries()) log(`t = ${t}: root mean squared error ${errors[i]!.toExponential(1)}`);
  const curves = times.map((t) => ({ t, x: at(t).x, network: u(state.params, at(t)), solution: solution(at(t)) }));
  return { errors, picture: pictureOf(curves) };
}

await asProgram(import.meta.url, run);
