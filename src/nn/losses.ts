import { positive } from '../core/check.js';
import { checkOptions } from '../core/options.js';
import type { Tensor } from '../core/tensor.js';
import { abs, div, less, mul, softplus, square, sub, where } from '../ops/index.js';
import { lossChecks, reduced, samePair, type LossOptions } from './reduction.js';

/**
 * (prediction - target)^2
 * @example
 * meanSquaredError(tensor([1, 2]), tensor([1, 4])); // float32[] on cpu 2
 */
export function meanSquaredError(prediction: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  const checked = checkOptions('meanSquaredError', options, lossChecks);
  samePair('meanSquaredError', prediction, target);
  return reduced('meanSquaredError', square(sub(prediction, target)), checked);
}

/**
 * |prediction - target|; the derivative at 0 is 0.
 * @example
 * meanAbsoluteError(tensor([1, 2]), tensor([1, 4])); // float32[] on cpu 1
 */
export function meanAbsoluteError(prediction: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  const checked = checkOptions('meanAbsoluteError', options, lossChecks);
  samePair('meanAbsoluteError', prediction, target);
  return reduced('meanAbsoluteError', abs(sub(prediction, target)), checked);
}

/** Where a loss goes over from a square to a line. */
export interface HuberOptions extends LossOptions {
  /** 1 by default. */
  readonly delta?: number;
}

/**
 * d^2/2 for |d| < delta, else delta (|d| - delta/2), with d = prediction - target.
 * @example
 * huber(tensor([0.5, 3]), tensor([0, 0]), { reduction: 'none' }); // float32[2] on cpu [0.125, 2.5]
 */
export function huber(prediction: Tensor, target: Tensor, options: HuberOptions = {}): Tensor {
  const { delta = 1, ...others } = checkOptions('huber', options, { ...lossChecks, delta: positive });
  samePair('huber', prediction, target);
  return reduced('huber', huberOf(sub(prediction, target), delta), others);
}

function huberOf(d: Tensor, delta: number): Tensor {
  const size = abs(d);
  return where(less(size, delta), mul(square(d), 0.5), mul(sub(size, delta / 2), delta));
}

/**
 * d^2/(2 beta) for |d| < beta, else |d| - beta/2, with d = prediction - target: `huber` divided by
 * its delta.
 * @example
 * smoothL1(tensor([0.5, 3]), tensor([0, 0]), { beta: 2, reduction: 'none' });
 * // float32[2] on cpu [0.0625, 2]
 */
export function smoothL1(
  prediction: Tensor,
  target: Tensor,
  options: LossOptions & { readonly beta?: number } = {},
): Tensor {
  const { beta = 1, ...others } = checkOptions('smoothL1', options, { ...lossChecks, beta: positive });
  samePair('smoothL1', prediction, target);
  return reduced('smoothL1', div(huberOf(sub(prediction, target), beta), beta), others);
}

/**
 * -t log p - (1 - t) log(1 - p) with p = sigmoid(logits), computed as softplus(z) - t z.
 * @param logits log-odds, of any shape
 * @param targets probabilities from 0 to 1, in the shape of the logits
 * @example
 * binaryCrossEntropy(tensor([0, 5]), tensor([1, 1])); // float32[] on cpu 0.349931
 */
export function binaryCrossEntropy(logits: Tensor, targets: Tensor, options: LossOptions = {}): Tensor {
  const checked = checkOptions('binaryCrossEntropy', options, lossChecks);
  samePair('binaryCrossEntropy', logits, targets);
  return reduced('binaryCrossEntropy', sub(softplus(logits), mul(targets, logits)), checked);
}
