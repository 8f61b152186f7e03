import * as b from 'bigrad';
import type { Tensor } from 'bigrad';
import type { Call, Expression } from '../node.js';

/**
 * Losses of classes along axis 1: -w_y log p_y, 0 where a label is ignored. The mean is over the
 * weights of the labels that count.
 */
function likelihood(call: Call, logs: Tensor, labels: Tensor, weights?: Tensor): Tensor {
  const classes = logs.shape[1]!;
  const counts = call.has('ignore_index') ? b.notEqual(labels, call.int('ignore_index', 0)) : b.onesLike(labels);
  const real = b.cast(counts, logs.dtype);
  // A label that is ignored may be none: it is looked up at 0.
  const at = b.where(b.cast(counts, 'int32'), labels, 0);
  const picked = b.squeeze(b.takeAlong(logs, b.expandDims(at, 1), 1), 1);
  const own = weights
    ? b.reshape(b.take(b.reshape(weights, [classes]), b.reshape(at, [-1]), 0), at.shape)
    : b.onesLike(picked);
  const weight = b.mul(own, real);
  const losses = b.neg(b.mul(picked, weight));
  const how = call.text('reduction', 'mean');
  if (how === 'none') return losses;
  return how === 'sum' ? b.sum(losses) : b.div(b.sum(losses), b.sum(weight));
}

/** Operators that are losses. */
export const losses: Readonly<Record<string, Expression>> = {
  NegativeLogLikelihoodLoss: (call, logs, labels, weights) => likelihood(call, logs, labels, weights),
  SoftmaxCrossEntropyLoss: (call, scores, labels, weights) => {
    const logs = b.logSoftmax(scores, 1);
    return [likelihood(call, logs, labels, weights), logs];
  },
};
