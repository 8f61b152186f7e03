import { between, integer, positive } from '../core/check.js';
import { checkAlike, checkFloat, checkTensor } from '../core/op.js';
import { checkOptions } from '../core/options.js';
import { sameShape, TOO_MANY } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { show } from '../core/words.js';
import {
  abs,
  add,
  cast,
  crossEntropyOf,
  div,
  less,
  logSoftmax,
  mean,
  mul,
  neg,
  notEqual,
  softplus,
  square,
  sub,
  sum,
  where,
} from '../ops/index.js';
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

/** Which labels count, and how sure they are. */
export interface CrossEntropyOptions extends LossOptions {
  /**
   * A share of the target that goes to all classes alike, from 0 (default) to 1 (Szegedy et al.
   * 2016).
   */
  readonly smoothing?: number;
  /** A label whose rows have the loss 0 and do not count in the mean, such as that of padding. */
  readonly ignore?: number;
}

/**
 * -log softmax(logits)[label]: logits [n,k], labels [n] int32. Targets of floats are probabilities
 * [n,k], with the loss -sum of target log softmax(logits).
 * @example
 * const labels = tensor([0, 1], { dtype: 'int32' });
 * crossEntropy(tensor([[9, 0], [9, 0]]), labels); // float32[] on cpu 4.50012
 * crossEntropy(tensor([[9, 0], [9, 0]]), labels, { ignore: 1 }); // float32[] on cpu 0.000123402
 * crossEntropy(tensor([[9, 0]]), tensor([[0.5, 0.5]])); // float32[] on cpu 4.50012
 */
export function crossEntropy(logits: Tensor, labels: Tensor, options: CrossEntropyOptions = {}): Tensor {
  const who = 'crossEntropy';
  const {
    smoothing = 0,
    ignore,
    ...rest
  } = checkOptions(who, options, {
    ...lossChecks,
    smoothing: between(0, 1),
    ignore: integer(-TOO_MANY, TOO_MANY - 1),
  });
  checkFloat(who, logits);
  if (checkTensor(who, labels).dtype !== 'int32' && labels.shape.length === 2) {
    if (ignore !== undefined) throw new TypeError(`${who}: expected no label to ignore beside probabilities`);
    return reduced(who, softCrossEntropy(who, logits, labels, smoothing), rest);
  }
  const counts = ignore === undefined ? undefined : notEqual(labels, ignore);
  const own = crossEntropyOf(who, logits, counts ? where(counts, labels, 0) : labels);
  const smooth = smoothing === 0 ? own : add(mul(own, 1 - smoothing), mul(neg(mean(logSoftmax(logits), 1)), smoothing));
  if (!counts) return reduced(who, smooth, rest);
  const losses = where(counts, smooth, 0);
  const { reduction = 'mean' } = rest;
  return reduction === 'mean' ? div(sum(losses), sum(cast(counts, logits.dtype))) : reduced(who, losses, rest);
}

/** -sum of target log softmax(logits), row by row. */
function softCrossEntropy(who: string, logits: Tensor, target: Tensor, smoothing: number): Tensor {
  checkAlike(who, [logits, target]);
  if (logits.shape.length !== 2 || !sameShape(logits.shape, target.shape))
    throw new RangeError(
      `${who}: expected logits [n,k] and probabilities [n,k], got ${show(logits.shape)} and ${show(target.shape)}`,
    );
  const shares = smoothing === 0 ? target : add(mul(target, 1 - smoothing), smoothing / logits.shape[1]!);
  return neg(sum(mul(shares, logSoftmax(logits)), 1));
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
