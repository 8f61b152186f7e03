import { atLeast } from '../core/check.js';
import { checkFloat } from '../core/op.js';
import { checkOptions } from '../core/options.js';
import type { Tensor } from '../core/tensor.js';
import { show } from '../core/words.js';
import { div, sqrt, square, sub } from './elementwise.js';
import { matmul } from './matmul.js';
import { reshape, transpose } from './movement.js';
import { mean, sum } from './reduce.js';

/** Rows of observations, one for each variable, less their means; a vector is one row. */
function centred(who: string, x: Tensor): Tensor {
  const { shape } = checkFloat(who, x);
  if (shape.length !== 1 && shape.length !== 2)
    throw new RangeError(`${who}: expected x [variables,observations] or [observations], got ${show(shape)}`);
  const rows = shape.length === 1 ? reshape(x, [1, -1]) : x;
  return sub(rows, mean(rows, 1, { keepDims: true }));
}

/** A matrix of the variables; of a vector, a scalar. */
const shaped = (x: Tensor, product: Tensor): Tensor => (x.shape.length === 1 ? reshape(product, []) : product);

/**
 * Covariances of variables, the rows of x [variables, observations]: sums of products of what they
 * are beyond their means, over the number of observations less `correction`, 1 by default as in
 * NumPy. Of a vector, its variance. Throws a RangeError where no observation is left.
 * @example
 * cov(tensor([[1, 2, 3], [3, 2, 1]])); // float32[2,2] on cpu [[1, -1], [-1, 1]]
 */
export function cov(x: Tensor, options: { readonly correction?: number } = {}): Tensor {
  const { correction = 1 } = checkOptions('cov', options, { correction: atLeast(0) });
  const d = centred('cov', x);
  const n = d.shape[1]! - correction;
  if (!(n > 0)) throw new RangeError(`cov: expected more than ${correction} observations, got ${show(x.shape)}`);
  return shaped(x, div(matmul(d, transpose(d)), n));
}

/**
 * Correlations of variables, the rows of x [variables, observations]: covariances of rows of length
 * 1.
 * @example
 * corrcoef(tensor([[1, 2, 3], [3, 2, 1]])); // float32[2,2] on cpu [[1, -1], [-1, 1]]
 */
export function corrcoef(x: Tensor): Tensor {
  const d = centred('corrcoef', x);
  const unit = div(d, sqrt(sum(square(d), 1, { keepDims: true })));
  return shaped(x, matmul(unit, transpose(unit)));
}
