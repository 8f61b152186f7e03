import { add, mul, type Tensor } from 'bigrad';
import { diagnose, hypergradient, unroll } from 'bigrad/bilevel';
import { adam } from 'bigrad/optim';
import { call, type Any, type Call } from './call.js';
import { parts } from './transforms.js';
import { doubled, total, x } from './values.js';

const { half } = parts;
const theta = () => ({ w: x([2]), b: [x([])] });
const masks = () => ({ ms: { w: x([2]) }, mt: { w: x([2]) } });
const batches = () => ({ lower: [{ x: x([2]) }, { x: x([3]) }], upper: { x: x([2]) } });
const level = (w: unknown, ms: unknown, batch: unknown): [Tensor, unknown] => [
  mul(add(total(w), 1), add(total(ms, batch), 1)),
  doubled(batch),
];
const problem = () => ({ lower: level, upper: level, mode: { truncated: 1 }, learningRate: 0.01, lowerMask: 0.01 });

const solving = () => ({ maxSteps: 3, failure: 'report' });

/** Calls of `bigrad/bilevel`. */
export const bilevel: readonly Call[] = [
  call('unroll', () => [half, theta(), 3, { checkpoint: true }], unroll as Call['call'], {
    options: 3,
    trees: [1],
    handsOn: true,
    endless: ['2'],
  }),
  call('unroll', () => [half, theta(), 3, { checkpoint: false }], unroll as Call['call'], {
    options: 3,
    trees: [1],
    handsOn: true,
    endless: ['2'],
  }),
  call('unroll', () => [half, theta(), 3, { loop: true }], unroll as Call['call'], {
    options: 3,
    trees: [1],
    endless: ['2'],
  }),
  call('unroll', () => [half, theta(), 0], unroll as Call['call'], { trees: [1], handsOn: true, endless: ['2'] }),
  call('hypergradient', () => [problem()], hypergradient as Call['call'], {
    options: 0,
    use: (f: Any) => f(theta(), masks(), batches()),
    allow: (place, v) => place === '0.lowerMask' && typeof v === 'boolean',
  }),
  call('hypergradient', () => [{ ...problem(), mode: 'summed', lowerMask: true }], hypergradient as Call['call'], {
    options: 0,
    use: (f: Any) => f(theta(), masks(), batches()),
    allow: (place, v) => place === '0.lowerMask' && typeof v === 'number',
  }),
  ...[
    { implicit: { ...solving(), ridge: 0.1, method: 'cg', tolerance: 0.1, restart: 3, scale: 0.1 } },
    { nystrom: { rank: 2, ridge: 0.1, seed: 3 } },
    { penalty: { weight: 10, steps: 2, learningRate: 0.1 } },
  ].map((mode) =>
    call(
      'hypergradient',
      () => [{ ...problem(), mode: structuredClone(mode), lowerMask: false }],
      hypergradient as Call['call'],
      {
        options: 0,
        use: (f: Any) => f(theta(), masks(), batches()),
        endless: ['0.mode.implicit.maxSteps', '0.mode.penalty.steps'],
        allow: (place, v) => place === '0.lowerMask' && (typeof v === 'boolean' || typeof v === 'number'),
      },
    ),
  ),
  // Phases: one with a rate, and one with the optimizer of the problem.
  call(
    'hypergradient',
    () => [
      {
        lower: [
          { loss: level, steps: 1, learningRate: 0.1 },
          { loss: level, steps: 1 },
        ],
        upper: level,
        mode: 'exact',
        optimizer: adam({ learningRate: 0.1 }),
        lowerMask: 0.01,
      },
    ],
    hypergradient as Call['call'],
    {
      options: 0,
      use: (f: Any) => f(theta(), masks(), batches()),
      allow: (place, v) => place === '0.lowerMask' && v === false,
    },
  ),
  call('diagnose', () => [problem()], diagnose as Call['call'], {
    options: 0,
    use: (f: Any) => f(theta(), masks(), batches()),
    allow: (place, v) => place === '0.lowerMask' && typeof v === 'boolean',
  }),
  call(
    'diagnose',
    () => [{ lower: level, upper: level, mode: 'exact', optimizer: adam({ learningRate: 0.1 }) }],
    diagnose as Call['call'],
    { options: 0, use: (f: Any) => f(theta(), masks(), batches()) },
  ),
  call('diagnose()', () => [theta(), masks(), batches()], diagnose(problem() as Any) as Call['call'], { trees: [0] }),
  ...[problem(), { ...problem(), mode: 'exact', lowerMask: false, learningRate: x([]) }].map((given) =>
    call('hypergradient()', () => [theta(), masks(), batches()], hypergradient(given as Any) as Call['call'], {
      trees: [0],
    }),
  ),
];
