import type { Expression } from './node.js';
import { elementwise } from './ops/elementwise.js';
import { fourier } from './ops/fourier.js';
import { indexing } from './ops/indexing.js';
import { losses } from './ops/losses.js';
import { norms } from './ops/norms.js';
import { quantized } from './ops/quantized.js';
import { recurrent } from './ops/recurrent.js';
import { reductions } from './ops/reduce.js';
import { resizing } from './ops/resizing.js';
import { sampling } from './ops/sampling.js';
import { shapes } from './ops/shapes.js';
import { training } from './ops/training.js';
import { windows } from './ops/windows.js';

/** The expression of each operator. */
export const expressions: Readonly<Record<string, Expression>> = {
  ...elementwise,
  ...fourier,
  ...indexing,
  ...losses,
  ...norms,
  ...quantized,
  ...recurrent,
  ...reductions,
  ...resizing,
  ...sampling,
  ...shapes,
  ...training,
  ...windows,
};

const SEQUENCES = 'no sequences and no optional values';
const STRINGS = 'no strings';
const CONTROL = 'control flow by graphs inside of a node';
const RANDOM = 'random numbers of another generator';

/** Why bigrad has no expression for an operator. */
export const reasons: Readonly<Record<string, string>> = {
  Bernoulli: RANDOM,
  RandomUniformLike: RANDOM,
  RoiAlign: 'no pools over regions',
  If: CONTROL,
  Loop: CONTROL,
  Scan: CONTROL,
  Gradient: 'derivatives are `grad`, not a node',
  MelWeightMatrix: 'no filters of sound',
  NonMaxSuppression: 'no selection of boxes',
  OptionalGetElement: SEQUENCES,
  OptionalHasElement: SEQUENCES,
  SequenceAt: SEQUENCES,
  SequenceConstruct: SEQUENCES,
  SequenceEmpty: SEQUENCES,
  SequenceErase: SEQUENCES,
  SequenceInsert: SEQUENCES,
  SequenceLength: SEQUENCES,
  SequenceMap: SEQUENCES,
  ConcatFromSequence: SEQUENCES,
  SplitToSequence: SEQUENCES,
  StringNormalizer: STRINGS,
  TfIdfVectorizer: 'no counts of words',
};
