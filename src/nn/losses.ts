import { oneOf, positive } from '../core/check.js';
import { checkAlike, checkFloat, checkTensor } from '../core/op.js';
import { checkOptions } from '../core/options.js';
import { sameShape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { show } from '../core/words.js';
import { abs, less, mean, mul, crossEntropyOf, softplus, square, sub, sum, where } from '../ops/index.js';

/** How a loss is reduced. */
export interface LossOptions {
  /** The mean over all elements (default), their sum, or one loss per element. */
  readonly reduction?: 'mean' | 'sum' | 'none';
}

const aReduction = oneOf('mean', 'sum', 'none');

function reduce(who: string, losses: Tensor, options: LossOptions): Tensor {
  const { reduction = 'mean' } = checkOptions(who, options, { reduction: aReduction });
  if (reduction === 'mean') {
    if (losses.size === 0) throw new RangeError(`${who}: expected at least one element to average, got none`);
    return mean(losses);
  }
  return reduction === 'sum' ? sum(losses) : losses;
}

/**
 * Checks float tensors of one shape. Broadcasting a prediction against its target is nearly always
 * a mistake, so shapes must agree.
 */
function samePair(who: string, prediction: Tensor, target: Tensor): void {
  checkAlike(who, [checkFloat(who, prediction), checkTensor(who, target)]);
  if (!sameShape(prediction.shape, target.shape))
    throw new RangeError(
      `${who}: expected prediction and target of one shape, got ${show(prediction.shape)} and ${show(target.shape)}`,
    );
}

/**
 * (prediction - target)^2
 * @example
 * meanSquaredError(tensor([1, 2]), tensor([1, 4])); // float32[] on cpu 2
 */
export function meanSquaredError(prediction: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  samePair('meanSquaredError', prediction, target);
  return reduce('meanSquaredError', square(sub(prediction, target)), options);
}

/**
 * -log softmax(logits)[label]: logits [n,k], labels [n] int32.
 * @example
 * const labels = tensor([0, 1], { dtype: 'int32' });
 * crossEntropy(tensor([[9, 0], [9, 0]]), labels); // float32[] on cpu 4.50012
 */
export function crossEntropy(logits: Tensor, labels: Tensor, options: LossOptions = {}): Tensor {
  return reduce('crossEntropy', crossEntropyOf('crossEntropy', logits, labels), options);
}

/**
 * d^2/2 for |d| < delta, else delta (|d| - delta/2), with d = prediction - target.
 * @example
 * huber(tensor([0.5, 3]), tensor([0, 0]), { reduction: 'none' }); // float32[2] on cpu [0.125, 2.5]
 */
export function huber(
  prediction: Tensor,
  target: Tensor,
  options: LossOptions & { readonly delta?: number } = {},
): Tensor {
  const { delta = 1, ...others } = checkOptions('huber', options, { delta: positive, reduction: aReduction });
  samePair('huber', prediction, target);
  const d = sub(prediction, target);
  const size = abs(d);
  return reduce('huber', where(less(size, delta), mul(square(d), 0.5), mul(sub(size, delta / 2), delta)), others);
}

/**
 * -t log p - (1 - t) log(1 - p) with p = sigmoid(logits), computed as softplus(z) - t z.
 * @param logits log-odds, of any shape
 * @param targets probabilities from 0 to 1, in the shape of the logits
 * @example
 * binaryCrossEntropy(tensor([0, 5]), tensor([1, 1])); // float32[] on cpu 0.349931
 */
export function binaryCrossEntropy(logits: Tensor, targets: Tensor, options: LossOptions = {}): Tensor {
  samePair('binaryCrossEntropy', logits, targets);
  return reduce('binaryCrossEntropy', sub(softplus(logits), mul(targets, logits)), options);
}
