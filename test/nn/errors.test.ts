import { cast, randomKey, tensor, zeros } from 'bigrad';
import {
  batchNorm2d,
  binaryCrossEntropy,
  conv,
  crossEntropy,
  flatten,
  hardConcrete,
  huber,
  kaimingNormal,
  kaimingUniform,
  linear,
  meanSquaredError,
  sequential,
  xavierNormal,
  xavierUniform,
} from 'bigrad/nn';
import { double, f64, wave } from '../support/numbers.js';
import { refuses } from '../support/refuses.js';

const key = randomKey(1);
type Row = [what: string, f: () => unknown, kind: typeof RangeError | typeof TypeError, ...words: string[]];

const dense = linear(3, 2);
const filter = conv(2, 4, 3);
const norm = batchNorm2d(2);
const net = sequential([linear(3, 2), (x) => x]);
const [densely, filtered, normed] = [dense, filter, norm].map((l) => l.init(key, double)) as [
  ReturnType<typeof dense.init>,
  ReturnType<typeof filter.init>,
  ReturnType<typeof norm.init>,
];
const state = norm.initState(normed);
const images = wave([2, 2, 4, 4]);
const labels = tensor([0, 1], { dtype: 'int32' });
const logits = wave([2, 3]);
const none = undefined as never;

const typo = { biass: false } as never;

const tables: Record<string, Row[]> = {
  linear: [
    ['sizes that are no counts', () => linear(0, 2), RangeError, 'in', '0'],
    ['an output size that is no count', () => linear(3, 1.5), RangeError, 'out', '1.5'],
    ['x of another width', () => dense.apply(densely, wave([4, 5])), RangeError, '[..., 3]', '[4,5]'],
    ['a scalar x', () => dense.apply(densely, f64(1)), RangeError, '[..., 3]', '[]'],
    ['x that is no tensor', () => dense.apply(densely, [1, 2, 3] as never), TypeError, 'tensor', 'array'],
    ['missing parameters', () => dense.apply(none, wave([4, 3])), TypeError, 'weight [2,3]', 'undefined'],
    [
      'weights of another shape',
      () => dense.apply({ weight: wave([3, 2]) }, wave([4, 3])),
      RangeError,
      '[2,3]',
      '[3,2]',
    ],
    [
      'a bias of another shape',
      () => dense.apply({ weight: wave([2, 3]), bias: wave([1]) }, wave([4, 3])),
      RangeError,
      'bias [2]',
      '[1]',
    ],
  ],
  conv: [
    ['channels that are no count', () => conv(0, 2, 3), RangeError, 'in', '0'],
    ['filters that are no count', () => conv(2, -1, 3), RangeError, 'out', '-1'],
    ['a kernel that is no size', () => conv(2, 2, 0), RangeError, 'kernel', '0'],
    ['a kernel of three axes', () => conv(2, 2, [3, 3, 3] as never), RangeError, 'kernel', '[3,3,3]'],
    ['no kernel', () => conv(2, 2, none), TypeError, 'kernel', 'undefined'],
    ['a stride of 0', () => conv(2, 2, 3, { stride: 0 }), RangeError, 'stride', '0'],
    ['negative padding', () => conv(2, 2, 3, { padding: -1 }), RangeError, 'padding', '-1'],
    ['a dilation of 0', () => conv(2, 2, 3, { dilation: [1, 0] }), RangeError, 'dilation', '[1,0]'],
    ['groups that do not divide the channels', () => conv(3, 2, 3, { groups: 2 }), RangeError, 'in / groups', '1.5'],
    ['groups that do not divide the filters', () => conv(2, 3, 3, { groups: 2 }), RangeError, 'out / groups', '1.5'],
    ['groups that are no count', () => conv(2, 2, 3, { groups: 0.5 }), RangeError, 'groups', '0.5'],
    ['x of other channels', () => filter.apply(filtered, wave([1, 3, 4, 4])), RangeError, '[n,2,h,w]', '[1,3,4,4]'],
    ['x that is no batch of images', () => filter.apply(filtered, wave([2, 4, 4])), RangeError, '[n,2,h,w]', '[2,4,4]'],
    ['x that is no tensor', () => filter.apply(filtered, none), TypeError, 'tensor', 'undefined'],
    ['x smaller than the kernel', () => filter.apply(filtered, wave([1, 2, 2, 2])), RangeError, 'fit', '[1,2,2,2]'],
    ['missing parameters', () => filter.apply({} as never, images), TypeError, 'weight [4,2,3,3]', 'undefined'],
    [
      'a bias of another shape',
      () => filter.apply({ ...filtered, bias: wave([1]) }, images),
      RangeError,
      'bias [4]',
      '[1]',
    ],
  ],
  batchNorm2d: [
    ['channels that are no count', () => batchNorm2d(0), RangeError, 'channels', '0'],
    ['a momentum above 1', () => batchNorm2d(2, { momentum: 1.1 }), RangeError, 'momentum', '1.1'],
    ['a momentum that is no number', () => batchNorm2d(2, { momentum: NaN }), RangeError, 'momentum', 'NaN'],
    ['a negative eps', () => batchNorm2d(2, { eps: -1 }), RangeError, 'eps', '-1'],
    ['a key that is none', () => norm.init(none), TypeError, 'tensor', 'undefined'],
    ['x of other channels', () => norm.apply(normed, wave([1, 3, 2, 2]), state), RangeError, '[n,2,h,w]', '[1,3,2,2]'],
    ['x of another rank', () => norm.apply(normed, wave([4, 2]), state), RangeError, '[n,2,h,w]', '[4,2]'],
    [
      'an empty batch while training',
      () => norm.apply(normed, zeros([0, 2, 2, 2], double), state),
      RangeError,
      'element',
    ],
    ['no state', () => norm.apply(normed, images, none), TypeError, 'mean [2]', 'undefined'],
    [
      'a state of another shape',
      () => norm.apply(normed, images, { ...state, variance: wave([1]) }),
      RangeError,
      'variance [2]',
      '[1]',
    ],
    ['missing parameters', () => norm.apply(none, images, state), TypeError, 'scale [2]', 'undefined'],
  ],
  sequential: [
    ['what is no list', () => sequential(dense as never), TypeError, 'list', 'bject'],
    ['an item that is no layer', () => sequential([dense, 3 as never]), TypeError, 'layers', 'number 3'],
    ['an item that is nothing', () => sequential([null as never]), TypeError, 'layers', 'null'],
    ['an item without init', () => sequential([{ apply: dense.apply } as never]), TypeError, 'layers', 'bject'],
    ['missing parameters', () => net.apply(none, wave([1, 3])), TypeError, 'array of 2', 'undefined'],
    ['too few parameters', () => net.apply([densely] as never, wave([1, 3])), TypeError, 'array of 2', 'one of 1'],
    ['missing states', () => sequential([norm]).apply([normed], images, none), TypeError, 'states', 'undefined'],
  ],
  flatten: [['what is no tensor', () => flatten([1] as never), TypeError, 'tensor', 'array']],
  crossEntropy: [
    ['labels of another count', () => crossEntropy(wave([3, 2]), labels), RangeError, '[n,k]', '[3,2]', '[2]'],
    ['logits that are no rows', () => crossEntropy(wave([2]), labels), RangeError, '[n,k]', '[2]'],
    ['labels that are no whole numbers', () => crossEntropy(logits, f64([0, 1])), TypeError, 'int32', 'float64'],
    ['logits of whole numbers', () => crossEntropy(cast(logits, 'int32'), labels), TypeError, 'float64', 'int32'],
    ['logits that are no tensor', () => crossEntropy(none, labels), TypeError, 'tensor', 'undefined'],
    [
      'an unknown reduction',
      () => crossEntropy(logits, labels, { reduction: 'max' as never }),
      RangeError,
      "'none'",
      '"max"',
    ],
    [
      'an empty batch to average',
      () => crossEntropy(zeros([0, 2]), zeros([0], { dtype: 'int32' })),
      RangeError,
      'at least one',
    ],
  ],
};
for (const [name, loss] of Object.entries({ meanSquaredError, huber, binaryCrossEntropy }))
  tables[name] = [
    ['pairs of two shapes', () => loss(wave([3, 1]), wave([3])), RangeError, 'one shape', '[3,1]', '[3]'],
    ['pairs of two dtypes', () => loss(tensor(1), f64(1)), TypeError, 'float32', 'float64'],
    ['whole numbers', () => loss(labels, labels), TypeError, 'float64', 'int32'],
    ['numbers', () => loss(1 as never, f64(1)), TypeError, 'tensor', 'number 1'],
    ['an unknown reduction', () => loss(f64(1), f64(1), { reduction: 'max' as never }), RangeError, "'none'", '"max"'],
    ['nothing to average', () => loss(zeros([0]), zeros([0])), RangeError, 'at least one'],
  ];
tables.huber!.push(
  ...[0, -1, NaN, Infinity].map((delta): Row => [
    `delta ${delta}`,
    () => huber(f64(1), f64(1), { delta }),
    RangeError,
    'delta',
    String(delta),
  ]),
);

for (const [name, rows] of Object.entries(tables))
  describe(`${name} refuses`, () => {
    for (const [what, f, kind, ...words] of rows)
      it(what, () => {
        refuses(f, kind, `${name}:`, ...words);
      });
  });

describe('unknown options are refused by', () => {
  const calls = {
    linear: () => linear(1, 1, typo),
    conv: () => conv(1, 1, 1, typo),
    batchNorm2d: () => batchNorm2d(1, typo),
    hardConcrete: () => hardConcrete(typo),
    kaimingNormal: () => kaimingNormal(typo),
    kaimingUniform: () => kaimingUniform(typo),
    xavierNormal: () => xavierNormal({ fan: 'in' } as never),
    xavierUniform: () => xavierUniform(typo),
    meanSquaredError: () => meanSquaredError(logits, logits, typo),
    crossEntropy: () => crossEntropy(logits, labels, typo),
    binaryCrossEntropy: () => binaryCrossEntropy(logits, logits, typo),
    huber: () => huber(logits, logits, typo),
  };
  for (const [name, call] of Object.entries(calls))
    it(name, () => {
      refuses(call, TypeError, `${name}: expected no options but`, 'got');
    });
});
