import { kindOf, type DType } from '../core/dtype.js';
import { show, sizeOf, type Shape } from '../core/shape.js';
import { checkTensor } from '../core/op.js';
import type { Tensor } from '../core/tensor.js';
import { full, mul, randomNormal, randomUniform } from '../ops/index.js';
import { checkPositive } from './check.js';

/** Makes a parameter of a shape from a key. */
export type Initializer = (key: Tensor, shape: Shape, options?: { readonly dtype?: DType }) => Tensor;

/** Scale of an initializer. */
export interface FanOptions {
  /** Which side's width sets the scale: inputs (default) or outputs per unit. */
  readonly fan?: 'in' | 'out';
  /** sqrt(2) by default: what relu needs. */
  readonly gain?: number;
}

function checkOptions(who: string, gain: number, fan: unknown = 'in'): void {
  checkPositive(who, 'gain', gain);
  if (fan !== 'in' && fan !== 'out') throw new RangeError(`${who}: expected fan 'in' or 'out', got ${kindOf(fan)}`);
}

/** Inputs and outputs per unit of a weight [out, in, ...window]. */
function fans(who: string, shape: Shape): { in: number; out: number } {
  if (shape.length < 2)
    throw new RangeError(`${who}: expected a weight of rank 2 or more, [out, in, ...window], got ${show(shape)}`);
  const window = sizeOf(shape.slice(2));
  return { in: shape[1]! * window, out: shape[0]! * window };
}

/** Normal with standard deviation gain / sqrt(fan) (He et al. 2015). */
export function kaimingNormal({ fan = 'in', gain = Math.SQRT2 }: FanOptions = {}): Initializer {
  checkOptions('kaimingNormal', gain, fan);
  return (key, shape, options) =>
    mul(randomNormal(key, shape, options), gain / Math.sqrt(fans('kaimingNormal', shape)[fan]));
}

/** Uniform in +-gain sqrt(3 / fan) (He et al. 2015). */
export function kaimingUniform({ fan = 'in', gain = Math.SQRT2 }: FanOptions = {}): Initializer {
  checkOptions('kaimingUniform', gain, fan);
  return (key, shape, options) =>
    uniform(key, shape, gain * Math.sqrt(3 / fans('kaimingUniform', shape)[fan]), options);
}

/** Normal with variance 2 gain^2 / (in + out) (Glorot and Bengio 2010). */
export function xavierNormal({ gain = 1 }: Pick<FanOptions, 'gain'> = {}): Initializer {
  checkOptions('xavierNormal', gain);
  return (key, shape, options) => {
    const f = fans('xavierNormal', shape);
    return mul(randomNormal(key, shape, options), gain * Math.sqrt(2 / (f.in + f.out)));
  };
}

/** Uniform in +-gain sqrt(6 / (in + out)) (Glorot and Bengio 2010). */
export function xavierUniform({ gain = 1 }: Pick<FanOptions, 'gain'> = {}): Initializer {
  checkOptions('xavierUniform', gain);
  return (key, shape, options) => {
    const f = fans('xavierUniform', shape);
    return uniform(key, shape, gain * Math.sqrt(6 / (f.in + f.out)), options);
  };
}

/** One value everywhere. */
export function constantInit(value: number): Initializer {
  if (!Number.isFinite(value)) throw new RangeError(`constantInit: expected a finite number, got ${kindOf(value)}`);
  return (key, shape, { dtype } = {}) => full(checkTensor('constantInit', key).device, shape, value, dtype);
}

/** Uniform in +-limit. */
export const uniform = (key: Tensor, shape: Shape, limit: number, options: { readonly dtype?: DType } = {}): Tensor =>
  randomUniform(key, shape, { ...options, low: -limit, high: limit });
