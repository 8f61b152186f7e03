import { flag, oneOf, positive } from '../core/check.js';
import { checkOptions } from '../core/options.js';
import type { Tensor } from '../core/tensor.js';
import { show } from '../core/words.js';
import { add, div, exp, greater, less, log, mul, neg, square, stopGradient, sub, sum, where } from '../ops/index.js';
import { lossChecks, reduced, samePair, type LossOptions } from './reduction.js';

/** log p, and -100 where it is below, with the derivative 0 there. */
function logOf(p: Tensor): Tensor {
  const tiny = less(p, Math.exp(-100));
  return where(tiny, -100, log(where(tiny, 1, p)));
}

/**
 * -t log p - (1 - t) log(1 - p) of probabilities p, each log being -100 at least.
 * `binaryCrossEntropy` of logits has more digits.
 * @param probabilities from 0 to 1, of any shape
 * @param targets probabilities, in the same shape
 * @example
 * binaryCrossEntropyOfProbabilities(tensor([0.5, 0]), tensor([1, 1]), { reduction: 'none' });
 * // float32[2] on cpu [0.693147, 100]
 */
export function binaryCrossEntropyOfProbabilities(
  probabilities: Tensor,
  targets: Tensor,
  options: LossOptions = {},
): Tensor {
  const who = 'binaryCrossEntropyOfProbabilities';
  const checked = checkOptions(who, options, lossChecks);
  samePair(who, probabilities, targets, 'probabilities and targets');
  const losses = add(mul(targets, logOf(probabilities)), mul(sub(1, targets), logOf(sub(1, probabilities))));
  return reduced(who, neg(losses), checked);
}

/** What the target of a Kullback-Leibler divergence is, and how it is reduced. */
export interface DivergenceOptions {
  /** As for other losses; 'batchMean' is the sum divided by the length of the first axis. */
  readonly reduction?: 'mean' | 'sum' | 'none' | 'batchMean';
  /** Whether the target is a log too; false by default. */
  readonly logTarget?: boolean;
}

/**
 * t (log t - logs), the Kullback-Leibler divergence of a distribution from its target t, element by
 * element; 0 where t is 0. As in PyTorch, the mean is over elements: 'batchMean' is the divergence.
 * @param logs logs of probabilities, such as `logSoftmax` gives
 * @param target probabilities, or their logs, in the same shape
 * @example
 * klDivergence(log(tensor([[0.5, 0.5]])), tensor([[1, 0]]), { reduction: 'batchMean' });
 * // float32[] on cpu 0.693147
 */
export function klDivergence(logs: Tensor, target: Tensor, options: DivergenceOptions = {}): Tensor {
  const who = 'klDivergence';
  const { reduction = 'mean', logTarget = false } = checkOptions(who, options, {
    reduction: oneOf('mean', 'sum', 'none', 'batchMean'),
    logTarget: flag,
  });
  samePair(who, logs, target, 'logs and target');
  const some = greater(target, 0);
  const losses = logTarget
    ? mul(exp(target), sub(target, logs))
    : mul(target, sub(where(some, log(where(some, target, 1)), 0), logs));
  if (reduction !== 'batchMean') return reduced(who, losses, { reduction });
  const n = logs.shape[0];
  if (!n) throw new RangeError(`${who}: expected at least one row to average, got ${show(logs.shape)}`);
  return div(sum(losses), n);
}

/** Whether a likelihood has all its terms, and what keeps it from dividing by 0. */
export interface LikelihoodOptions extends LossOptions {
  /** Whether terms are there that do not depend on the prediction; false by default. */
  readonly full?: boolean;
  /** 1e-6 by default for `gaussianNll`, 1e-8 for `poissonNll`. */
  readonly eps?: number;
}

const likelihoodChecks = { ...lossChecks, full: flag, eps: positive };

/**
 * (log v + (mean - target)^2 / v) / 2, the negative log-likelihood of a normal distribution, with v
 * = max(variance, eps). The derivative in the variance is that in v, below eps too.
 * @param mean of the prediction
 * @param target in the shape of the mean
 * @param variance of the prediction, in the shape of the mean
 * @example
 * gaussianNll(tensor([1]), tensor([3]), tensor([4])); // float32[] on cpu 1.19315
 */
export function gaussianNll(mean: Tensor, target: Tensor, variance: Tensor, options: LikelihoodOptions = {}): Tensor {
  const who = 'gaussianNll';
  const { full = false, eps = 1e-6, ...rest } = checkOptions(who, options, likelihoodChecks);
  samePair(who, mean, target, 'mean and target');
  samePair(who, mean, variance, 'mean and variance');
  const v = add(variance, stopGradient(where(less(variance, eps), sub(eps, variance), 0)));
  const losses = mul(add(log(v), div(square(sub(mean, target)), v)), 0.5);
  return reduced(who, full ? add(losses, Math.log(2 * Math.PI) / 2) : losses, rest);
}

/**
 * rate - target log rate, the negative log-likelihood of a Poisson distribution: e^z - target z
 * with z the log of the rate. `full` adds Stirling's t log t - t + log(2 pi t)/2 for targets above
 * 1.
 * @param prediction logs of the rates; the rates themselves with `{ logRate: false }`
 * @param target counts, in the same shape
 * @example
 * poissonNll(tensor([0]), tensor([2])); // float32[] on cpu 1
 */
export function poissonNll(
  prediction: Tensor,
  target: Tensor,
  options: LikelihoodOptions & { readonly logRate?: boolean } = {},
): Tensor {
  const who = 'poissonNll';
  const {
    logRate = true,
    full = false,
    eps = 1e-8,
    ...rest
  } = checkOptions(who, options, {
    ...likelihoodChecks,
    logRate: flag,
  });
  samePair(who, prediction, target);
  const losses = logRate
    ? sub(exp(prediction), mul(target, prediction))
    : sub(prediction, mul(target, log(add(prediction, eps))));
  if (!full) return reduced(who, losses, rest);
  const many = greater(target, 1);
  const t = where(many, target, 1);
  const stirling = add(sub(mul(t, log(t)), t), mul(log(mul(t, 2 * Math.PI)), 0.5));
  return reduced(who, add(losses, where(many, stirling, 0)), rest);
}
