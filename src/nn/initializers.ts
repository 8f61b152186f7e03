import { kindOf, type DType } from '../core/dtype.js';
import { checkOptions } from '../core/options.js';
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

/** Gain and fan of an initializer that knows these options, checked. */
function scaleOf(who: string, options: FanOptions, names: readonly (keyof FanOptions)[], usual: number) {
  const { fan = 'in', gain = usual } = checkOptions(who, options, names);
  checkPositive(who, 'gain', gain);
  if (!['in', 'out'].includes(fan)) throw new RangeError(`${who}: expected fan 'in' or 'out', got ${kindOf(fan)}`);
  return { fan, gain };
}

/** Inputs and outputs per unit of a weight [out, in, ...window]. */
function fans(who: string, shape: Shape): { in: number; out: number } {
  if (shape.length < 2)
    throw new RangeError(`${who}: expected a weight of rank 2 or more, [out, in, ...window], got ${show(shape)}`);
  const window = sizeOf(shape.slice(2));
  return { in: shape[1]! * window, out: shape[0]! * window };
}

/** Normal with standard deviation gain / sqrt(fan) (He et al. 2015). */
export function kaimingNormal(options: FanOptions = {}): Initializer {
  const { fan, gain } = scaleOf('kaimingNormal', options, ['fan', 'gain'], Math.SQRT2);
  return (key, shape, init) => mul(randomNormal(key, shape, init), gain / Math.sqrt(fans('kaimingNormal', shape)[fan]));
}

/** Uniform in +-gain sqrt(3 / fan) (He et al. 2015). */
export function kaimingUniform(options: FanOptions = {}): Initializer {
  const { fan, gain } = scaleOf('kaimingUniform', options, ['fan', 'gain'], Math.SQRT2);
  return (key, shape, init) => uniform(key, shape, gain * Math.sqrt(3 / fans('kaimingUniform', shape)[fan]), init);
}

/** Normal with variance 2 gain^2 / (in + out) (Glorot and Bengio 2010). */
export function xavierNormal(options: Pick<FanOptions, 'gain'> = {}): Initializer {
  const { gain } = scaleOf('xavierNormal', options, ['gain'], 1);
  return (key, shape, init) => {
    const f = fans('xavierNormal', shape);
    return mul(randomNormal(key, shape, init), gain * Math.sqrt(2 / (f.in + f.out)));
  };
}

/** Uniform in +-gain sqrt(6 / (in + out)) (Glorot and Bengio 2010). */
export function xavierUniform(options: Pick<FanOptions, 'gain'> = {}): Initializer {
  const { gain } = scaleOf('xavierUniform', options, ['gain'], 1);
  return (key, shape, init) => {
    const f = fans('xavierUniform', shape);
    return uniform(key, shape, gain * Math.sqrt(6 / (f.in + f.out)), init);
  };
}

/** One value everywhere. */
export function constantInit(value: number): Initializer {
  if (!Number.isFinite(value)) throw new RangeError(`constantInit: expected a finite number, got ${kindOf(value)}`);
  return (key, shape, { dtype } = {}) =>
    full(checkTensor('constantInit', key).device, shape, value, dtype, 'constantInit');
}

/** Uniform in +-limit. */
export const uniform = (key: Tensor, shape: Shape, limit: number, options: { readonly dtype?: DType } = {}): Tensor =>
  randomUniform(key, shape, { ...options, low: -limit, high: limit });
