import * as optim from 'bigrad/optim';
import type { Tensor } from 'bigrad';
import { call, like, type Any, type Call } from './call.js';
import { x } from './values.js';

const rate = () => optim.cosine({ initial: 0.1, steps: 10 });
const optimizers = {
  sgd: { momentum: 0.9, nesterov: true, weightDecay: 0.1 },
  adam: { beta1: 0.8, beta2: 0.9, eps: 1e-6, epsRoot: 1e-6, weightDecay: 0.1 },
  adamw: { beta1: 0.8, beta2: 0.9, eps: 1e-6, epsRoot: 1e-6, weightDecay: 0.1 },
  rmsprop: { decay: 0.9, momentum: 0.9, eps: 1e-6, epsRoot: 1e-6 },
  adagrad: { initial: 0.1, eps: 1e-6, epsRoot: 1e-6 },
} as const;
const schedules = {
  stepDecay: { initial: 1, every: 2, factor: 0.5 },
  cosine: { initial: 1, steps: 4, final: 0.1 },
  linearWarmup: { value: 1, steps: 4 },
  exponentialDecay: { initial: 1, every: 2, factor: 0.5 },
  piecewise: { values: [1, 0.5, 0.1], boundaries: [2, 3] },
} as const;

const params = () => ({ w: x(), b: [x([2])] });
const stepped = (o: Any) => {
  const [next, state] = o.update(params(), o.init(params()), params());
  return o.update(params(), state, next);
};
const shrink = (w: Tensor) => optim.softThreshold(w, 0.1);
const sgd = () => optim.sgd({ learningRate: 0.1, momentum: 0.9 });
const byRank = (p: Tensor) => (p.shape.length > 1 ? 'a' : 'b');

/** Calls of `init` and `update` of an optimizer. */
const methods = (id: string, o: Any, also: readonly string[] = []): Call[] => [
  call(`${id}().init`, () => [params()], o.init, { trees: [0], also }),
  call(`${id}().update`, () => [params(), o.init(params()), params()], o.update, {
    trees: [2, 0],
    also,
    keeps: (args, [p]: Any) => [args[2], p],
  }),
];

/** Calls of optimizers, schedules, proximal operators and projections. */
export const training: readonly Call[] = [
  ...Object.entries(optimizers).flatMap(([name, options]) => {
    const make: Any = optim[name as keyof typeof optimizers];
    return [
      call(name, () => [{ learningRate: 0.1, ...options }], make, { options: 0, use: stepped }),
      call(name, () => [{ learningRate: rate(), ...options }], make, { options: 0, use: stepped }),
      ...methods(name, make({ learningRate: rate(), ...options })),
    ];
  }),
  ...Object.entries(schedules).flatMap(([name, options]) => {
    const make: Any = optim[name as keyof typeof schedules];
    return [
      call(name, () => [structuredClone(options)], make, { options: 0, use: (f: Any) => [f(x([])), f(x([], 'float64'))] }), // prettier-ignore
      call(`${name}()`, () => [x([])], make(options), { keeps: like(0) }),
    ];
  }),
  call('joinSchedules', () => [{ schedules: [() => 0.5, rate()], boundaries: [2] }], optim.joinSchedules, { use: (f: Any) => f(x([])) }), // prettier-ignore
  call('joinSchedules()', () => [x([])], optim.joinSchedules({ schedules: [() => 0.5, rate()], boundaries: [2] }), { keeps: like(0) }), // prettier-ignore
  call('constantSchedule', () => [0.5], optim.constantSchedule, { use: (f: Any) => f(x([])) }),
  call('constantSchedule()', () => [x([])], optim.constantSchedule(0.5), { keeps: like(0) }),

  call('clipByGlobalNorm', () => [0.5], optim.clipByGlobalNorm, { use: (f: Any) => f(params()) }),
  call('clipByGlobalNorm()', () => [params()], optim.clipByGlobalNorm(0.5), { trees: [0], keeps: like(0) }),
  call('clipByValue', () => [0.5], optim.clipByValue, { use: (f: Any) => f(params()) }),
  call('clipByValue()', () => [params()], optim.clipByValue(0.5), { trees: [0], keeps: like(0) }),
  call('normalizeByRms', () => [{ eps: 0.1 }], optim.normalizeByRms, { options: 0, use: (f: Any) => f(params()) }),
  call('normalizeByRms()', () => [params()], optim.normalizeByRms(), { trees: [0], keeps: like(0) }),
  call('lars', () => [{ trust: 0.1, eps: 0.1, of: () => true }], optim.lars, { options: 0, use: (f: Any) => f(params(), params()) }), // prettier-ignore
  call('lars()', () => [params(), params()], optim.lars({ trust: 0.1 }), { trees: [0, 1], keeps: like(0) }),
  call('descend', () => [params(), params(), 0.5], optim.descend, { trees: [0, 1], keeps: like(0) }),
  call('descend', () => [params(), params(), x([])], optim.descend, { trees: [0, 1], keeps: like(0) }),
  call('chain', () => [optim.clipByValue(1), optim.clipByGlobalNorm(1), sgd()], optim.chain as Call['call'], {
    use: stepped,
  }),
  ...methods('chain', optim.chain(optim.clipByGlobalNorm(1), sgd()), ['sgd', 'clipByGlobalNorm']),
  call('proximal', () => [sgd(), shrink], optim.proximal, { use: stepped }),
  ...methods('proximal', optim.proximal(sgd(), shrink), ['sgd', 'softThreshold']),
  call('partition', () => [{ a: sgd(), b: sgd() }, byRank], optim.partition as Call['call'], { use: stepped }),
  ...methods('partition', optim.partition({ a: sgd(), b: sgd() }, byRank), ['sgd']),

  ...(['softThreshold', 'hardThreshold'] as const).flatMap((name) => [
    call(name, () => [x(), 0.5], optim[name], { keeps: like(0) }),
    call(name, () => [x(), x([3])], optim[name], { keeps: like(0) }),
  ]),
  call('elasticNet', () => [x(), 0.5, 0.1], optim.elasticNet, { keeps: like(0) }),
  call('elasticNet', () => [x(), x([3]), x([])], optim.elasticNet, { keeps: like(0) }),
  call('groupLasso', () => [x([2, 3, 2]), 0.5, [1, 2]], optim.groupLasso, { keeps: like(0) }),
  call('groupLasso', () => [x(), x([]), 1], optim.groupLasso, { keeps: like(0) }),
  call('jointMask', () => [params(), params(), { step: 0.1, gamma: 0.5, metric: 'paper', onZero: 'zero', order: 'gaussSeidel' }], optim.jointMask, { options: 2, trees: [0, 1], keeps: ([ms, mt], r: Any) => [{ ms, mt }, r] }), // prettier-ignore
  call('jointMask', () => [params(), params(), { step: x([]), gamma: x([]), metric: 'l0' }], optim.jointMask, { options: 2, trees: [0, 1], keeps: ([ms, mt], r: Any) => [{ ms, mt }, r] }), // prettier-ignore
  call('projectBox', () => [x(), 0.4, 0.8], optim.projectBox, { keeps: like(0) }),
  call('projectNonNegative', () => [x()], optim.projectNonNegative, { keeps: like(0) }),
  call('projectL2Ball', () => [x(), 0.5], optim.projectL2Ball, { keeps: like(0) }),
  call('projectSimplex', () => [x(), 2], optim.projectSimplex, { keeps: like(0) }),
];
