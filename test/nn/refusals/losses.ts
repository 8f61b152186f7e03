import { tensor, zeros } from 'bigrad';
import {
  binaryCrossEntropy,
  binaryCrossEntropyOfProbabilities,
  cosineEmbedding,
  crossEntropy,
  glu,
  hardTanh,
  hinge,
  hingeEmbedding,
  huber,
  klDivergence,
  meanAbsoluteError,
  meanSquaredError,
  negativeLogLikelihood,
  poissonNll,
  prelu,
  smoothL1,
  tripletMargin,
} from 'bigrad/nn';
import { f64, wave } from '../../support/numbers.js';
import { type Row, labels, logits, vector } from './values.js';

/** Losses, similarities and activations. */
export const losses: Record<string, Row[]> = {};
losses.crossEntropy = [
  ['a share above 1', () => crossEntropy(logits, labels, { smoothing: 2 }), RangeError, 'smoothing', '2'],
  ['probabilities of another shape', () => crossEntropy(logits, wave([2, 2])), RangeError, '[n,k,...]', '[2,2]'],
  [
    'a label to ignore beside probabilities',
    () => crossEntropy(logits, logits, { ignore: 1 }),
    TypeError,
    'no label to ignore',
  ],
  [
    'weights of other classes',
    () => crossEntropy(logits, labels, { weights: wave([2, 1]) }),
    RangeError,
    'weights',
    '[2,1]',
  ],
  ['weights that are no tensor', () => crossEntropy(logits, labels, { weights: [1, 2] as never }), TypeError, 'tensor'],
  [
    'weights of another dtype',
    () => crossEntropy(logits, logits, { weights: tensor([1, 2, 3]) }),
    TypeError,
    'float64',
    'float32',
  ],
];
losses.negativeLogLikelihood = [
  [
    'weights of other classes',
    () => negativeLogLikelihood(logits, labels, { weights: wave([2]) }),
    RangeError,
    'weights',
    '[2]',
  ],
  [
    'labels of another count',
    () => negativeLogLikelihood(wave([3, 2]), labels),
    RangeError,
    '[n,k,...]',
    '[3,2]',
    '[2]',
  ],
  ['labels that are no whole numbers', () => negativeLogLikelihood(logits, f64([0, 1])), TypeError, 'int32'],
  ['labels outside', () => negativeLogLikelihood(wave([2, 1]), labels), RangeError, '0 to 0', 'got 1'],
];
losses.klDivergence = [
  [
    'no rows to average',
    () => klDivergence(zeros([0, 2]), zeros([0, 2]), { reduction: 'batchMean' }),
    RangeError,
    'one row',
  ],
];
losses.cosineEmbedding = [
  ['signs of another count', () => cosineEmbedding(logits, logits, f64([1])), RangeError, 'signs [n]', '[1]', '[2,3]'],
];
losses.tripletMargin = [
  ['what are no vectors', () => tripletMargin(f64(1), f64(1), f64(1)), RangeError, 'vectors', '[]'],
  ['vectors of two shapes', () => tripletMargin(logits, logits, vector), RangeError, 'anchor and far', '[2]'],
];
losses.glu = [['an odd length', () => glu(logits), RangeError, 'even', '[2,3]']];
losses.hardTanh = [['limits that are the wrong way round', () => hardTanh(logits, 1, 0), RangeError, 'hi', '0']];
losses.prelu = [
  ['other channels', () => prelu(2).apply({ weight: f64([1, 1]) }, wave([2, 3])), RangeError, '[n,2,...]', '[2,3]'],
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
  losses[name] = [
    ...(losses[name] ?? []),
    ['pairs of two shapes', () => loss(wave([3, 1]), wave([3])), RangeError, 'one shape', '[3,1]', '[3]'],
    ['pairs of two dtypes', () => loss(tensor(1), f64(1)), TypeError, 'float32', 'float64'],
    ['whole numbers', () => loss(labels, labels), TypeError, 'float64', 'int32'],
    ['numbers', () => loss(1 as never, f64(1)), TypeError, 'tensor', 'number 1'],
    ['an unknown reduction', () => loss(f64(1), f64(1), { reduction: 'max' as never }), RangeError, "'none'", '"max"'],
    ['nothing to average', () => loss(zeros([0]), zeros([0])), RangeError, 'at least one'],
  ];
losses.huber!.push(
  ...[0, -1, NaN, Infinity].map((delta): Row => [
    `delta ${delta}`,
    () => huber(f64(1), f64(1), { delta }),
    RangeError,
    'delta',
    String(delta),
  ]),
);
