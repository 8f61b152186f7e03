import { grad, linspace, mul, randomKey, randomNormal, reshape, sin, tanh } from 'bigrad';
import { linear, meanSquaredError, sequential } from 'bigrad/nn';
import { adam } from 'bigrad/optim';

/** A point of a plot. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Trains the network of README.md: its points, and its curve after some numbers of steps. */
export function train(shown: readonly number[]): { points: Point[]; curves: (Point & { steps: number })[] } {
  const x = randomNormal(randomKey(1), [64, 1]);
  const y = sin(mul(x, 3));
  const net = sequential([linear(1, 32), tanh, linear(32, 1)]);
  const optimizer = adam({ learningRate: 0.03 });
  const loss = (p: typeof params) => meanSquaredError(net.apply(p, x), y);
  let params = net.init(randomKey(0));
  let state = optimizer.init(params);

  const ys = y.readSync();
  const grid = linspace(-2.5, 2.5, 101);
  const curves: (Point & { steps: number })[] = [];
  for (let steps = 0; steps <= Math.max(...shown); steps++) {
    if (shown.includes(steps)) {
      const values = net.apply(params, reshape(grid, [-1, 1])).readSync();
      curves.push(...Array.from(grid.readSync(), (at, i) => ({ x: at, y: values[i]!, steps })));
    }
    [params, state] = optimizer.update(grad(loss)(params), state, params);
  }
  return { points: Array.from(x.readSync(), (at, i) => ({ x: at, y: ys[i]! })), curves };
}
