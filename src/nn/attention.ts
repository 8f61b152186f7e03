import { atLeast, flag, later, positive } from '../core/check.js';
import { checkAlike, checkDevices, checkFloat, checkTensor } from '../core/op.js';
import { checkOptions } from '../core/options.js';
import { broadcastsTo, type Shape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { show } from '../core/words.js';
import {
  add,
  lessEqual,
  like,
  matmul,
  max,
  mul,
  softmax,
  stopGradient,
  sub,
  transpose,
  tril,
  where,
} from '../ops/index.js';
import { dropped } from './dropout.js';
import { contextChecks, type Context } from './layer.js';

/** Which keys each query may look at, and how its scores are made. */
export interface AttentionOptions {
  /** Whether query i sees keys 0 .. i alone; false by default. */
  readonly causal?: boolean;
  /** Not 0 where a query may look: broadcasts to [..., queries, keys]. */
  readonly mask?: Tensor;
  /** Added to the scores: broadcasts to [..., queries, keys]. -Infinity hides a key. */
  readonly bias?: Tensor;
  /** Factor of the products; 1 / sqrt(width) by default. */
  readonly scale?: number;
}

/** Options of attention with dropout: while `training` it needs a `key`. */
export interface DropoutAttentionOptions extends AttentionOptions, Context {
  /**
   * The probability of each share to become 0; the others are divided by 1 less it. 0 by default.
   */
  readonly dropout?: number;
}

/** How options of attention are checked: tensors where they are used. */
export const attentionChecks = { causal: flag, mask: later, bias: later, scale: positive };

/** How a probability of dropout is checked. */
export const rateCheck = atLeast(0, 1);

/** What hidden scores become: e to its power is 0, and it is finite in float32. */
const HIDDEN = -1e30;
/** A bias of -Infinity, or of the least float32, hides a key: scores up to this one are hidden. */
const LEAST = -1e38;

const swap = (x: Tensor): Tensor => {
  const rank = x.shape.length;
  return transpose(x, [...x.shape.keys()].map((i) => (i < rank - 2 ? i : 2 * rank - 3 - i))); // prettier-ignore
};

function checkFits(who: string, what: string, x: Tensor, scores: Shape): void {
  if (!broadcastsTo(checkTensor(who, x).shape, scores))
    throw new RangeError(`${who}: expected ${what} that broadcasts to ${show(scores)}, got ${show(x.shape)}`);
}

/** `attentionWeights` that names `who` in its errors; only tensors of its options are checked. */
export function sharesOf(who: string, q: Tensor, k: Tensor, options: AttentionOptions): Tensor {
  const [width, other] = [checkFloat(who, q).shape.at(-1), checkFloat(who, k).shape.at(-1)];
  checkAlike(who, [q, k]);
  if (q.shape.length < 2 || k.shape.length < 2 || width !== other || !width)
    throw new RangeError(
      `${who}: expected queries [..., l, width] and keys [..., s, width], got ${show(q.shape)} and ${show(k.shape)}`,
    );
  const { causal = false, mask, bias, scale = 1 / Math.sqrt(width) } = options;
  let scores = mul(matmul(q, swap(k)), scale);
  const { shape } = scores;
  const past = causal ? tril(like(scores, 1, shape.slice(-2))) : undefined;
  if (mask !== undefined) {
    checkFits(who, 'a mask', mask, shape);
    checkDevices(who, [scores, mask]);
  }
  if (bias === undefined) return softmaxOf(scores, [past, mask]);
  checkFits(who, 'a bias', bias, shape);
  checkAlike(who, [scores, bias]);
  scores = add(scores, bias);
  const hidden = lessEqual(scores, LEAST);
  const kept = where(hidden, 0, scores);
  const seen = [past, mask].reduce<Tensor>((all, one) => (one ? where(one, all, 0) : all), where(hidden, 0, 1));
  // Less the largest that is seen: however small those are, hidden ones are below.
  const top = max(where(seen, kept, LEAST), -1, { keepDims: true });
  return softmaxOf(sub(kept, stopGradient(where(lessEqual(top, LEAST), 0, top))), [seen]);
}

/** Shares of the keys that all of these say are seen; a query that sees nothing has none. */
function softmaxOf(scores: Tensor, seen: readonly (Tensor | undefined)[]): Tensor {
  const given = seen.filter((one) => one !== undefined);
  const hide = (x: Tensor, value: number): Tensor => given.reduce((y, one) => where(one, y, value), x);
  return given.length === 0 ? softmax(scores) : hide(softmax(hide(scores, HIDDEN)), 0);
}

/**
 * softmax(scale q k' + bias): the share of each key in what each query gets. Queries [..., l,
 * width] and keys [..., s, width] give [..., l, s]; leading axes broadcast. Hidden keys have the
 * share 0, and all of them where a query sees no key.
 * @param q queries [..., l, width]
 * @param k keys [..., s, width]
 * @example
 * attentionWeights(zeros([2, 4]), zeros([2, 4]), { causal: true });
 * // float32[2,2] on cpu [[1, 0], [0.5, 0.5]]
 */
export const attentionWeights = (q: Tensor, k: Tensor, options: AttentionOptions = {}): Tensor =>
  sharesOf('attentionWeights', q, k, checkOptions('attentionWeights', options, attentionChecks));

/**
 * softmax(scale q k' + bias) v, with scale 1 / sqrt(width) by default (Vaswani et al. 2017).
 * Queries [..., l, width], keys [..., s, width] and values [..., s, d] give [..., l, d]. Leading
 * axes broadcast, such as one head of keys for several of queries. While training, `dropout` leaves
 * out shares at random.
 * @param q queries [..., l, width]
 * @param k keys [..., s, width]
 * @param v values [..., s, d]
 * @example
 * const v = tensor([[1, 10], [3, 30]]);
 * scaledDotProductAttention(zeros([2, 4]), zeros([2, 4]), v, { causal: true });
 * // float32[2,2] on cpu [[1, 10], [2, 20]]
 */
export function scaledDotProductAttention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  options: DropoutAttentionOptions = {},
): Tensor {
  const who = 'scaledDotProductAttention';
  const {
    dropout = 0,
    training,
    key,
    ...checked
  } = checkOptions(who, options, {
    ...attentionChecks,
    ...contextChecks,
    dropout: rateCheck,
  });
  const shares = sharesOf(who, q, k, checked);
  checkAlike(who, [shares, checkFloat(who, v)]);
  if (v.shape.length < 2 || v.shape.at(-2) !== shares.shape.at(-1))
    throw new RangeError(`${who}: expected values [..., ${shares.shape.at(-1)}, d], got ${show(v.shape)}`);
  return matmul(dropped(who, shares, dropout, { training, key }), v);
}
