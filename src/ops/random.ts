import { checkDType, type DType } from '../core/dtype.js';
import { checkTensor, defineOp, type One } from '../core/op.js';
import { checkOptions } from '../core/options.js';
import { normalQuantile, randomWords, uniform24, uniform53 } from '../core/random.js';
import { checkShape, show, type Shape } from '../core/shape.js';
import type { Backend, Dense, Tensor } from '../core/tensor.js';
import { fromTypedArray } from './create.js';
import { cast, reshape, slice } from './movement.js';
import { add, less, mul } from './elementwise.js';

// Every function takes its key and is pure: the same key gives the same numbers, on every machine. Use a key once and split it for more.

/** As what random numbers are made. */
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
  return (key: Tensor, shape: Shape, dtype: DType): Tensor =>
    op([checkKey(name, key)], { shape: checkShape(name, shape), dtype: checkDType(name, dtype) });
};

function checkKey(who: string, key: Tensor): Tensor {
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
/** Fisher and Yates' shuffle; each position draws from 53 bits, a bias below 2^-20 for any length that fits in memory. */
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

function floatType(who: string, dtype: DType): DType {
  if (checkDType(who, dtype) === 'int32') throw new TypeError(`${who}: expected float32 or float64, got int32`);
  return dtype;
}

/** A key from an integer seed of up to 53 bits: an int32 tensor [2], its high and low words. */
export function randomKey(device: Backend, seed: number): Tensor {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`randomKey: expected a safe integer, got ${seed}`);
  return fromTypedArray(device, Int32Array.of(Math.floor(seed / 2 ** 32), seed | 0), [2]);
}

/** `n` independent keys from one, which should not be used again. */
export function splitKey(key: Tensor, n = 2): Tensor[] {
  if (!Number.isInteger(n) || n < 1) throw new RangeError(`splitKey: expected a positive count, got ${n}`);
  const words = bits(checkKey('splitKey', key), [2 * n], 'int32');
  return Array.from({ length: n }, (_, i) => reshape(slice(words, [2 * i], [2]), [2]));
}

/** Uniform numbers in [0, 1), or in `low` .. `high`. */
export function randomUniform(
  key: Tensor,
  shape: Shape,
  options: RandomOptions & { readonly low?: number; readonly high?: number } = {},
): Tensor {
  const { dtype = 'float32', low = 0, high = 1 } = checkOptions('randomUniform', options, ['dtype', 'low', 'high']);
  if (!(low < high) || !Number.isFinite(high - low))
    throw new RangeError(`randomUniform: expected finite numbers low < high, got ${low} and ${high}`);
  const u = uniform(key, shape, floatType('randomUniform', dtype));
  return low === 0 && high === 1 ? u : add(mul(u, high - low), low);
}

/** Standard normal numbers. */
export function randomNormal(key: Tensor, shape: Shape, options: RandomOptions = {}): Tensor {
  const { dtype = 'float32' } = checkOptions('randomNormal', options, ['dtype']);
  return normal(key, shape, floatType('randomNormal', dtype));
}

/** 1 with probability p (1/2 by default), else 0. */
export function randomBernoulli(
  key: Tensor,
  shape: Shape,
  options: RandomOptions & { readonly p?: number } = {},
): Tensor {
  const { p = 0.5, dtype = 'float32' } = checkOptions('randomBernoulli', options, ['p', 'dtype']);
  if (!(p >= 0 && p <= 1)) throw new RangeError(`randomBernoulli: expected p from 0 to 1, got ${p}`);
  return cast(
    less(uniform(checkKey('randomBernoulli', key), checkShape('randomBernoulli', shape), 'float64'), p),
    checkDType('randomBernoulli', dtype),
  );
}

/** The integers 0 .. n-1 in random order, int32. */
export function randomPermutation(key: Tensor, n: number): Tensor {
  if (!Number.isInteger(n) || n < 0)
    throw new RangeError(`randomPermutation: expected a non-negative integer, got ${n}`);
  return shuffled(key, [n], 'int32');
}
