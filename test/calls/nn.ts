import * as nn from 'bigrad/nn';
import { tanh, type Tensor } from 'bigrad';
import { call, like, type Any, type Call } from './call.js';
import { ints, key, x } from './values.js';

const initializers = {
  kaimingNormal: { fan: 'out', gain: 2 },
  kaimingUniform: { fan: 'out', gain: 2 },
  xavierNormal: { gain: 2 },
  xavierUniform: { gain: 2 },
} as const;
const gates = {
  smoothL0: [0.1],
  sigmoidGate: [2],
  hardConcrete: [{ temperature: 0.5, low: -0.2, high: 1.2 }],
  straightThrough: [0.5],
} as const;

const started = (layer: Any) => layer.init(key());
const dense = nn.linear(3, 2);
const filter = nn.conv(2, 4, 3);
const norm = nn.batchNorm2d(2);
const drop = nn.dropout(0.5);
const slope = nn.prelu(3);
const norms = {
  layerNorm: nn.layerNorm(3),
  groupNorm: nn.groupNorm(1, 3),
  instanceNorm: nn.instanceNorm(3, { affine: true }),
};
const rms = nn.rmsNorm(3);
const attend = nn.multiHeadAttention(4, 2, { dropout: 0.5 });
const attendParams = () => ({ inWeight: x([12, 4]), inBias: x([12]), outWeight: x([4, 4]), outBias: x([4]) });
const looks = () => ({ context: x([2, 4]), mask: x([3, 2]), bias: x([3, 2]), training: true, key: key() });
const memories = { gru: nn.gru(2, 3), lstm: nn.lstm(2, 3) };
const memoryParams = (rows: number) => ({ inputWeight: x([rows, 2]), hiddenWeight: x([rows, 3]), inputBias: x([rows]), hiddenBias: x([rows]) }); // prettier-ignore
const scores = () => ({ causal: true, mask: x([2, 3]), bias: x([2, 3]), scale: 0.5 });
const tables = { embedding: nn.embedding(4, 3), learnedPositions: nn.learnedPositions(4, 3) };
const gated = nn.masked(dense, nn.smoothL0(0.1));
const plain = nn.sequential([dense, tanh]);
const stateful = nn.sequential([nn.conv(1, 2, 2), norm, nn.flatten, drop]);
const around = nn.residual(nn.linear(3, 3), { shortcut: nn.linear(3, 3), activation: tanh });
const inside = { also: ['conv', 'batchNorm2d', 'flatten', 'dropout', 'linear', 'tanh'] };

/** A layer may have any name. */
const named = (place: string, value: unknown): boolean => place.endsWith('.name') && typeof value === 'string';
const dtype = () => ({ dtype: 'float64' });
const training = () => ({ training: true, key: key() });
const small = () => x([2, 1, 3, 3]);
const weights = () => ({ weight: x([2, 3]), bias: x([2]) });
const masks = () => ({ weight: x([2, 3]) });

/** Calls of layers, gates, initializers, losses and pruning. */
export const layers: readonly Call[] = [
  call('linear', () => [3, 2, { bias: true, weight: nn.constantInit(0.5) }], nn.linear, { options: 2, use: started }),
  call('linear().init', () => [key(), dtype()], dense.init, { options: 1 }),
  call('linear().apply', () => [weights(), x([4, 3])], dense.apply),
  call('conv', () => [2, 4, [3, 2], { stride: [1, 2], padding: [[1, 0], [0, 1]], dilation: [2, 1], groups: 2, bias: true, weight: nn.constantInit(0.5) }], nn.conv, {
    options: 3,
    use: (layer: Any) => [started(layer), layer.apply({ weight: x([4, 1, 3, 2]) }, x([1, 2, 5, 5]))],
  }), // prettier-ignore
  call('conv', () => [2, 4, 3, { stride: 2, padding: 1, dilation: 1, bias: false }], nn.conv, { options: 3, use: started }), // prettier-ignore
  call('conv().init', () => [key(), dtype()], filter.init, { options: 1 }),
  call('conv().apply', () => [{ weight: x([4, 2, 3, 3]), bias: x([4]) }, x([1, 2, 4, 4])], filter.apply), // prettier-ignore
  call('conv', () => [2, 4, [3], { padding: [[2, 0]] }], nn.conv, { options: 3, use: (layer: Any) => [started(layer), layer.apply({ weight: x([4, 2, 3]) }, x([1, 2, 5]))] }), // prettier-ignore
  call('batchNorm2d', () => [2, { momentum: 0.2, eps: 1e-3 }], nn.batchNorm2d, { options: 1, use: started }),
  call('batchNorm2d().init', () => [key(), dtype()], norm.init, { options: 1 }),
  call('batchNorm2d().initState', () => [{ scale: x([2]), shift: x([2]) }], norm.initState),
  ...[true, false].map(
    (on) =>
    call('batchNorm2d().apply', () => [{ scale: x([2]), shift: x([2]) }, x([2, 2, 3, 3]), { mean: x([2]), variance: x([2]) }, { training: on, key: key() }], norm.apply, { options: 3 }), // prettier-ignore
  ),
  call('dropout', () => [0.5], nn.dropout, { use: (layer: Any) => layer.apply(undefined, x(), undefined, training()) }),
  call('dropout().init', () => [key(), dtype()], drop.init, { options: 1 }),
  call('dropout().initState', () => [undefined], drop.initState),
  call('dropout().apply', () => [undefined, x(), undefined, training()], drop.apply, { options: 3 }),
  call('sequential', () => [[nn.linear(3, 2), tanh]], nn.sequential as Call['call'], {
    allow: named,
    use: (net: Any) => net.apply(net.init(key()), x([4, 3])),
  }),
  call('sequential', () => [[nn.batchNorm2d(2), nn.flatten]], nn.sequential as Call['call'], {
    allow: named,
    use: (net: Any) => {
      const params = net.init(key());
      return net.apply(params, x([2, 2, 3, 3]), net.initState(params));
    },
  }),
  call('sequential().init', () => [key(), dtype()], plain.init, { options: 1, ...inside }),
  call('sequential().init', () => [key(), dtype()], stateful.init, { options: 1, ...inside }),
  call('sequential().initState', () => [stateful.init(key())], stateful.initState, { ...inside }),
  call('sequential().apply', () => [[weights(), undefined], x([4, 3])], plain.apply, { ...inside }),
  call('sequential().apply', () => [stateful.init(key()), small(), stateful.initState(stateful.init(key())), training()], stateful.apply, { options: 3, ...inside }), // prettier-ignore
  call('fromStateDict', () => [nn.linear(3, 2), { 'fc.weight': x([2, 3]), 'fc.bias': x([2]) }, { names: { '': 'fc' } }], nn.fromStateDict as Call['call'], { options: 2, allow: named, also: ['linear', 'init'] }), // prettier-ignore
  call('toStateDict', () => [{ params: weights(), state: undefined }, { names: { '': 'fc' } }], nn.toStateDict as Call['call'], { options: 1, allow: (place, v) => place.startsWith('1.names') && typeof v === 'string' }), // prettier-ignore
  call('flatten', () => [small()], nn.flatten),
  call('residual', () => [nn.linear(3, 3), { shortcut: nn.linear(3, 3), activation: tanh }], nn.residual as Call['call'], { options: 1, allow: named, use: (block: Any) => started(block) }), // prettier-ignore
  call('residual().init', () => [key(), dtype()], around.init, { options: 1, also: ['linear'] }),
  call('residual().initState', () => [around.init(key())], around.initState, { also: ['linear'] }),
  call('residual().apply', () => [around.init(key()), x([2, 3]), around.initState(around.init(key())), training()], around.apply, { options: 3, also: ['linear', 'tanh'] }), // prettier-ignore
  call('compact', () => [nn.linear(3, 2), weights(), masks(), { gate: nn.smoothL0(0.1), state: undefined }], nn.compact as Call['call'], { options: 3, trees: [1, 2], allow: named, also: ['linear', 'layer', 'smoothL0', 'tanh'] }), // prettier-ignore
  call(
    'summary',
    () => [nn.sequential([dense, tanh]), [4, 3], { ...dtype(), input: 'float64' }],
    nn.summary as Call['call'],
    {
      options: 2,
      allow: named,
      ...inside,
    },
  ),
  call(
    'summary',
    () => [nn.sequential([nn.conv(1, 2, 2), norm, nn.flatten, drop]), [2, 1, 3, 3]],
    nn.summary as Call['call'],
    { allow: named, ...inside },
  ),

  ...Object.entries(initializers).flatMap(([name, options]) => {
    const make: Any = nn[name as keyof typeof initializers];
    return [
      call(name, () => [{ ...options }], make, { options: 0, use: (f: Any) => f(key(), [2, 3]) }),
      call(`${name}()`, () => [key(), [2, 3], dtype()], make(), { options: 2 }),
    ];
  }),
  call('constantInit', () => [0.5], nn.constantInit, { use: (f: Any) => f(key(), [2, 3]) }),
  call('constantInit()', () => [key(), [2, 3], dtype()], nn.constantInit(0.5), { options: 2 }),

  ...Object.entries(gates).flatMap(([name, given]) => {
    const make: Any = nn[name as keyof typeof gates];
    const options = name === 'hardConcrete' ? { options: 0 } : {};
    return [
      call(name, () => structuredClone(given) as unknown as unknown[], make, { ...options, use: (g: Any) => g(x()) }),
      call(`${name}()`, () => [x(), key()], make(name === 'hardConcrete' ? {} : 0.1), { keeps: like(0) }),
    ];
  }),
  call('smoothL0', () => [x([])], nn.smoothL0, { use: (g: Any) => g(x()) }),
  call('smoothL0()', () => [x(), key()], nn.smoothL0(x([])), { keeps: like(0) }),

  ...(['silu', 'geluTanh', 'selu', 'relu6', 'hardSigmoid', 'hardSwish', 'mish', 'softsign', 'logSigmoid', 'tanhShrink'] as const).map((name) =>
    call(name, () => [x()], nn[name])), // prettier-ignore
  call('celu', () => [x(), 0.5], nn.celu),
  call('hardTanh', () => [x(), 0.4, 0.8], nn.hardTanh),
  call('softShrink', () => [x(), 0.4], nn.softShrink),
  call('hardShrink', () => [x(), 0.4], nn.hardShrink),
  call('threshold', () => [x(), 0.4, 2], nn.threshold),
  call('softmin', () => [x(), 0], nn.softmin),
  call('glu', () => [x([2, 4]), 0], nn.glu),
  call('prelu', () => [3, 0.1], nn.prelu, { use: (layer: Any) => [started(layer), layer.apply({ weight: x([3]) }, x())] }), // prettier-ignore
  call('prelu().init', () => [key(), dtype()], slope.init, { options: 1 }),
  call('prelu().apply', () => [{ weight: x([3]) }, x()], slope.apply),

  call('layerNorm', () => [[2, 3], { eps: 0.1, affine: true }], nn.layerNorm, { options: 1, use: started }),
  call('layerNorm', () => [3, { eps: 0.1, affine: false }], nn.layerNorm, { options: 1, use: started }),
  call('groupNorm', () => [2, 4, { eps: 0.1, affine: true }], nn.groupNorm, { options: 2, use: started }),
  call('instanceNorm', () => [4, { eps: 0.1, affine: true }], nn.instanceNorm, { options: 1, use: started }),
  ...Object.entries(norms).flatMap(([name, layer]) => [
    call(`${name}().init`, () => [key(), dtype()], layer.init, { options: 1 }),
    call(`${name}().apply`, () => [{ scale: x([3]), shift: x([3]) }, x([2, 3])], layer.apply),
  ]),
  call('rmsNorm', () => [[2, 3], { eps: 0.1 }], nn.rmsNorm, { options: 1, use: started }),
  call('rmsNorm().init', () => [key(), dtype()], rms.init, { options: 1 }),
  call('rmsNorm().apply', () => [{ weight: x([3]) }, x()], rms.apply),
  ...Object.entries(tables).flatMap(([name, layer]) => [
    call(name, () => [4, 3, { weight: nn.constantInit(0.5) }], nn[name as keyof typeof tables], { options: 2, use: started }), // prettier-ignore
    call(`${name}().init`, () => [key(), dtype()], layer.init, { options: 1 }),
    call(`${name}().apply`, () => [{ weight: x([4, 3]) }, name === 'embedding' ? ints() : x()], layer.apply),
  ]),
  call('attentionWeights', () => [x([2, 4]), x([3, 4]), scores()], nn.attentionWeights, { options: 2 }),
  call('scaledDotProductAttention', () => [x([2, 4]), x([3, 4]), x([3, 2]), { ...scores(), dropout: 0.5, training: true, key: key() }], nn.scaledDotProductAttention, { options: 3 }), // prettier-ignore
  call('multiHeadAttention', () => [4, 2, { causal: true, rotary: 'halves', dropout: 0.5, bias: true, weight: nn.constantInit(0.5) }], nn.multiHeadAttention, { options: 2, use: started }), // prettier-ignore
  call('multiHeadAttention().init', () => [key(), dtype()], attend.init, { options: 1 }),
  call('multiHeadAttention().apply', () => [attendParams(), x([3, 4]), looks()], attend.apply, { options: 2 }),
  call('multiHeadAttention().weights', () => [attendParams(), x([3, 4]), looks()], attend.weights, { options: 2 }),
  ...Object.entries(memories).flatMap(([name, layer]) => {
    const params = () => memoryParams(name === 'gru' ? 9 : 12);
    const state = () => (name === 'gru' ? x([3]) : { hidden: x([3]), cell: x([3]) });
    return [
      call(name, () => [2, 3, { bias: true, reverse: true, checkpoint: 2 }], nn[name as keyof typeof memories], { options: 2, allow: (place, v) => place === '2.checkpoint' && typeof v === 'boolean', use: (l: Any) => [started(l), l.apply(params(), x([3, 2]))] }), // prettier-ignore
      call(`${name}().init`, () => [key(), dtype()], layer.init, { options: 1 }),
      call(`${name}().apply`, () => [params(), x([3, 2])], layer.apply),
      call(`${name}().run`, () => [params(), x([3, 2]), state()], layer.run as Call['call']),
    ];
  }),
  call('sinusoidalPositions', () => [x([3, 4]), { base: 100, start: 2 }], nn.sinusoidalPositions, { options: 1 }),
  call('rotary', () => [x([3, 4]), { base: 100, start: 2, pairs: 'halves' }], nn.rotary, { options: 1 }),

  call('meanSquaredError', () => [x(), x(), { reduction: 'none' }], nn.meanSquaredError, { options: 2 }),
  call('binaryCrossEntropy', () => [x(), x(), { reduction: 'sum' }], nn.binaryCrossEntropy, { options: 2 }),
  call('crossEntropy', () => [x(), ints([2]), { reduction: 'mean', smoothing: 0.1, ignore: 1, weights: x([3]) }], nn.crossEntropy, { options: 2 }), // prettier-ignore
  call('crossEntropy', () => [x(), x(), { reduction: 'mean', smoothing: 0.1, weights: x([3]) }], nn.crossEntropy, {
    options: 2,
  }),
  call('meanAbsoluteError', () => [x(), x(), { reduction: 'none' }], nn.meanAbsoluteError, { options: 2 }),
  call('smoothL1', () => [x(), x(), { beta: 0.5, reduction: 'none' }], nn.smoothL1, { options: 2 }),
  call(
    'negativeLogLikelihood',
    () => [x(), ints([2]), { reduction: 'sum', ignore: 1, weights: x([3]) }],
    nn.negativeLogLikelihood,
    { options: 2 },
  ),
  call('binaryCrossEntropyOfProbabilities', () => [x(), x(), { reduction: 'sum' }], nn.binaryCrossEntropyOfProbabilities, { options: 2 }), // prettier-ignore
  call('klDivergence', () => [x(), x(), { reduction: 'batchMean', logTarget: true }], nn.klDivergence, { options: 2 }),
  call('gaussianNll', () => [x(), x(), x(), { full: true, eps: 0.1, reduction: 'none' }], nn.gaussianNll, { options: 3 }), // prettier-ignore
  call('poissonNll', () => [x(), x(), { full: true, eps: 0.1, logRate: false, reduction: 'none' }], nn.poissonNll, { options: 2 }), // prettier-ignore
  call('hinge', () => [x(), x(), { margin: 0.5, reduction: 'none' }], nn.hinge, { options: 2 }),
  call('hingeEmbedding', () => [x(), x(), { margin: 0.5, reduction: 'none' }], nn.hingeEmbedding, { options: 2 }),
  call('marginRanking', () => [x(), x(), x(), { margin: 0.5, reduction: 'none' }], nn.marginRanking, { options: 3 }),
  call('tripletMargin', () => [x(), x(), x(), { margin: 2, order: 3, eps: 0.1, swap: true, reduction: 'none' }], nn.tripletMargin, { options: 3 }), // prettier-ignore
  call('cosineEmbedding', () => [x(), x(), x([2]), { margin: 0.5, reduction: 'none' }], nn.cosineEmbedding, { options: 3 }), // prettier-ignore
  call('cosineSimilarity', () => [x(), x(), { axis: 0, eps: 0.1 }], nn.cosineSimilarity, { options: 2 }),
  call('pairwiseDistance', () => [x(), x(), { order: 3, eps: 0.1, keepDims: true }], nn.pairwiseDistance, { options: 2 }), // prettier-ignore
  call('normalize', () => [x(), { order: 3, axis: 0, eps: 0.1 }], nn.normalize, { options: 1 }),
  call('huber', () => [x(), x(), { delta: 0.5, reduction: 'none' }], nn.huber, { options: 2 }),

  call('masked', () => [nn.linear(3, 2), nn.smoothL0(0.1)], nn.masked as Call['call'], {
    allow: named,
    use: (layer: Any) => layer.apply(weights(), masks(), x([4, 3])),
  }),
  call('masked().init', () => [key(), dtype()], gated.init, { options: 1, also: ['linear'] }),
  call('masked().apply', () => [weights(), masks(), x([4, 3])], gated.apply as Call['call'], {
    trees: [0, 1],
    also: ['linear', 'smoothL0'],
  }),
  call('masked().apply', () => [weights(), [masks(), { bias: x([2]) }], x([4, 3])], gated.apply as Call['call'], {
    trees: [0, 1],
    also: ['linear', 'smoothL0'],
  }),
  call('applyMasks', () => [weights(), masks(), nn.hardConcrete(), key()], nn.applyMasks as Call['call'], {
    trees: [0, 1],
    also: ['hardConcrete'],
    keeps: like(0),
  }),
  call('initMasks', () => [weights(), (w: Tensor) => w.size > 2], nn.initMasks, { trees: [0] }),
  call('density', () => [masks()], nn.density, { trees: [0] }),
  call('layerDensity', () => [masks()], nn.layerDensity, { trees: [0] }),
  call('topKMasks', () => [weights(), masks(), 2], nn.topKMasks as Call['call'], { trees: [1, 0], keeps: like(1) }),
  call('nOfMMasks', () => [{ w: x([2, 4]) }, { w: x([2, 4]) }, 1, 2, -1], nn.nOfMMasks as Call['call'], { trees: [1, 0], keeps: like(1) }), // prettier-ignore
  call('magnitudePrune', () => [weights(), masks(), 0.5], nn.magnitudePrune as Call['call'], {
    trees: [1, 0],
    keeps: like(1),
  }),
  call('rewind', () => [weights(), weights(), masks()], nn.rewind, { trees: [0, 1, 2], keeps: like(0) }),
];
