import {
  add,
  expandDims,
  mean,
  mul,
  randomUniform,
  sin,
  splitKey,
  square,
  sub,
  tanh,
  matmul,
  transpose,
  type Tensor,
} from 'bigrad';
import { linear, type LinearParams } from 'bigrad/nn';

/** Waves a sin(x - p): ten points of each to adapt to, and `judged` points to judge by. */
export interface Waves {
  readonly x: Tensor;
  readonly y: Tensor;
  readonly judged: Tensor;
  readonly truth: Tensor;
}

const POINTS = 10;
const layers = [linear(1, 40), linear(40, 40), linear(40, 1)];

/** Parameters of the network, for one task or for many. */
export type Params = readonly LinearParams[];
export const init = (key: Tensor): Params => splitKey(key, layers.length).map((k, i) => layers[i]!.init(k));

/** The network of every task: x [tasks,n,1], each weight [tasks,out,in]. */
export const apply = (params: Params, x: Tensor): Tensor =>
  params.reduce((h, { weight, bias }, i) => {
    const y = add(matmul(h, transpose(weight, [0, 2, 1])), expandDims(bias!, 1));
    return i < params.length - 1 ? tanh(y) : y;
  }, x);

/** The mean squared error of every task, [tasks]. */
export const errors = (params: Params, x: Tensor, y: Tensor): Tensor => mean(square(sub(apply(params, x), y)), [1, 2]);

/** New waves with amplitudes from 0.1 to 5 and phases from 0 to pi, on -5 to 5. */
export function draw(key: Tensor, tasks: number): Waves {
  const [k1, k2, k3, k4] = splitKey(key, 4);
  const amplitude = randomUniform(k1, [tasks, 1, 1], { low: 0.1, high: 5 });
  const phase = randomUniform(k2, [tasks, 1, 1], { low: 0, high: Math.PI });
  const wave = (x: Tensor): Tensor => mul(amplitude, sin(sub(x, phase)));
  const x = randomUniform(k3, [tasks, POINTS, 1], { low: -5, high: 5 });
  const judged = randomUniform(k4, [tasks, 4 * POINTS, 1], { low: -5, high: 5 });
  return { x, y: wave(x), judged, truth: wave(judged) };
}
