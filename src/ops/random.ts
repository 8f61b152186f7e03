import { checkDType, type DType } from '../core/dtype.js';
import { checkTensor, defineOp, type One } from '../core/op.js';
import { aDType, aFloatType, anyNumber, between, integer, whole } from '../core/check.js';
import { checkOptions } from '../core/options.js';
import { normalQuantile, randomWords, uniform24, uniform53 } from '../core/random.js';
import { checkShape, type Shape } from '../core/shape.js';
import type { Backend, Dense, IntTensor, Tensor } from '../core/tensor.js';
import { fromTypedArray } from './create.js';
import { cast, reshape, slice } from './movement.js';
import { add, less, minimum, mul } from './elementwise.js';
import { show } from '../core/words.js';

// Every function takes its key and is pure: the same key gives the same numbers, on every machine.
// Use a key once and split it for more.

/** The dtype of random numbers. */
export interface RandomOptions {
  /** float32 (default) or float64. */
  readonly dtype?: DType;
}
interface DrawAttrs {
  readonly shape: Shape;
  readonly dtype: DType;
}

const draw = (name: string, fill: (out: Dense, key: Dense) => void) => {
  const op = defineOp<One, DrawAttrs>({
    name,
    shape: (_, { shape }) => shape,
    dtype: (_, { dtype }) => dtype,
    ref: (out, [key]) => {
      fill(out, key);
    },
    vjp: null,
  });
  return (key: Tensor, shape: Shape, dtype: DType, who = name): Tensor =>
    op([checkKey(who, key)], { shape: checkShape(who, shape), dtype: checkDType(who, dtype) });
};

/** Checks a key. */
export function checkKey(who: string, key: Tensor): Tensor {
  if (checkTensor(who, key).dtype !== 'int32' || key.shape.length !== 1 || key.shape[0] !== 2)
    throw new TypeError(
      `${who}: expected a key (int32 [2], from randomKey or splitKey), got ${key.dtype} ${show(key.shape)}`,
    );
  return key;
}

const bits = draw('randomBits', (out, key) => {
  out.data.set(randomWords(key.data, out.data.length));
});
const uniform = draw('randomUniform', ({ data }, key) => {
  if (data instanceof Float32Array)
    randomWords(key.data, data.length).forEach((word, i) => {
      data[i] = uniform24(word);
    });
  else
    eachUniform53(key, data.length, (u, i) => {
      data[i] = u;
    });
});
const normal = draw('randomNormal', ({ data }, key) => {
  eachUniform53(key, data.length, (u, i) => {
    data[i] = normalQuantile(Math.min(u + 2 ** -54, 1 - 2 ** -53)); // the middle of u's cell, which for the last rounds to 1
  });
});
/**
 * Fisher and Yates' shuffle; each position draws from 53 bits, a bias below 2^-20 for any length
 * that fits in memory.
 */
const shuffled = draw('randomPermutation', ({ data }, key) => {
  for (let i = 0; i < data.length; i++) data[i] = i;
  eachUniform53(key, data.length, (u, k) => {
    const i = data.length - 1 - k;
    const j = Math.floor(u * (i + 1));
    [data[i], data[j]] = [data[j]!, data[i]!];
  });
});

function eachUniform53(key: Dense, count: number, visit: (u: number, i: number) => void): void {
  const words = randomWords(key.data, 2 * count);
  for (let i = 0; i < count; i++) visit(uniform53(words[2 * i]!, words[2 * i + 1]!), i);
}

/** A key from an integer seed of up to 53 bits: an int32 tensor [2], its high and low words. */
export function randomKey(device: Backend, seed: number): Tensor {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`randomKey: expected a safe integer, got ${show(seed)}`);
  return fromTypedArray(device, Int32Array.of(Math.floor(seed / 2 ** 32), seed | 0), [2], 'randomKey');
}

const MOST_KEYS = 2 ** 18; // each a tensor of its own

/** A tuple of `N` keys where `N` is a literal of at most 64, else a list. */
export type Keys<N extends number, T extends readonly Tensor[] = []> = number extends N
  ? Tensor[]
  : T['length'] extends N
    ? T
    : T['length'] extends 64
      ? Tensor[]
      : Keys<N, [...T, Tensor]>;

/**
 * `n` independent keys from one key: two by default. That key should not be used again. Where `n`
 * is written as a number, the result is a tuple of this length.
 * @param n how many keys, 2 by default
 * @example
 * const [forWeights, forData] = splitKey(randomKey(0), 2);
 * randomNormal(forData, [2]); // float32[2] on cpu [0.462298, -2.00634]
 */
export function splitKey<const N extends number = 2>(key: Tensor, n?: N): Keys<N>;
export function splitKey(key: Tensor, n = 2): Tensor[] {
  integer(1, MOST_KEYS)('splitKey', 'the number of keys', n);
  const words = bits(key, [2 * n], 'int32', 'splitKey');
  return Array.from({ length: n }, (_, i) => reshape(slice(words, [2 * i], [2]), [2]));
}

/**
 * Uniform numbers in [0, 1), or in `low` .. `high`.
 * @example
 * randomUniform(randomKey(0), [3], { low: -1, high: 1 });
 * // float32[3] on cpu [-0.163086, 0.200998, -0.370637]
 */
export function randomUniform(
  key: Tensor,
  shape: Shape,
  options: RandomOptions & { readonly low?: number; readonly high?: number } = {},
): Tensor {
  const {
    dtype = 'float32',
    low = 0,
    high = 1,
  } = checkOptions('randomUniform', options, { dtype: aFloatType, low: anyNumber, high: anyNumber });
  const rounded = dtype === 'float32' ? Math.fround : (v: number) => v;
  const [from, to] = [rounded(low), rounded(high)];
  if (!(from < to) || !Number.isFinite(rounded(to - from)))
    throw new RangeError(`randomUniform: expected finite numbers low < high in ${dtype}, got ${low} and ${high}`);
  const u = uniform(key, shape, dtype);
  if (from === 0 && to === 1) return u;
  // u (to - from) + from may round up to `to`, which is not among the numbers that were asked for.
  return minimum(add(mul(u, to - from), from), below(dtype, to));
}

/**
 * The largest number below x in a float dtype: neighbouring numbers of one sign have neighbouring
 * patterns of bits.
 */
function below(dtype: DType, x: number): number {
  if (x === 0) return dtype === 'float32' ? -(2 ** -149) : -Number.MIN_VALUE;
  if (dtype === 'float32') {
    const number = Float32Array.of(x);
    new Int32Array(number.buffer)[0]! -= Math.sign(x);
    return number[0]!;
  }
  const number = Float64Array.of(x);
  new BigInt64Array(number.buffer)[0]! -= BigInt(Math.sign(x));
  return number[0]!;
}

/**
 * Standard normal numbers.
 * @example
 * randomNormal(randomKey(0), [3]); // float32[3] on cpu [-0.205842, -0.482623, -0.271092]
 */
export function randomNormal(key: Tensor, shape: Shape, options: RandomOptions = {}): Tensor {
  const { dtype = 'float32' } = checkOptions('randomNormal', options, { dtype: aFloatType });
  return normal(key, shape, dtype);
}

/**
 * 1 with probability p (1/2 by default), else 0.
 * @example
 * randomBernoulli(randomKey(1), [6], { p: 0.3 }); // float32[6] on cpu [1, 1, 0, 0, 0, 0]
 */
export function randomBernoulli(
  key: Tensor,
  shape: Shape,
  options: RandomOptions & { readonly p?: number } = {},
): Tensor {
  const { p = 0.5, dtype = 'float32' } = checkOptions('randomBernoulli', options, { p: between(0, 1), dtype: aDType });
  return cast(less(uniform(key, shape, 'float64', 'randomBernoulli'), p), dtype);
}

/**
 * The integers 0 .. n-1 in random order, int32.
 * @example
 * randomPermutation(randomKey(0), 5); // int32[5] on cpu [0, 4, 3, 1, 2]
 */
export function randomPermutation(key: Tensor, n: number): IntTensor {
  return shuffled(key, [whole('randomPermutation', 'n', n)], 'int32') as IntTensor;
}
