import assert from 'node:assert/strict';
import { reference, tensor } from 'bigrad';
import {
  adagrad,
  adam,
  adamw,
  constantSchedule,
  cosine,
  exponentialDecay,
  joinSchedules,
  linearWarmup,
  piecewise,
  rmsprop,
  sgd,
  stepDecay,
  type Optimizer,
} from 'bigrad/optim';
import { f64 } from '../support/numbers.js';
import { kindFor, refuses } from '../support/refuses.js';

type Options = Record<string, unknown>;
type Maker = (options: Options) => unknown;

/** For each function good options, and for each option values that must be refused. */
const table: [string, Maker, Options, Record<string, unknown[]>][] = [
  [
    'sgd',
    (o) => sgd(o as never),
    { learningRate: 0.1 },
    { learningRate: [-1, NaN, Infinity, '0.1', undefined], momentum: [-0.1, 1, NaN], weightDecay: [-1, NaN, Infinity] },
  ],
  [
    'adam',
    (o) => adam(o as never),
    { learningRate: 0.1 },
    {
      learningRate: [-1, NaN, Infinity, '0.1', undefined],
      beta1: [-0.1, 1, NaN, '0.9'],
      beta2: [-0.1, 1, NaN],
      eps: [-1e-9, NaN, Infinity],
      epsRoot: [-1e-9, NaN, Infinity],
      weightDecay: [-1, NaN],
    },
  ],
  [
    'adamw',
    (o) => adamw(o as never),
    { learningRate: 0.1 },
    {
      learningRate: [-1, NaN, Infinity, '0.1', undefined],
      beta1: [-0.1, 1, NaN],
      beta2: [-0.1, 1, NaN, '0.9'],
      eps: [-1e-9, NaN],
      epsRoot: [-1e-9, Infinity],
      weightDecay: [-1, NaN, Infinity],
    },
  ],
  [
    'rmsprop',
    (o) => rmsprop(o as never),
    { learningRate: 0.1 },
    {
      learningRate: [-1, NaN, Infinity, '0.1', undefined],
      decay: [-0.1, 1, NaN, '0.9'],
      momentum: [-0.1, 1, NaN],
      eps: [-1e-9, NaN, Infinity],
      epsRoot: [-1e-9, NaN, Infinity],
    },
  ],
  [
    'adagrad',
    (o) => adagrad(o as never),
    { learningRate: 0.1 },
    {
      learningRate: [-1, NaN, Infinity, '0.1', undefined],
      initial: [-0.1, NaN, Infinity, '1'],
      eps: [-1e-9, NaN, Infinity],
      epsRoot: [-1e-9, NaN, Infinity],
    },
  ],
  [
    'linearWarmup',
    (o) => linearWarmup(o as never),
    { value: 1, steps: 2 },
    { value: [-1, NaN, undefined, '1'], steps: [0, 1.5, NaN, Infinity, undefined] },
  ],
  [
    'exponentialDecay',
    (o) => exponentialDecay(o as never),
    { initial: 1, every: 2, factor: 0.5 },
    { initial: [-1, NaN, undefined], every: [0, 1.5, NaN, undefined], factor: [-1, NaN, undefined, '1'] },
  ],
  ['constantSchedule', (o) => constantSchedule(o.value as never), { value: 1 }, { value: [-1, NaN, '1', undefined] }],
  [
    'stepDecay',
    (o) => stepDecay(o as never),
    { initial: 1, every: 2, factor: 0.5 },
    { initial: [-1, NaN, undefined], every: [0, 1.5, NaN, undefined], factor: [-1, NaN, undefined] },
  ],
  [
    'cosine',
    (o) => cosine(o as never),
    { initial: 1, steps: 2, final: 0 },
    { initial: [-1, NaN, undefined], steps: [0, 1.5, Infinity, undefined], final: [-1, NaN, null] },
  ],
];

describe('optim refuses bad hyper-parameters', () => {
  for (const [name, make, good, bad] of table) {
    if (name !== 'constantSchedule')
      it(`${name}: no options, and options that it does not know`, () => {
        for (const none of [undefined, null, 3]) refuses(() => make(none as never), TypeError, `${name}: expected`);
        refuses(() => make({ ...good, lr: 0.1 }), TypeError, `${name}: expected`, Object.keys(good)[0]!, 'got lr');
      });
    it(`${name}: accepts ${JSON.stringify(good)}`, () => {
      make(good);
    });
    for (const [option, list] of Object.entries(bad))
      it(`${name}: ${option} of ${list.map(String).join(', ')}`, () => {
        for (const value of list)
          refuses(() => make({ ...good, [option]: value }), kindFor(value), name, option, String(value));
      });
  }

  it('sgd: nesterov without momentum', () => {
    refuses(() => sgd({ learningRate: 0.1, nesterov: true }), RangeError, 'sgd', 'momentum', 'nesterov', '0');
  });

  it('piecewise: rates below 0, boundaries that do not rise, and another count of values', () => {
    for (const value of [-1, NaN, '1' as never])
      refuses(
        () => piecewise({ values: [1, value], boundaries: [3] }),
        kindFor(value),
        'piecewise:',
        'values',
        String(value),
      );
    for (const boundaries of [[0], [3, 3], [3, 2], [-1]])
      refuses(
        () => piecewise({ values: new Array<number>(boundaries.length + 1).fill(1), boundaries }),
        RangeError,
        'piecewise:',
        'rising boundaries',
        `[${boundaries.join()}]`,
      );
    refuses(() => piecewise({ values: [1, 2], boundaries: [NaN] }), RangeError, 'piecewise:', 'boundaries', 'NaN');
    refuses(() => piecewise({ values: [1], boundaries: [3] }), RangeError, 'piecewise:', 'one value more', '1 values');
    refuses(() => piecewise({ values: [], boundaries: [] }), RangeError, 'piecewise:', 'one value more', '0 values');
  });

  it('joinSchedules: what is no schedule, boundaries that do not rise, and another count of schedules', () => {
    const one = (): number => 1;
    const join = (schedules: unknown, boundaries: unknown) => () =>
      joinSchedules({ schedules: schedules as never, boundaries: boundaries as never });
    refuses(() => joinSchedules(undefined as never), TypeError, 'joinSchedules: expected');
    refuses(join([one, 0.1], [3]), TypeError, 'joinSchedules: expected schedules to be a function', '0.1');
    refuses(join([one], undefined), TypeError, 'joinSchedules:', 'boundaries');
    for (const boundaries of [[0], [3, 3], [3, 2]])
      refuses(join([one, ...boundaries.map(() => one)], boundaries), RangeError, 'joinSchedules:', 'rising boundaries');
    refuses(join([one], [3]), RangeError, 'joinSchedules:', 'one schedule more', '1 schedules');
    for (const [bad, kind] of [
      [-1, RangeError],
      ['1', TypeError],
      [tensor(1, { dtype: 'int32' }), TypeError],
    ] as const)
      refuses(
        () => joinSchedules({ schedules: [one, () => bad as never], boundaries: [3] })(f64(1)),
        kind,
        'joinSchedules:',
      );
  });

  it('a missing state, and gradients where the parameters have no tensor', () => {
    for (const make of [sgd, adam, adamw, rmsprop, adagrad]) {
      const { init, update } = make({ learningRate: 0.1 }) as Optimizer<unknown>;
      const [params, { name }] = [{ a: tensor(1) }, make];
      refuses(() => update(params, undefined, params), TypeError, `${name}: expected`, 'state', 'undefined');
      const extra = { a: tensor(1), b: { c: tensor(1) } };
      refuses(() => update(extra, init(params), params), TypeError, `${name}: expected`, 'one structure', '.b.c');
    }
  });

  const [w, rate] = [{ a: f64([1, 2]) }, { learningRate: 0.1 }];
  const optimizers: [string, Optimizer<Record<string, unknown>>, string[]][] = [
    ['sgd', sgd(rate) as never, []],
    ['sgd', sgd({ ...rate, momentum: 0.9 }) as never, ['velocity']],
    ['adam', adam(rate) as never, ['m', 'v']],
    ['adamw', adamw(rate) as never, ['m', 'v']],
    ['rmsprop', rmsprop(rate) as never, ['v']],
    ['rmsprop', rmsprop({ ...rate, momentum: 0.9 }) as never, ['v', 'velocity']],
    ['adagrad', adagrad(rate) as never, ['v']],
  ];
  for (const [name, { init, update }, trees] of optimizers)
    it(`${name}: a state other than its own, of a step and ${trees.join(' and ') || 'nothing else'}`, () => {
      assert.deepEqual(Object.keys(init(w)).sort(), ['step', ...trees].sort());
      assert.deepEqual(Object.keys(update(w, init(w), w)[1]).sort(), ['step', ...trees].sort());
      for (const step of [f64(0), tensor([0], { dtype: 'int32' }), 0])
        refuses(() => update(w, { ...init(w), step }, w), TypeError, `${name}: expected the state`);
      for (const tree of trees) {
        const given = (other: unknown) => () => update(w, { ...init(w), [tree]: other }, w);
        const where = `state's ${tree}`;
        refuses(
          given({
            a: f64([
              [1, 2],
              [3, 4],
            ]),
          }),
          RangeError,
          `${name}: expected`,
          where,
          '[2]',
          '[2,2]',
        );
        refuses(given({ a: tensor([1, 2]) }), TypeError, `${name}: expected`, where, 'float64', 'float32');
        refuses(given({}), TypeError, `${name}: expected`, where);
      }
    });

  it('a gradient of another shape or dtype than its parameter', () => {
    for (const [name, { init, update }] of optimizers) {
      refuses(() => update({ a: f64(1) }, init(w), w), RangeError, `${name}: expected a gradient`, '[2]', '[]');
      refuses(() => update({ a: tensor([1, 2]) }, init(w), w), TypeError, `${name}: expected a gradient`, 'float32');
    }
  });

  it('no gradients, and gradients on another device', () => {
    const there = { a: tensor([1, 2], { dtype: 'float64', device: reference }) };
    for (const [name, { init, update }] of optimizers) {
      for (const none of [undefined, null])
        refuses(() => update(none as never, init(w), w), TypeError, `${name}: expected gradients like`, String(none));
      refuses(() => update(there, init(w), w), TypeError, `${name}: expected tensors on one device`);
    }
  });

  it('a step count that is no tensor of floats', () => {
    const schedules = {
      constantSchedule: constantSchedule(1),
      stepDecay: stepDecay({ initial: 1, every: 2, factor: 0.5 }),
      cosine: cosine({ initial: 1, steps: 2 }),
      linearWarmup: linearWarmup({ value: 1, steps: 2 }),
      exponentialDecay: exponentialDecay({ initial: 1, every: 2, factor: 0.5 }),
      piecewise: piecewise({ values: [1, 2], boundaries: [3] }),
      joinSchedules: joinSchedules({ schedules: [() => 1, () => 2], boundaries: [3] }),
    };
    for (const [name, schedule] of Object.entries(schedules)) {
      refuses(() => schedule(3 as never), TypeError, `${name}: expected a tensor`, 'number 3');
      refuses(() => schedule(tensor(1, { dtype: 'int32' })), TypeError, `${name}: expected float32 or float64`);
    }
  });

  it('a schedule that gives no scalar and no rate', () => {
    const [text, vector] = [() => '0.1' as never, () => f64([0.1, 0.2])];
    for (const make of [sgd, adam, adamw, rmsprop, adagrad])
      for (const [learningRate, kind, got] of [
        [text, TypeError, '0.1'],
        [vector, RangeError, '[2]'],
      ] as const) {
        const { init, update } = make({ learningRate }) as Optimizer<unknown>;
        refuses(() => update(w, init(w), w), kind, `${make.name}: expected learningRate to give a scalar tensor`, got);
      }
    const { init, update } = sgd({ learningRate: () => -1 });
    refuses(() => update(w, init(w), w), RangeError, 'sgd: expected what learningRate gives of at least 0', '-1');
  });

  it('parameters without a tensor', () => {
    refuses(() => sgd({ learningRate: 0.1 }).init({ a: 3 }), TypeError, 'sgd', 'at least one tensor');
    refuses(() => adam({ learningRate: 0.1 }).init([]), TypeError, 'adam', 'at least one tensor');
  });
});
