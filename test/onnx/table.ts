import { RANDOM, type Expression, type Structure } from './node.js';
import { boxes } from './ops/boxes.js';
import { control } from './ops/control.js';
import { elementwise } from './ops/elementwise.js';
import { fourier } from './ops/fourier.js';
import { derivatives } from './ops/gradient.js';
import { indexing } from './ops/indexing.js';
import { losses } from './ops/losses.js';
import { norms } from './ops/norms.js';
import { quantized } from './ops/quantized.js';
import { recurrent } from './ops/recurrent.js';
import { reductions } from './ops/reduce.js';
import { regions } from './ops/regions.js';
import { resizing } from './ops/resizing.js';
import { sampling } from './ops/sampling.js';
import { sequences } from './ops/sequences.js';
import { shapes } from './ops/shapes.js';
import { training } from './ops/training.js';
import { distinct } from './ops/unique.js';
import { windows } from './ops/windows.js';
import { words } from './ops/words.js';

/** The expression of each operator. */
export const expressions: Readonly<Record<string, Expression>> = {
  ...boxes,
  ...distinct,
  ...elementwise,
  ...fourier,
  ...indexing,
  ...losses,
  ...norms,
  ...quantized,
  ...recurrent,
  ...reductions,
  ...regions,
  ...resizing,
  ...sampling,
  ...shapes,
  ...training,
  ...windows,
  ...words,
};

/** The operators that run graphs, derivatives, and those on sequences and optional values. */
export const structures: Readonly<Record<string, Structure>> = { ...control, ...derivatives, ...sequences };

/** Why bigrad has no expression for an operator. */
export const reasons: Readonly<Record<string, string>> = {
  Bernoulli: RANDOM,
  RandomUniformLike: RANDOM,
  StringNormalizer: 'no dtype string',
};
