import { oneOf } from '../core/check.js';
import { checkAlike, checkFloat, checkTensor } from '../core/op.js';
import { sameShape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { show } from '../core/words.js';
import { less, mean, sum, where } from '../ops/index.js';

/** How a loss is reduced. */
export interface LossOptions {
  /** The mean over all elements (default), their sum, or one loss per element. */
  readonly reduction?: 'mean' | 'sum' | 'none';
}

/** How the reduction of a loss is checked. */
export const lossChecks = { reduction: oneOf('mean', 'sum', 'none') };

/** Losses reduced as checked options say. */
export function reduced(who: string, losses: Tensor, { reduction = 'mean' }: LossOptions): Tensor {
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
export function samePair(who: string, prediction: Tensor, target: Tensor, names = 'prediction and target'): void {
  checkAlike(who, [checkFloat(who, prediction), checkTensor(who, target)]);
  if (!sameShape(prediction.shape, target.shape))
    throw new RangeError(
      `${who}: expected ${names} of one shape, got ${show(prediction.shape)} and ${show(target.shape)}`,
    );
}

/** max(x, 0), with the derivative 1 at 0. */
export const above0 = (x: Tensor): Tensor => where(less(x, 0), 0, x);
