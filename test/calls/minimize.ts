import * as bigrad from 'bigrad';
import * as optim from 'bigrad/optim';
import type { Tensor } from 'bigrad';
import { call, like, type Any, type Call } from './call.js';
import { x } from './values.js';

const tree = () => ({ w: x([2]), b: [x([1, 2]), x([])] });
const floats = (t: unknown): Tensor[] => bigrad.leaves(t).filter((leaf) => leaf.dtype !== 'int32');
const bowl = (t: unknown): Tensor =>
  floats(t)
    .map((v) => bigrad.sum(bigrad.square(v)))
    .reduce((a, b) => bigrad.add(a, b));
const linear = () => ({ method: 'cg', tolerance: 1e-3, maxSteps: 20, restart: 5, scale: 0.4, failure: 'report' });
const shared = () => ({
  tolerance: 0.1,
  maxSteps: 5,
  failure: 'report',
  linear: linear(),
  compile: false,
  progress: () => undefined,
});
const quick = { endless: ['2.maxSteps', '2.cgSteps', '2.history', '2.linear.maxSteps'] };
const outputs = (p: Any): Tensor => bigrad.concat(floats(p).map((v) => bigrad.reshape(v, [v.size])));

/** Calls of searches, and of the natural gradient. */
export const searches: readonly Call[] = [
  call('minimize', () => [bowl, tree(), { ...shared(), method: 'lbfgs', history: 3 }], optim.minimize as Call['call'], {
    ...quick,
    options: 2,
    trees: [1],
    keeps: ([, x0]: Any, found: Any) => [x0, found.x],
  }),
  call(
    'minimize',
    () => [bowl, tree(), { ...shared(), method: 'newton-cg', radius: 2, cgSteps: 5 }],
    optim.minimize as Call['call'],
    { ...quick, options: 2, trees: [1] },
  ),
  call(
    'leastSquares',
    () => [floats, tree(), { ...shared(), method: 'cg', damping: 0.1, cgSteps: 5 }],
    optim.leastSquares as Call['call'],
    { ...quick, options: 2, trees: [1], keeps: ([, x0]: Any, found: Any) => [x0, found.x] },
  ),
  call(
    'naturalGradient',
    () => [outputs, { ...linear(), likelihood: 'bernoulli', damping: 0.1 }],
    optim.naturalGradient as Call['call'],
    { options: 1, use: (f: Any) => f(tree(), tree()), endless: ['1.maxSteps'] },
  ),
  call('naturalGradient()', () => [tree(), tree()], optim.naturalGradient(outputs, { failure: 'report' }), {
    trees: [0, 1],
    keeps: like(0),
  }),
];
