import { cast, compile, randomKey, reference, square, tensor, zeros, type Tensor } from 'bigrad';
import {
  applyMasks,
  attentionWeights,
  batchNorm2d,
  binaryCrossEntropy,
  binaryCrossEntropyOfProbabilities,
  constantInit,
  conv,
  cosineEmbedding,
  cosineSimilarity,
  crossEntropy,
  density,
  dropout,
  embedding,
  flatten,
  glu,
  groupNorm,
  gru,
  hardConcrete,
  hardTanh,
  hinge,
  hingeEmbedding,
  huber,
  initMasks,
  instanceNorm,
  kaimingNormal,
  kaimingUniform,
  klDivergence,
  layerNorm,
  learnedPositions,
  linear,
  lstm,
  magnitudePrune,
  meanAbsoluteError,
  meanSquaredError,
  multiHeadAttention,
  negativeLogLikelihood,
  normalize,
  pairwiseDistance,
  poissonNll,
  prelu,
  rmsNorm,
  rotary,
  scaledDotProductAttention,
  sequential,
  sigmoidGate,
  sinusoidalPositions,
  smoothL0,
  smoothL1,
  straightThrough,
  tripletMargin,
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
const vector3 = f64([1, 2, 3]);

const typo = { biass: false } as never;
const drop = dropout(0.5);
const vector = f64([1, 2]);
const there = tensor([1, 2], { ...double, device: reference });

class Holder {
  readonly w = vector;
}
const holder = new Holder() as never;

const donated = (): Tensor => {
  const given = f64([1, 2]);
  compile(square, { donate: [0] })(given);
  return given;
};
/** A tree that contains itself. */
const cycle = { w: vector } as { w: Tensor; self?: unknown };
cycle.self = cycle;

const tables: Record<string, Row[]> = {
  linear: [
    ['sizes that are no counts', () => linear(0, 2), RangeError, 'expected in to', '0'],
    ['an output size that is no count', () => linear(3, 1.5), RangeError, 'out', '1.5'],
    ['x of another width', () => dense.apply(densely, wave([4, 5])), RangeError, '[..., 3]', '[4,5]'],
    ['a scalar x', () => dense.apply(densely, f64(1)), RangeError, '[..., 3]', '[]'],
    ['x that is no tensor', () => dense.apply(densely, [1, 2, 3] as never), TypeError, 'tensor', 'array'],
    ['missing parameters', () => dense.apply(none, wave([4, 3])), TypeError, 'weight [2,3]', 'undefined'],
    [
      'parameters that are null',
      () => dense.apply(null as never, wave([4, 3])),
      TypeError,
      'weight [2,3]',
      'undefined',
    ],
    ['x of another dtype', () => dense.apply(densely, zeros([4, 3])), TypeError, 'float32', 'float64'],
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
    ['channels that are no count', () => conv(0, 2, 3), RangeError, 'expected in to', '0'],
    ['filters that are no count', () => conv(2, -1, 3), RangeError, 'out', '-1'],
    ['a kernel that is no size', () => conv(2, 2, 0), RangeError, 'kernel', '0'],
    ['no kernel', () => conv(2, 2, none), TypeError, 'kernel', 'undefined'],
    ['a stride of 0', () => conv(2, 2, 3, { stride: 0 }), RangeError, 'stride', '0'],
    ['negative padding', () => conv(2, 2, 3, { padding: -1 }), RangeError, 'padding', '-1'],
    ['a dilation of 0', () => conv(2, 2, 3, { dilation: [1, 0] }), RangeError, 'dilation', '[1,0]'],
    ['groups that do not divide the channels', () => conv(3, 2, 3, { groups: 2 }), RangeError, 'in / groups', '1.5'],
    ['groups that do not divide the filters', () => conv(2, 3, 3, { groups: 2 }), RangeError, 'out / groups', '1.5'],
    ['groups that are no count', () => conv(2, 2, 3, { groups: 0.5 }), RangeError, 'groups', '0.5'],
    ['x of other channels', () => filter.apply(filtered, wave([1, 3, 4, 4])), RangeError, '[n,2,h,w]', '[1,3,4,4]'],
    ['x that is no batch of images', () => filter.apply(filtered, wave([2, 4, 4])), RangeError, '[n,2,h,w]', '[2,4,4]'],
    ['x without rows', () => filter.apply(filtered, wave([2, 2, 4])), RangeError, '[n,2,h,w]', '[2,2,4]'],
    ['x that is no tensor', () => filter.apply(filtered, none), TypeError, 'tensor', 'undefined'],
    ['no parameters', () => filter.apply(none, images), TypeError, 'weight [4,2,3,3]', 'undefined'],
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
    ['x that is no tensor', () => norm.apply(normed, none, state), TypeError, 'tensor', 'undefined'],
    ['a scale of another shape', () => norm.initState({ ...normed, scale: wave([3]) }), RangeError, 'scale [2]', '[3]'],
    ['a scale of integers', () => norm.initState({ ...normed, scale: labels }), TypeError, 'float64', 'int32'],
  ],
  dropout: [
    ['rates that are none', () => dropout(1), RangeError, 'a rate', '1'],
    [
      'a key that is none',
      () => {
        drop.init(none);
      },
      TypeError,
      'tensor',
      'undefined',
    ],
    [
      'a key of another kind',
      () => drop.apply(undefined, vector, undefined, { key: vector }),
      TypeError,
      'key',
      'float64',
    ],
    [
      'a key on another device',
      () => drop.apply(undefined, there, undefined, { key }),
      TypeError,
      'the key on reference',
      'cpu',
    ],
  ],
  sequential: [
    ['what is no list', () => sequential(dense as never), TypeError, 'list', 'bject'],
    ['lists with holes', () => sequential(new Array(1) as never), TypeError, 'expected layers without holes'],
    ['an item that is no layer', () => sequential([dense, 3 as never]), TypeError, 'layers', 'number 3'],
    ['an item that is nothing', () => sequential([null as never]), TypeError, 'layers', 'null'],
    ['an item without init', () => sequential([{ apply: dense.apply } as never]), TypeError, 'layers', 'bject'],
    ['missing parameters', () => net.apply(none, wave([1, 3])), TypeError, 'array of 2', 'undefined'],
    ['too few parameters', () => net.apply([densely] as never, wave([1, 3])), TypeError, 'array of 2', 'one of 1'],
    ['parameters that are no list', () => net.apply(none, wave([1, 3])), TypeError, 'parameters', 'undefined'],
    ['states of no parameters', () => sequential([norm]).initState(none), TypeError, 'parameters', 'undefined'],
    [
      'a layer that gives no state',
      () => sequential([{ ...norm, apply: ((_: unknown, x: Tensor) => x) as never }]).apply([normed], images, [state]),
      TypeError,
      '[y, state]',
      'Tensor',
    ],
    ['missing states', () => sequential([norm]).apply([normed], images, none), TypeError, 'states', 'undefined'],
  ],
  smoothL0: [
    ['an eps of integers', () => smoothL0(labels), TypeError, 'float64', 'int32'],
    ['an eps of 0', () => smoothL0(0), RangeError, 'eps', '0'],
  ],
  sigmoidGate: [
    ['a temperature of 0', () => sigmoidGate(0), RangeError, 'temperature', '0'],
    ['a mask that is no tensor', () => sigmoidGate()(none), TypeError, 'tensor', 'undefined'],
  ],
  hardConcrete: [
    ['a mask that is no tensor', () => hardConcrete()(none), TypeError, 'tensor', 'undefined'],
    ['a key that is none', () => hardConcrete()(vector, vector), TypeError, 'key', 'float64'],
    ['a key that is no tensor', () => hardConcrete()(vector, 0 as never), TypeError, 'tensor', 'number 0'],
  ],
  straightThrough: [
    ['a negative threshold', () => straightThrough(-1), RangeError, 'a threshold', '-1'],
    ['a mask that is no tensor', () => straightThrough()(none), TypeError, 'tensor', 'undefined'],
  ],
  constantInit: [
    ['a value that is no number', () => constantInit(NaN), RangeError, 'value', 'NaN'],
    ['a shape that is none', () => constantInit(1)(key, [-1]), RangeError, 'shape', '-1'],
  ],
  initMasks: [['what is no function', () => initMasks(vector, 3 as never), TypeError, 'where', 'number 3']],
  applyMasks: [
    ['a gate that is none', () => applyMasks(vector, vector, 3 as never), TypeError, 'gate', 'number 3'],
    ['masks of another shape', () => applyMasks(vector, f64([1, 2, 3]), (m) => m), RangeError, 'a mask', '[3]'],
    [
      'gated masks of another shape',
      () => applyMasks(vector, vector, () => f64([1, 2, 3])),
      RangeError,
      'a gated mask',
      '[3]',
    ],
    ['gated masks of another dtype', () => applyMasks(vector, vector, () => tensor([1, 2])), TypeError, 'float32'],
    ['gated masks that are no tensors', () => applyMasks(vector, vector, () => none), TypeError, 'tensor', 'undefined'],
    ['lists of masks with holes', () => applyMasks([vector], new Array(1) as never, (m) => m), TypeError, 'holes'],
    ['trees that contain themselves', () => applyMasks(cycle, cycle as never, (m) => m), TypeError, '1000 levels'],
    [
      'masks beside parameters, whose places it names',
      () => applyMasks({ a: vector, b: vector }, { c: vector } as never, (m) => m),
      TypeError,
      '(.a .b)',
      'masks at .c',
    ],
    ['masks of no parameters', () => applyMasks({}, { c: vector } as never, (m) => m), TypeError, '(no place)'],
  ],
  density: [
    ['what holds a mask but is no tree', () => density(holder), TypeError, 'Holder'],
    ['masks that were donated', () => density(donated()), TypeError, 'donated'],
  ],
  magnitudePrune: [
    ['a fraction above 1', () => magnitudePrune(vector, vector, 2), RangeError, 'a fraction', '2'],
    ['masks of another shape', () => magnitudePrune(vector, f64([1]), 0.5), RangeError, '[2]', '[1]'],
    ['parameters of integers', () => magnitudePrune(labels, labels, 0.5), TypeError, 'float64', 'int32'],
    [
      'parameters of two dtypes',
      () => magnitudePrune([vector, tensor([1])], [vector, tensor([1])], 0.5),
      TypeError,
      'equal dtypes',
    ],
    ['parameters on two devices', () => magnitudePrune([vector, there], [vector, there], 0.5), TypeError, 'one device'],
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
tables.crossEntropy!.push(
  ['a share above 1', () => crossEntropy(logits, labels, { smoothing: 2 }), RangeError, 'smoothing', '2'],
  ['probabilities of another shape', () => crossEntropy(logits, wave([2, 2])), RangeError, '[n,k]', '[2,2]'],
  [
    'a label to ignore beside probabilities',
    () => crossEntropy(logits, logits, { ignore: 1 }),
    TypeError,
    'no label to ignore',
  ],
);
tables.negativeLogLikelihood = [
  ['labels of another count', () => negativeLogLikelihood(wave([3, 2]), labels), RangeError, '[n,k]', '[3,2]', '[2]'],
  ['labels that are no whole numbers', () => negativeLogLikelihood(logits, f64([0, 1])), TypeError, 'int32'],
  ['labels outside', () => negativeLogLikelihood(wave([2, 1]), labels), RangeError, '0 to 0', 'got 1'],
];
tables.klDivergence = [
  [
    'no rows to average',
    () => klDivergence(zeros([0, 2]), zeros([0, 2]), { reduction: 'batchMean' }),
    RangeError,
    'one row',
  ],
];
tables.cosineEmbedding = [
  ['signs of another count', () => cosineEmbedding(logits, logits, f64([1])), RangeError, 'signs [n]', '[1]', '[2,3]'],
];
tables.tripletMargin = [
  ['what are no vectors', () => tripletMargin(f64(1), f64(1), f64(1)), RangeError, 'vectors', '[]'],
  ['vectors of two shapes', () => tripletMargin(logits, logits, vector), RangeError, 'anchor and far', '[2]'],
];
tables.glu = [['an odd length', () => glu(logits), RangeError, 'even', '[2,3]']];
tables.hardTanh = [['limits that are the wrong way round', () => hardTanh(logits, 1, 0), RangeError, 'hi', '0']];
tables.prelu = [
  ['other channels', () => prelu(2).apply({ weight: f64([1, 1]) }, wave([2, 3])), RangeError, '[n,2,...]', '[2,3]'],
];
const two = { scale: f64([1, 1]), shift: f64([1, 1]) };
tables.layerNorm = [
  ['another width', () => layerNorm(2).apply(two, wave([2, 3])), RangeError, '[..., 2]', '[2,3]'],
  ['too few axes', () => layerNorm([1, 2]).apply({}, wave([2])), TypeError, 'scale [1,2]'],
  ['a width of 0', () => layerNorm([2, 0]), RangeError, 'a width', '0'],
];
tables.conv!.push(
  ['a kernel of four axes', () => conv(1, 1, [1, 1, 1, 1]), RangeError, 'a list of 1 to 3', '[1,1,1,1]'],
  [
    'images where rows are due',
    () => conv(2, 1, [1]).apply({ weight: wave([1, 2, 1]) }, images),
    RangeError,
    '[n,2,l]',
  ],
);
tables.rmsNorm = [
  ['another width', () => rmsNorm([3, 2]).apply({ weight: vector }, wave([2])), RangeError, '[..., 3, 2]', '[2]'],
];
tables.groupNorm = [
  ['groups that do not divide the channels', () => groupNorm(2, 3), RangeError, 'channels / groups', '1.5'],
  ['other channels', () => groupNorm(1, 2).apply(two, wave([2, 3])), RangeError, '[n,2,...]', '[2,3]'],
];
tables.instanceNorm = [
  ['other channels', () => instanceNorm(2).apply({}, wave([2, 3])), RangeError, '[n,2,...]', '[2,3]'],
];
tables.embedding = [
  [
    'indices outside',
    () => embedding(2, 1).apply({ weight: wave([2, 1]) }, tensor([2], { dtype: 'int32' })),
    RangeError,
    'to 1',
    '2',
  ],
  [
    'indices that are no whole numbers',
    () => embedding(2, 1).apply({ weight: wave([2, 1]) }, vector),
    TypeError,
    'int32',
  ],
];
tables.learnedPositions = [
  [
    'too many rows',
    () => learnedPositions(2, 1).apply({ weight: wave([2, 1]) }, wave([3, 1])),
    RangeError,
    'at most 2',
    '[3,1]',
  ],
  [
    'another width',
    () => learnedPositions(2, 1).apply({ weight: wave([2, 1]) }, wave([2, 2])),
    RangeError,
    'length, 1]',
    '[2,2]',
  ],
];
const attend = multiHeadAttention(2, 1);
const attending = attend.init(key, double);
tables.multiHeadAttention = [
  ['heads that do not divide the width', () => multiHeadAttention(4, 3), RangeError, 'width / heads'],
  ['an odd width of a head to turn', () => multiHeadAttention(3, 1, { rotary: 'halves' }), RangeError, 'even', '3'],
  ['another width', () => attend.apply(attending, logits), RangeError, '[..., length, 2]', '[2,3]'],
  ['a vector', () => attend.apply(attending, vector), RangeError, '[..., length, 2]', '[2]'],
  [
    'a context of another dtype',
    () => attend.apply(attending, wave([1, 2]), { context: zeros([1, 2]) }),
    TypeError,
    'float32',
  ],
  [
    'a mask that does not fit',
    () => attend.apply(attending, wave([1, 2]), { mask: logits }),
    RangeError,
    'a mask',
    '[2,3]',
  ],
];
const memory = { gru: gru(2, 1), lstm: lstm(2, 1) };
for (const [name, layer] of Object.entries(memory)) {
  const params = layer.init(key, double);
  tables[name] = [
    ['another width', () => layer.apply(params, logits), RangeError, '[..., length, 2]', '[2,3]'],
    ['no rows', () => layer.apply(params, zeros([0, 2], double)), RangeError, 'length above 0', '[0,2]'],
    ['a vector', () => layer.apply(params, f64([])), RangeError, '[..., length, 2]', '[0]'],
    ['a hidden of 0', () => (name === 'gru' ? gru : lstm)(1, 0), RangeError, 'hidden', '0'],
    ['a segment of 0', () => (name === 'gru' ? gru : lstm)(1, 1, { checkpoint: 0 }), RangeError, 'checkpoint', '0'],
  ];
}
tables.gru!.push([
  'a state of another shape',
  () => memory.gru.run(memory.gru.init(key, double), wave([3, 2]), vector),
  RangeError,
  'a state [1]',
  '[2]',
]);
tables.lstm!.push(
  [
    'a state that is none',
    () => memory.lstm.run(memory.lstm.init(key, double), wave([3, 2]), vector as never),
    TypeError,
    '{ hidden, cell }',
  ],
  [
    'a cell that is missing',
    () => memory.lstm.run(memory.lstm.init(key, double), wave([3, 2]), { hidden: f64([1]) } as never),
    TypeError,
    'tensor',
    'undefined',
  ],
);
tables.attentionWeights = [
  ['keys of another width', () => attentionWeights(wave([2, 2]), logits), RangeError, '[..., s, width]', '[2,3]'],
  ['a bias that does not fit', () => attentionWeights(logits, logits, { bias: vector3 }), RangeError, 'a bias', '[3]'],
];
tables.scaledDotProductAttention = [
  [
    'values of another length',
    () => scaledDotProductAttention(logits, logits, wave([3, 1])),
    RangeError,
    '2, d]',
    '[3,1]',
  ],
];
for (const [name, f] of Object.entries({ sinusoidalPositions, rotary }))
  tables[name] = [
    ['an odd width', () => f(logits), RangeError, 'even width', '[2,3]'],
    ['a vector', () => f(vector), RangeError, 'even width', '[2]'],
    ['a first position below 0', () => f(wave([2, 2]), { start: -1 }), RangeError, 'start', '-1'],
  ];
for (const [name, loss] of Object.entries({
  meanSquaredError,
  meanAbsoluteError,
  huber,
  smoothL1,
  binaryCrossEntropy,
  binaryCrossEntropyOfProbabilities,
  klDivergence,
  poissonNll,
  hinge,
  hingeEmbedding,
}))
  tables[name] = [
    ...(tables[name] ?? []),
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
        refuses(f, kind, name, ...words);
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
    normalize: () => normalize(logits, typo),
    gru: () => gru(1, 1, typo),
    lstm: () => lstm(1, 1, typo),
    attentionWeights: () => attentionWeights(logits, logits, typo),
    scaledDotProductAttention: () => scaledDotProductAttention(logits, logits, logits, typo),
    multiHeadAttention: () => multiHeadAttention(1, 1, typo),
    'multiHeadAttention.apply': () => attend.apply(attending, wave([1, 2]), typo),
    layerNorm: () => layerNorm(1, typo),
    rmsNorm: () => rmsNorm(1, typo),
    groupNorm: () => groupNorm(1, 1, typo),
    instanceNorm: () => instanceNorm(1, typo),
    embedding: () => embedding(1, 1, typo),
    learnedPositions: () => learnedPositions(1, 1, typo),
    rotary: () => rotary(logits, typo),
    sinusoidalPositions: () => sinusoidalPositions(logits, typo),
    cosineSimilarity: () => cosineSimilarity(logits, logits, typo),
    pairwiseDistance: () => pairwiseDistance(logits, logits, typo),
    'linear.init': () => dense.init(key, typo),
    'conv.init': () => filter.init(key, typo),
    'batchNorm2d.init': () => norm.init(key, typo),
    'batchNorm2d.apply': () => norm.apply(normed, images, state, typo),
    'dropout.init': () => {
      drop.init(key, typo);
    },
    'dropout.apply': () => drop.apply(undefined, vector, undefined, typo),
    'constantInit.made': () => constantInit(1)(key, [1], typo),
  };
  for (const [name, call] of Object.entries(calls))
    it(name, () => {
      refuses(call, TypeError, `${name.split('.')[0]}: expected no options but`, 'got');
    });
});
