import { aFunction, count } from '../core/check.js';
import { checkOptions } from '../core/options.js';
import type { Tensor } from '../core/tensor.js';
import { checkAlike, checkFloat } from '../core/op.js';
import { show } from '../core/words.js';
import { add, checkKey, mul, randomNormal, slice, taken } from '../ops/index.js';
import { checkTensors } from './check.js';
import type { Initializer } from './initializers.js';
import { initChecks, type Layer } from './layer.js';

/** Parameters of `embedding` and `learnedPositions`. */
export interface EmbeddingParams {
  /** One vector for each index, [count, width]. */
  readonly weight: Tensor;
}
/** How the vectors start. */
export interface EmbeddingOptions {
  readonly weight?: Initializer;
}

/** A layer whose only parameter is a table of vectors. */
function table(
  name: string,
  shape: [number, number],
  options: EmbeddingOptions,
  deviation: number,
  apply: (weight: Tensor, x: Tensor) => Tensor,
): Layer<EmbeddingParams> {
  const normal: Initializer = (key, own, init) => mul(randomNormal(key, own, init), deviation);
  const { weight = normal } = checkOptions(name, options, { weight: aFunction });
  count(name, 'the number of vectors', shape[0]);
  count(name, 'width', shape[1]);
  return {
    name,
    init: (key, init = {}) => ({ weight: weight(checkKey(name, key), shape, checkOptions(name, init, initChecks)) }),
    apply: (params, x) => {
      checkTensors(name, params, { weight: shape });
      return apply(params.weight, x);
    },
  };
}

/**
 * A vector for each index: int32 indices of any shape into [..., width]. Vectors start as normal
 * numbers with standard deviation 1, as in PyTorch. Throws a RangeError for indices outside.
 * @param number how many indices there are
 * @param width length of a vector
 * @example
 * const layer = embedding(10, 4);
 * const words = tensor([[1, 2, 1]], { dtype: 'int32' });
 * layer.apply(layer.init(randomKey(0)), words).shape; // [ 1, 3, 4 ]
 */
export const embedding = (number: number, width: number, options: EmbeddingOptions = {}): Layer<EmbeddingParams> =>
  table('embedding', [number, width], options, 1, (weight, x) => taken('embedding', weight, x, 0));

/**
 * x [..., length, width] plus a learned vector for each of at most `longest` positions. Vectors
 * start as normal numbers with standard deviation 0.02 (Radford et al. 2019).
 * @param longest how many positions there are
 * @param width length of the last axis of x
 * @example
 * const layer = learnedPositions(16, 4);
 * layer.apply(layer.init(randomKey(0)), ones([2, 10, 4])).shape; // [ 2, 10, 4 ]
 */
export const learnedPositions = (
  longest: number,
  width: number,
  options: EmbeddingOptions = {},
): Layer<EmbeddingParams> =>
  table('learnedPositions', [longest, width], options, 0.02, (weight, x) => {
    const [length, own] = checkFloat('learnedPositions', x).shape.slice(-2);
    if (own !== width || length! > longest)
      throw new RangeError(
        `learnedPositions: expected x [..., length, ${width}] with a length of at most ${longest}, got ${show(x.shape)}`,
      );
    checkAlike('learnedPositions', [x, weight]);
    return add(x, slice(weight, [0, 0], [length!, width]));
  });
