import { between, integer, later } from '../core/check.js';
import { checkAlike, checkFloat, checkTensor } from '../core/op.js';
import { checkOptions } from '../core/options.js';
import { sameShape, TOO_MANY, type Shape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { show } from '../core/words.js';
import {
  add,
  atLabels,
  cast,
  crossEntropyOf,
  div,
  logSoftmax,
  mul,
  neg,
  notEqual,
  reshape,
  sum,
  take,
  transpose,
  where,
} from '../ops/index.js';
import { lossChecks, reduced, type LossOptions } from './reduction.js';

/** Which labels count, and how much. */
export interface LabelOptions extends LossOptions {
  /** A label whose loss is 0 and does not count in the mean, such as that of padding. */
  readonly ignore?: number;
  /** The weight of each class, [k]; the mean of weighted losses is over the sum of weights. */
  readonly weights?: Tensor;
}

/** Which labels count, how much, and how sure they are. */
export interface CrossEntropyOptions extends LabelOptions {
  /**
   * A share of the target that goes to all classes alike, from 0 (default) to 1 (Szegedy et al.
   * 2016).
   */
  readonly smoothing?: number;
}

const labelChecks = { ...lossChecks, ignore: integer(-TOO_MANY, TOO_MANY - 1), weights: later };

/** [n,k,...] as rows of classes, and the shape [n,...] of what comes of rows. */
function rowsOf(x: Tensor): { rows: Tensor; shape: Shape } {
  const { shape } = x;
  const rest = shape.map((_, i) => i).slice(2);
  const kept = [shape[0]!, ...shape.slice(2)];
  const rows = rest.length === 0 ? x : transpose(x, [0, ...rest, 1]);
  return { rows: reshape(rows, [kept.reduce((a, b) => a * b, 1), shape[1]!]), shape: kept };
}

/** Rows of classes, and their labels. */
interface Labelled {
  readonly rows: Tensor;
  /** Those that are ignored are 0. */
  readonly labels: Tensor;
  /** 1 where a label is not ignored; absent where none is. */
  readonly seen?: Tensor;
  /** The weight of each label. */
  readonly weight?: Tensor;
  /** Of losses that are not reduced. */
  readonly shape: Shape;
}

function labelled(who: string, name: string, x: Tensor, labels: Tensor, { ignore, weights }: LabelOptions): Labelled {
  const [a, b] = [checkFloat(who, x).shape, checkTensor(who, labels).shape];
  if (labels.dtype !== 'int32') throw new TypeError(`${who}: expected int32 labels, got ${labels.dtype}`);
  if (a.length < 2 || !sameShape([a[0]!, ...a.slice(2)], b))
    throw new RangeError(`${who}: expected ${name} [n,k,...] and labels [n,...], got ${show(a)} and ${show(b)}`);
  const { rows, shape } = rowsOf(x);
  const all = reshape(labels, [rows.shape[0]!]);
  const seen = ignore === undefined ? undefined : notEqual(all, ignore);
  const known = seen ? where(seen, all, 0) : all;
  const weight = weights && take(weightsFor(who, x, weights), known);
  return { rows, labels: known, shape, ...(seen && { seen }), ...(weight && { weight }) };
}

/** Weights of the classes of x, checked. */
function weightsFor(who: string, x: Tensor, weights: Tensor): Tensor {
  checkAlike(who, [x, checkTensor(who, weights)]);
  const k = x.shape[1]!;
  if (!sameShape(weights.shape, [k]))
    throw new RangeError(`${who}: expected weights [${k}] of the classes, got ${show(weights.shape)}`);
  return weights;
}

/** Losses of labels, already weighted, reduced: their mean is over the sum of their weights. */
function reducedByCount(
  who: string,
  { rows, seen, weight, shape }: Labelled,
  losses: Tensor,
  { reduction = 'mean' }: LossOptions,
): Tensor {
  const kept = seen ? where(seen, losses, 0) : losses;
  const counts = weight && seen ? where(seen, weight, 0) : (weight ?? (seen && cast(seen, rows.dtype)));
  if (reduction === 'mean' && counts && losses.size > 0) return div(sum(kept), sum(counts));
  return reduced(who, reduction === 'none' ? reshape(kept, shape) : kept, { reduction });
}

/**
 * -log softmax(logits)[label]: logits [n,k,...], labels [n,...] int32. Targets of floats are
 * probabilities [n,k,...], with the loss -sum of target log softmax(logits).
 * @example
 * const labels = tensor([0, 1], { dtype: 'int32' });
 * crossEntropy(tensor([[9, 0], [9, 0]]), labels); // float32[] on cpu 4.50012
 * crossEntropy(tensor([[9, 0], [9, 0]]), labels, { ignore: 1 }); // float32[] on cpu 0.000123402
 * crossEntropy(tensor([[9, 0], [9, 0]]), labels, { weights: tensor([2, 1]) });
 * // float32[] on cpu 3.00012
 * crossEntropy(tensor([[9, 0]]), tensor([[0.5, 0.5]])); // float32[] on cpu 4.50012
 */
export function crossEntropy(logits: Tensor, labels: Tensor, options: CrossEntropyOptions = {}): Tensor {
  const who = 'crossEntropy';
  const { smoothing = 0, ...rest } = checkOptions(who, options, { ...labelChecks, smoothing: between(0, 1) });
  const { weights } = rest;
  checkFloat(who, logits);
  if (checkTensor(who, labels).dtype === 'int32') {
    if (logits.shape.length > 1 && sameShape(labels.shape, logits.shape))
      throw new TypeError(
        `${who}: expected probabilities of ${logits.dtype}, or int32 labels [n,...], got int32 of the shape of the logits ${show(logits.shape)}; convert probabilities with cast(labels, '${logits.dtype}')`,
      );
  } else if (labels.shape.length === logits.shape.length) {
    if (rest.ignore !== undefined) throw new TypeError(`${who}: expected no label to ignore beside probabilities`);
    return softCrossEntropy(who, logits, labels, smoothing, rest);
  }
  const given = labelled(who, 'logits', logits, labels, rest);
  const own = crossEntropyOf(who, given.rows, given.labels);
  const weighted = given.weight ? mul(own, given.weight) : own;
  if (smoothing === 0) return reducedByCount(who, given, weighted, rest);
  const logs = logSoftmax(given.rows);
  const every = neg(sum(weights ? mul(logs, weights) : logs, 1));
  const losses = add(mul(weighted, 1 - smoothing), mul(every, smoothing / logits.shape[1]!));
  return reducedByCount(who, given, losses, rest);
}

/** -sum of target log softmax(logits), row by row. */
function softCrossEntropy(who: string, logits: Tensor, target: Tensor, smoothing: number, options: LabelOptions) {
  const { weights, ...rest } = options;
  checkAlike(who, [logits, target]);
  if (logits.shape.length < 2 || !sameShape(logits.shape, target.shape))
    throw new RangeError(
      `${who}: expected logits [n,k,...] and probabilities alike, got ${show(logits.shape)} and ${show(target.shape)}`,
    );
  const shares = smoothing === 0 ? target : add(mul(target, 1 - smoothing), smoothing / logits.shape[1]!);
  const { rows, shape } = rowsOf(logits);
  const each = mul(rowsOf(shares).rows, logSoftmax(rows));
  const losses = neg(sum(weights ? mul(each, weightsFor(who, logits, weights)) : each, 1));
  return reduced(who, rest.reduction === 'none' ? reshape(losses, shape) : losses, rest);
}

/**
 * -logs[i, labels[i]]: log-probabilities [n,k,...], such as `logSoftmax` gives, and labels [n,...]
 * int32.
 * @example
 * const labels = tensor([0, 1], { dtype: 'int32' });
 * negativeLogLikelihood(logSoftmax(tensor([[9, 0], [9, 0]])), labels); // float32[] on cpu 4.50012
 */
export function negativeLogLikelihood(logs: Tensor, labels: Tensor, options: LabelOptions = {}): Tensor {
  const who = 'negativeLogLikelihood';
  const checked = checkOptions(who, options, labelChecks);
  const given = labelled(who, 'logs', logs, labels, checked);
  const own = neg(atLabels(who, given.rows, given.labels));
  return reducedByCount(who, given, given.weight ? mul(own, given.weight) : own, checked);
}
