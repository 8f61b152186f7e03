import type { Expression } from './node.js';
import { elementwise } from './ops/elementwise.js';
import { indexing } from './ops/indexing.js';
import { losses } from './ops/losses.js';
import { norms } from './ops/norms.js';
import { recurrent } from './ops/recurrent.js';
import { reductions } from './ops/reduce.js';
import { resizing } from './ops/resizing.js';
import { shapes } from './ops/shapes.js';
import { windows } from './ops/windows.js';

/** The expression of each operator. */
export const expressions: Readonly<Record<string, Expression>> = {
  ...elementwise,
  ...indexing,
  ...losses,
  ...norms,
  ...recurrent,
  ...reductions,
  ...resizing,
  ...shapes,
  ...windows,
};

const QUANTIZED = 'no quantized integers';
const SEQUENCES = 'no sequences and no optional values';
const STRINGS = 'no strings';
const CONTROL = 'control flow by graphs inside of a node';
const RANDOM = 'random numbers of another generator';
const FOURIER = 'no complex numbers, and no Fourier transform';
const STEPS = 'a step of training: `bigrad/optim` has other formulas';

/** Why bigrad has no expression for an operator. */
export const reasons: Readonly<Record<string, string>> = {
  Adagrad: STEPS,
  Adam: STEPS,
  Momentum: STEPS,
  Bernoulli: RANDOM,
  RandomUniformLike: RANDOM,
  BitShift: 'no operations on bits',
  ConvInteger: QUANTIZED,
  DequantizeLinear: QUANTIZED,
  DynamicQuantizeLinear: QUANTIZED,
  MatMulInteger: QUANTIZED,
  QLinearConv: QUANTIZED,
  QLinearMatMul: QUANTIZED,
  QuantizeLinear: QUANTIZED,
  DFT: FOURIER,
  STFT: FOURIER,
  GridSample: 'no samples between pixels',
  RoiAlign: 'no samples between pixels',
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
