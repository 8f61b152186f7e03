import { checkTensor, sameFloat } from '../core/op.js';
import { checkOptions } from '../core/options.js';
import { sameShape, show } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { kindOf } from '../core/dtype.js';
import { abs, less, mean, mul, softmaxCrossEntropy, softplus, square, sub, sum, where } from '../ops/index.js';
import { checkPositive } from './check.js';

/** What a loss gives. */
export interface LossOptions {
  /** The mean over all elements (default), their sum, or one loss per element. */
  readonly reduction?: 'mean' | 'sum' | 'none';
}

function reduce(who: string, losses: Tensor, options: LossOptions): Tensor {
  const { reduction = 'mean' } = checkOptions(who, options, ['reduction']);
  if (reduction === 'mean') {
    if (losses.size === 0) throw new RangeError(`${who}: expected at least one element to average, got none`);
    return mean(losses);
  }
  if (reduction === 'sum') return sum(losses);
  if ((reduction as unknown) === 'none') return losses;
  throw new RangeError(`${who}: expected reduction 'mean', 'sum' or 'none', got ${kindOf(reduction)}`);
}

/** Checks float tensors of one shape: broadcasting a prediction against its target is nearly always a slip, so shapes must agree. */
function samePair(who: string, prediction: Tensor, target: Tensor): void {
  sameFloat(who, [checkTensor(who, prediction).dtype, checkTensor(who, target).dtype]);
  if (!sameShape(prediction.shape, target.shape))
    throw new RangeError(
      `${who}: expected prediction and target of one shape, got ${show(prediction.shape)} and ${show(target.shape)}`,
    );
}

/** (prediction - target)^2 */
export function meanSquaredError(prediction: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  samePair('meanSquaredError', prediction, target);
  return reduce('meanSquaredError', square(sub(prediction, target)), options);
}

/** -log softmax(logits)[label]: logits [n,k], labels [n] int32. */
export function crossEntropy(logits: Tensor, labels: Tensor, options: LossOptions = {}): Tensor {
  sameFloat('crossEntropy', [checkTensor('crossEntropy', logits).dtype]);
  if (checkTensor('crossEntropy', labels).dtype !== 'int32')
    throw new TypeError(`crossEntropy: expected int32 labels, got ${labels.dtype}`);
  if (logits.shape.length !== 2 || !sameShape(labels.shape, logits.shape.slice(0, 1)))
    throw new RangeError(
      `crossEntropy: expected logits [n,k] and labels [n], got ${show(logits.shape)} and ${show(labels.shape)}`,
    );
  return reduce('crossEntropy', softmaxCrossEntropy(logits, labels), options);
}

/** d^2/2 for |d| < delta, else delta (|d| - delta/2), with d = prediction - target. */
export function huber(
  prediction: Tensor,
  target: Tensor,
  options: LossOptions & { readonly delta?: number } = {},
): Tensor {
  const { delta = 1, ...others } = checkOptions('huber', options, ['delta', 'reduction']);
  samePair('huber', prediction, target);
  checkPositive('huber', 'delta', delta);
  const d = sub(prediction, target);
  const size = abs(d);
  return reduce('huber', where(less(size, delta), mul(square(d), 0.5), mul(sub(size, delta / 2), delta)), others);
}

/** -t log p - (1 - t) log(1 - p) with p = sigmoid(logits), computed as softplus(z) - t z. */
export function binaryCrossEntropy(logits: Tensor, targets: Tensor, options: LossOptions = {}): Tensor {
  samePair('binaryCrossEntropy', logits, targets);
  return reduce('binaryCrossEntropy', sub(softplus(logits), mul(targets, logits)), options);
}
