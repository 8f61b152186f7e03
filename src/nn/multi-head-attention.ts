import { aFunction, count, flag, later, oneOf } from '../core/check.js';
import { checkAlike, checkFloat } from '../core/op.js';
import { checkOptions } from '../core/options.js';
import type { Tensor } from '../core/tensor.js';
import { show } from '../core/words.js';
import { add, checkKey, full, matmul, reshape, slice, split, splitKey, transpose } from '../ops/index.js';
import { rateCheck, sharesOf, type AttentionOptions } from './attention.js';
import { checkTensors, held } from './check.js';
import { kaimingUniform, xavierUniform, type Initializer } from './initializers.js';
import { dropped } from './dropout.js';
import { contextChecks, initChecks, type Context, type InitOptions, type Layer } from './layer.js';
import { rotary, type RotaryOptions } from './positions.js';

/** Parameters of `multiHeadAttention`. */
export interface AttentionParams {
  /** Makes queries, keys and values, [3 width, width]. */
  readonly inWeight: Tensor;
  /** [3 width] */
  readonly inBias?: Tensor;
  /** Mixes what the heads give, [width, width]. */
  readonly outWeight: Tensor;
  /** [width] */
  readonly outBias?: Tensor;
}

/** What a layer of attention is like. */
export interface MultiHeadOptions {
  /** Whether each position sees itself and those before it alone; false by default. */
  readonly causal?: boolean;
  /** Which columns of queries and keys `rotary` turns by their positions; none by default. */
  readonly rotary?: RotaryOptions['pairs'];
  /**
   * The probability of each share of the context to be left out while training; 0 by default. A
   * call needs a key then.
   */
  readonly dropout?: number;
  /** Whether it has biases; true by default. */
  readonly bias?: boolean;
  /** How `inWeight` starts: `xavierUniform` by default, as PyTorch. */
  readonly weight?: Initializer;
}

/** What a call of attention looks at. */
export interface AttentionCall extends Pick<AttentionOptions, 'mask' | 'bias'>, Context {
  /** What keys and values are made of, [..., s, width]; x by default. */
  readonly context?: Tensor;
}

/** Attention as a layer: `weights` gives what `apply` mixes by. */
export interface AttentionLayer extends Layer<AttentionParams> {
  /** Attention from x to the context, which is x by default. */
  apply(params: AttentionParams, x: Tensor, call?: AttentionCall): Tensor;
  /** The share of each position of the context in each of x, before dropout, [..., heads, l, s]. */
  weights(params: AttentionParams, x: Tensor, call?: AttentionCall): Tensor;
}

const who = 'multiHeadAttention';
const callChecks = { context: later, mask: later, bias: later, ...contextChecks };

/** [..., length, width] into [..., heads, length, width / heads], or back. */
function exchanged(x: Tensor): Tensor {
  const rank = x.shape.length;
  return transpose(x, [...Array(rank - 3).keys(), rank - 2, rank - 3, rank - 1]);
}
const inHeads = (x: Tensor, heads: number): Tensor =>
  exchanged(reshape(x, [...x.shape.slice(0, -1), heads, x.shape.at(-1)! / heads]));
function joined(x: Tensor): Tensor {
  const y = exchanged(x);
  return reshape(y, [...y.shape.slice(0, -2), y.shape.at(-2)! * y.shape.at(-1)!]);
}

/** x W' + b, by some rows of a weight and of a bias. */
function project(x: Tensor, weight: Tensor, bias: Tensor | undefined, from: number, rows: number): Tensor {
  const y = matmul(x, transpose(slice(weight, [from, 0], [rows, weight.shape[1]!])));
  return bias ? add(y, slice(bias, [from], [rows])) : y;
}

/** Queries, keys and values, [..., length, width]: by one product where x is the context. */
function projected({ inWeight, inBias }: AttentionParams, x: Tensor, context: Tensor | undefined, width: number) {
  if (!context) return split(project(x, inWeight, inBias, 0, 3 * width), 3, -1) as [Tensor, Tensor, Tensor];
  const q = project(x, inWeight, inBias, 0, width);
  const [k, v] = split(project(context, inWeight, inBias, width, 2 * width), 2, -1) as [Tensor, Tensor];
  return [q, k, v] as const;
}

/**
 * Attention with several heads, each of width / heads (Vaswani et al. 2017): x [..., l, width] into
 * the same. A third argument of `apply` has the context that x looks at, a mask and a bias of the
 * scores; the latter broadcast to [..., heads, l, s]. It has the key too that `dropout` needs while
 * training. `weights` gives the shares of the context.
 * @param width length of the last axis of x
 * @param heads a divisor of the width
 * @example
 * const layer = multiHeadAttention(8, 2, { causal: true });
 * const params = layer.init(randomKey(0));
 * layer.apply(params, ones([5, 3, 8])).shape; // [ 5, 3, 8 ]
 * layer.weights(params, ones([3, 8])).shape; // [ 2, 3, 3 ]
 * layer.apply(params, ones([3, 8]), { context: ones([4, 8]) }).shape; // [ 3, 8 ]
 */
export function multiHeadAttention(width: number, heads: number, options: MultiHeadOptions = {}): AttentionLayer {
  const {
    causal = false,
    rotary: pairs,
    dropout = 0,
    bias = true,
    weight = xavierUniform(),
  } = checkOptions(who, options, {
    causal: flag,
    rotary: oneOf('neighbours', 'halves'),
    dropout: rateCheck,
    bias: flag,
    weight: aFunction,
  });
  const size = count(who, 'width / heads', count(who, 'width', width) / count(who, 'heads', heads));
  const shapes = { inWeight: [3 * width, width], outWeight: [width, width] };
  const biases = { inBias: [3 * width], outBias: [width] };
  if (pairs && size % 2 !== 0) throw new RangeError(`${who}: expected an even width of a head to turn, got ${size}`);
  const turn = (x: Tensor): Tensor => (pairs ? rotary(x, { pairs }) : x);
  /** The shares of the context, and its values. */
  const look = (params: AttentionParams, x: Tensor, given: AttentionCall) => {
    const { context, training, key, ...call } = checkOptions(who, given, callChecks);
    checkTensors(who, params, { ...shapes, ...held(params, biases) }, checkFloat(who, x));
    for (const t of context ? [x, context] : [x])
      if (checkFloat(who, t).shape.length < 2 || t.shape.at(-1) !== width)
        throw new RangeError(`${who}: expected x and context [..., length, ${width}], got ${show(t.shape)}`);
    checkAlike(who, context ? [x, context] : [x]);
    const [q, k, v] = projected(params, x, context, width).map((t) => inHeads(t, heads)) as [Tensor, Tensor, Tensor];
    const shares = sharesOf(who, turn(q), turn(k), { ...call, causal, scale: 1 / Math.sqrt(size) });
    return { shares, v, how: { training, key } };
  };
  return {
    name: who,
    takesContext: true,
    init: (given, init = {}) => initial(given, width, weight, bias, init),
    apply: (params, x, call = {}) => {
      const { shares, v, how } = look(params, x, call);
      return project(joined(matmul(dropped(who, shares, dropout, how), v)), params.outWeight, params.outBias, 0, width);
    },
    weights: (params, x, call = {}) => look(params, x, call).shares,
  };
}

/** Fresh parameters, as PyTorch makes them. */
function initial(given: Tensor, width: number, weight: Initializer, bias: boolean, options: InitOptions) {
  const init = checkOptions(who, options, initChecks);
  const [k1, k2] = splitKey(checkKey(who, given));
  const weights = {
    inWeight: weight(k1, [3 * width, width], init),
    outWeight: kaimingUniform({ gain: 1 / Math.sqrt(3) })(k2, [width, width], init),
  };
  const zeros = (n: number): Tensor => full(given.device, [n], 0, init.dtype);
  return bias ? { ...weights, inBias: zeros(3 * width), outBias: zeros(width) } : weights;
}
