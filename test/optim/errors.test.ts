import { adam, constantSchedule, cosine, sgd, stepDecay } from 'bigrad/optim';
import { refuses } from '../nn/numbers.js';

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
    it(`${name}: accepts ${JSON.stringify(good)}`, () => {
      make(good);
    });
    for (const [option, list] of Object.entries(bad))
      it(`${name}: ${option} of ${list.map(String).join(', ')}`, () => {
        for (const value of list)
          refuses(() => make({ ...good, [option]: value }), RangeError, name, option, String(value));
      });
  }

  it('sgd: nesterov without momentum', () => {
    refuses(() => sgd({ learningRate: 0.1, nesterov: true }), RangeError, 'sgd', 'momentum', 'nesterov', '0');
  });

  it('parameters without a tensor', () => {
    refuses(() => sgd({ learningRate: 0.1 }).init({ a: 3 }), TypeError, 'sgd', 'at least one tensor');
    refuses(() => adam({ learningRate: 0.1 }).init([]), TypeError, 'adam', 'at least one tensor');
  });
});
