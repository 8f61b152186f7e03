import {
  attentionWeights,
  batchNorm2d,
  binaryCrossEntropy,
  constantInit,
  conv,
  cosineSimilarity,
  crossEntropy,
  embedding,
  groupNorm,
  gru,
  hardConcrete,
  huber,
  instanceNorm,
  kaimingNormal,
  kaimingUniform,
  layerNorm,
  learnedPositions,
  linear,
  lstm,
  meanSquaredError,
  multiHeadAttention,
  normalize,
  pairwiseDistance,
  rmsNorm,
  rotary,
  scaledDotProductAttention,
  sinusoidalPositions,
  xavierNormal,
  xavierUniform,
} from 'bigrad/nn';
import { wave } from '../support/numbers.js';
import { refuses } from '../support/refuses.js';
import { layers } from './refusals/layers.js';
import { losses } from './refusals/losses.js';
import { sequences } from './refusals/sequences.js';
import {
  key,
  dense,
  filter,
  norm,
  normed,
  state,
  images,
  labels,
  logits,
  typo,
  drop,
  vector,
  attend,
  attending,
} from './refusals/values.js';

for (const [name, rows] of [layers, losses, sequences].flatMap((table) => Object.entries(table)))
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
