import * as b from 'bigrad';
import type { Padding, Pair, Shape, Tensor } from 'bigrad';

/**
 * The attributes of an instruction: options by bigrad's names, and what bigrad takes by position.
 */
export interface Attrs {
  readonly axes?: number | readonly number[];
  readonly axis?: number;
  readonly keepDims?: boolean;
  readonly shape?: Shape;
  readonly perm?: readonly number[];
  readonly start?: readonly number[];
  readonly size?: Shape;
  readonly step?: readonly number[];
  readonly pairs?: readonly (readonly [number, number])[];
  readonly value?: number;
  readonly parts?: number | readonly number[];
  readonly indices?: b.Nested;
  readonly labels?: b.Nested;
  readonly window?: Pair;
  readonly stride?: Pair;
  readonly padding?: Padding;
  readonly dilation?: Pair;
  readonly groups?: number;
  readonly outputPadding?: Pair;
  readonly eps?: number;
  readonly slope?: number;
  readonly alpha?: number;
  readonly lo?: number;
  readonly hi?: number;
}

/**
 * An op as programs call it. Operands of elementwise ops may be numbers, which the type leaves out.
 */
export type Op = (a: Attrs, ...xs: Tensor[]) => Tensor | readonly Tensor[];
export type Ops = Readonly<Record<string, Op>>;

const ints = (nested: b.Nested, { device }: Tensor): Tensor => b.tensor(nested, { dtype: 'int32', device });
const half = (xs: readonly Tensor[]): number => xs.length / 2;

/**
 * What each op of a program computes, in bigrad: a table to read beside ops.py, one line for each
 * op, in the same order.
 */
export const ops: Ops = {
  less: (_, x, y) => b.less(x, y),
  greater: (_, x, y) => b.greater(x, y),
  lessEqual: (_, x, y) => b.lessEqual(x, y),
  greaterEqual: (_, x, y) => b.greaterEqual(x, y),
  where: (_, c, x, y) => b.where(c, x, y),
  add: (_, x, y) => b.add(x, y),
  sub: (_, x, y) => b.sub(x, y),
  mul: (_, x, y) => b.mul(x, y),
  div: (_, x, y) => b.div(x, y),
  pow: (_, x, y) => b.pow(x, y),
  maximum: (_, x, y) => b.maximum(x, y),
  minimum: (_, x, y) => b.minimum(x, y),
  neg: (_, x) => b.neg(x),
  abs: (_, x) => b.abs(x),
  sign: (_, x) => b.sign(x),
  square: (_, x) => b.square(x),
  reciprocal: (_, x) => b.reciprocal(x),
  sqrt: (_, x) => b.sqrt(x),
  rsqrt: (_, x) => b.rsqrt(x),
  exp: (_, x) => b.exp(x),
  expm1: (_, x) => b.expm1(x),
  log: (_, x) => b.log(x),
  log1p: (_, x) => b.log1p(x),
  sin: (_, x) => b.sin(x),
  cos: (_, x) => b.cos(x),
  tanh: (_, x) => b.tanh(x),
  sigmoid: (_, x) => b.sigmoid(x),
  softplus: (_, x) => b.softplus(x),
  relu: (_, x) => b.relu(x),
  erf: (_, x) => b.erf(x),
  leakyRelu: (a, x) => b.leakyRelu(x, a.slope),
  elu: (a, x) => b.elu(x, a.alpha),
  gelu: (_, x) => b.gelu(x),
  clamp: (a, x) => b.clamp(x, a.lo, a.hi!),
  sum: ({ axes, ...options }, x) => b.sum(x, axes, options),
  mean: ({ axes, ...options }, x) => b.mean(x, axes, options),
  prod: ({ axes, ...options }, x) => b.prod(x, axes, options),
  max: ({ axes, ...options }, x) => b.max(x, axes, options),
  min: ({ axes, ...options }, x) => b.min(x, axes, options),
  variance: ({ axes, ...options }, x) => b.variance(x, axes, options),
  standardDeviation: ({ axes, ...options }, x) => b.standardDeviation(x, axes, options),
  logSumExp: ({ axes, ...options }, x) => b.logSumExp(x, axes, options),
  reshape: (a, x) => b.reshape(x, a.shape!),
  transpose: (a, x) => b.transpose(x, a.perm),
  squeeze: (a, x) => b.squeeze(x, a.axes),
  expandDims: (a, x) => b.expandDims(x, a.axis!),
  broadcastTo: (a, x) => b.broadcastTo(x, a.shape!),
  flip: (a, x) => b.flip(x, a.axes),
  slice: (a, x) => b.slice(x, a.start!, a.size!, a.step),
  pad: (a, x) => b.pad(x, a.pairs!, a.value),
  concat: (a, ...xs) => b.concat(xs, a.axis),
  stack: (a, ...xs) => b.stack(xs, a.axis),
  split: (a, x) => b.split(x, a.parts!, a.axis),
  cast: (_, x) => b.cast(b.cast(x, 'float32'), x.dtype),
  take: (a, x) => b.take(x, ints(a.indices!, x), a.axis),
  matmul: (_, x, y) => b.matmul(x, y),
  dot: (_, ...xs) => b.dot(xs.slice(0, half(xs)), xs.slice(half(xs))),
  conv2d: (a, x, w) => b.conv2d(x, w, a),
  convTranspose2d: (a, x, w) => b.convTranspose2d(x, w, a),
  maxPool2d: ({ window, ...options }, x) => b.maxPool2d(x, window!, options),
  avgPool2d: ({ window, ...options }, x) => b.avgPool2d(x, window!, options),
  globalAvgPool2d: (_, x) => b.globalAvgPool2d(x),
  batchNorm: (a, x, s, t, mean?: Tensor, variance?: Tensor) =>
    b.batchNorm(x, s, t, mean ? { ...a, mean, variance } : a),
  batchNormWithStats: (a, x, s, t) =>
    (({ y, mean, variance }) => [y, mean, variance])(b.batchNormWithStats(x, s, t, a)),
  layerNorm: (a, x, s, t) => b.layerNorm(x, s, t, a),
  cumsum: (a, x) => b.cumsum(x, a.axis),
  softmax: (a, x) => b.softmax(x, a.axis),
  logSoftmax: (a, x) => b.logSoftmax(x, a.axis),
  softmaxCrossEntropy: (a, x) => b.softmaxCrossEntropy(x, ints(a.labels!, x)),
  gate: (_, m, eps) => b.gate(m, eps),
  stopGradient: (_, x) => b.stopGradient(x),
};
