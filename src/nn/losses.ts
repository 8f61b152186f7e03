import { sameShape, show } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { kindOf } from '../core/dtype.js';
import { abs, less, mean, mul, softmaxCrossEntropy, softplus, square, sub, sum, where } from '../ops/index.js';

export interface LossOptions {
  /** The mean over all elements (default), their sum, or one loss per element. */
  readonly reduction?: 'mean' | 'sum' | 'none';
}

function reduce(who: string, losses: Tensor, { reduction = 'mean' }: LossOptions): Tensor {
  if (reduction === 'mean') return mean(losses);
  if (reduction === 'sum') return sum(losses);
  if ((reduction as unknown) === 'none') return losses;
  throw new RangeError(`${who}: expected reduction 'mean', 'sum' or 'none', got ${kindOf(reduction)}`);
}

/** Broadcasting a prediction against its target is nearly always a slip, so shapes must agree. */
function samePair(who: string, prediction: Tensor, target: Tensor): void {
  for (const x of [prediction, target] as unknown[])
    if (!(x instanceof Tensor)) throw new TypeError(`${who}: expected two tensors, got ${kindOf(x)}`);
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
export const crossEntropy = (logits: Tensor, labels: Tensor, options: LossOptions = {}): Tensor =>
  reduce('crossEntropy', softmaxCrossEntropy(logits, labels), options);

/** d^2/2 for |d| < delta, else delta (|d| - delta/2), with d = prediction - target. */
export function huber(
  prediction: Tensor,
  target: Tensor,
  { delta = 1, ...options }: LossOptions & { readonly delta?: number } = {},
): Tensor {
  samePair('huber', prediction, target);
  if (!(delta > 0)) throw new RangeError(`huber: expected delta above 0, got ${delta}`);
  const d = sub(prediction, target);
  const size = abs(d);
  return reduce('huber', where(less(size, delta), mul(square(d), 0.5), mul(sub(size, delta / 2), delta)), options);
}

/** -t log p - (1 - t) log(1 - p) with p = sigmoid(logits), computed as softplus(z) - t z. */
export function binaryCrossEntropy(logits: Tensor, targets: Tensor, options: LossOptions = {}): Tensor {
  samePair('binaryCrossEntropy', logits, targets);
  return reduce('binaryCrossEntropy', sub(softplus(logits), mul(targets, logits)), options);
}
