import * as b from 'bigrad';
import type { Tensor } from 'bigrad';
import { numbersOf, type Call, type Expression } from '../node.js';

const { add, div, mul, sub } = b;

/** One parameter with its gradient and its state, and how many steps there were. */
type Step = (call: Call, rate: Tensor, steps: number, x: Tensor, g: Tensor, state: readonly Tensor[]) => Tensor[];

/** Inputs are R, T, all X, all G, and all of each state; outputs all X and all of each state. */
const step =
  (states: number, f: Step): Expression =>
  (call, rate, steps) => {
    const trees = call.ins.slice(2) as Tensor[];
    const n = trees.length / (2 + states);
    const of = (kind: number, i: number): Tensor => trees[kind * n + i]!;
    const t = numbersOf(steps)[0]!;
    const all = Array.from({ length: n }, (_, i) => {
      const x = of(0, i);
      const slope = add(mul(x, call.float('norm_coefficient', 0)), of(1, i));
      const state = Array.from({ length: states }, (_, k) => of(2 + k, i));
      return f(call, rate, t, x, slope, state);
    });
    return Array.from({ length: 1 + states }, (_, kind) => all.map((outs) => outs[kind]!)).flat();
  };

const adagrad: Step = (call, rate, t, x, g, [h]) => {
  const own = div(rate, 1 + t * call.float('decay_factor', 0));
  const sums = add(h!, b.square(g));
  return [sub(x, div(mul(own, g), add(b.sqrt(sums), call.float('epsilon', 1e-6)))), sums];
};

const adam: Step = (call, rate, t, x, g, [v, h]) => {
  const [alpha, beta] = [call.float('alpha', 0.9), call.float('beta', 0.999)];
  const mean = add(mul(v!, alpha), mul(g, 1 - alpha));
  const squares = add(mul(h!, beta), mul(b.square(g), 1 - beta));
  const own = t > 0 ? mul(rate, Math.sqrt(1 - beta ** t) / (1 - alpha ** t)) : rate;
  const next = sub(x, mul(own, div(mean, add(b.sqrt(squares), call.float('epsilon', 1e-6)))));
  return [mul(next, 1 - call.float('norm_coefficient_post', 0)), mean, squares];
};

const momentum: Step = (call, rate, t, x, g, [v]) => {
  const alpha = call.float('alpha', 0);
  const next = add(mul(v!, alpha), mul(g, t > 0 ? call.float('beta', 0) : 1));
  const by = call.text('mode', 'standard') === 'nesterov' ? add(g, mul(next, alpha)) : next;
  return [sub(x, mul(rate, by)), next];
};

/** Steps of optimizers. */
export const training: Readonly<Record<string, Expression>> = {
  Adagrad: step(1, adagrad),
  Adam: step(2, adam),
  Momentum: step(1, momentum),
};
