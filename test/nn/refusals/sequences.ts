import { tensor, zeros } from 'bigrad';
import {
  attentionWeights,
  embedding,
  groupNorm,
  gru,
  instanceNorm,
  layerNorm,
  learnedPositions,
  lstm,
  multiHeadAttention,
  rmsNorm,
  rotary,
  scaledDotProductAttention,
  sinusoidalPositions,
} from 'bigrad/nn';
import { double, f64, wave } from '../../support/numbers.js';
import { key, type Row, logits, vector3, vector, attend, attending } from './values.js';

/** Norms, embeddings, positions, attention and recurrent layers. */
export const sequences: Record<string, Row[]> = {};
const two = { scale: f64([1, 1]), shift: f64([1, 1]) };
sequences.layerNorm = [
  ['another width', () => layerNorm(2).apply(two, wave([2, 3])), RangeError, '[..., 2]', '[2,3]'],
  ['too few axes', () => layerNorm([1, 2]).apply({}, wave([2])), TypeError, 'scale [1,2]'],
  ['a width of 0', () => layerNorm([2, 0]), RangeError, 'a width', '0'],
];
sequences.rmsNorm = [
  ['another width', () => rmsNorm([3, 2]).apply({ weight: vector }, wave([2])), RangeError, '[..., 3, 2]', '[2]'],
];
sequences.groupNorm = [
  ['groups that do not divide the channels', () => groupNorm(2, 3), RangeError, 'channels / groups', '1.5'],
  ['other channels', () => groupNorm(1, 2).apply(two, wave([2, 3])), RangeError, '[n,2,...]', '[2,3]'],
];
sequences.instanceNorm = [
  ['other channels', () => instanceNorm(2).apply({}, wave([2, 3])), RangeError, '[n,2,...]', '[2,3]'],
];
sequences.embedding = [
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
sequences.learnedPositions = [
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
sequences.multiHeadAttention = [
  ['heads that do not divide the width', () => multiHeadAttention(4, 3), RangeError, 'width / heads'],
  ['a rate of dropout that is none', () => multiHeadAttention(4, 2, { dropout: -0.1 }), RangeError, 'at least 0'],
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
  sequences[name] = [
    ['another width', () => layer.apply(params, logits), RangeError, '[..., length, 2]', '[2,3]'],
    ['no rows', () => layer.apply(params, zeros([0, 2], double)), RangeError, 'length above 0', '[0,2]'],
    ['a vector', () => layer.apply(params, f64([])), RangeError, '[..., length, 2]', '[0]'],
    ['a hidden of 0', () => (name === 'gru' ? gru : lstm)(1, 0), RangeError, 'hidden', '0'],
    ['a segment of 0', () => (name === 'gru' ? gru : lstm)(1, 1, { checkpoint: 0 }), RangeError, 'checkpoint', '0'],
  ];
}
sequences.gru!.push([
  'a state of another shape',
  () => memory.gru.run(memory.gru.init(key, double), wave([3, 2]), vector),
  RangeError,
  'a state [1]',
  '[2]',
]);
sequences.lstm!.push(
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
sequences.attentionWeights = [
  ['keys of another width', () => attentionWeights(wave([2, 2]), logits), RangeError, '[..., s, width]', '[2,3]'],
  ['a bias that does not fit', () => attentionWeights(logits, logits, { bias: vector3 }), RangeError, 'a bias', '[3]'],
];
sequences.scaledDotProductAttention = [
  [
    'values of another length',
    () => scaledDotProductAttention(logits, logits, wave([3, 1])),
    RangeError,
    '2, d]',
    '[3,1]',
  ],
  ['dropout without a key', () => scaledDotProductAttention(logits, logits, logits, { dropout: 0.5 }), TypeError, 'key'], // prettier-ignore
  ['a rate that is none', () => scaledDotProductAttention(logits, logits, logits, { dropout: 1 }), RangeError, 'below 1'], // prettier-ignore
];
for (const [name, f] of Object.entries({ sinusoidalPositions, rotary }))
  sequences[name] = [
    ['an odd width', () => f(logits), RangeError, 'even width', '[2,3]'],
    ['a vector', () => f(vector), RangeError, 'even width', '[2]'],
    ['a first position below 0', () => f(wave([2, 2]), { start: -1 }), RangeError, 'start', '-1'],
  ];
