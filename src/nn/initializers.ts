import { type DType } from '../core/dtype.js';
import { show } from '../core/words.js';
import { finite, oneOf, positive } from '../core/check.js';
import { checkOptions } from '../core/options.js';
import { checkShape, sizeOf, type Shape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { checkKey, full, mul, randomNormal, randomUniform } from '../ops/index.js';
import { initChecks } from './layer.js';

/** Makes a parameter of a shape from a key. */
export type Initializer = (key: Tensor, shape: Shape, options?: { readonly dtype?: DType }) => Tensor;

/** Scale of an initializer. */
export interface FanOptions {
  /** Whether the inputs (default) or the outputs per unit set the scale. */
  readonly fan?: 'in' | 'out';
  /** sqrt(2) by default, as relu needs. */
  readonly gain?: number;
}

const fanChecks = { fan: oneOf('in', 'out'), gain: positive };

/**
 * An initializer: `draw` makes the parameter, once the arguments are known to be right, from
 * [inputs, outputs] per unit.
 */
const initializer =
  (
    who: string,
    draw: (key: Tensor, shape: Shape, fans: { in: number; out: number }, options: { dtype?: DType }) => Tensor,
  ): Initializer =>
  (key, shape, options = {}) => {
    const own = checkShape(who, shape);
    const { dtype } = checkOptions(who, options, initChecks);
    const { device } = checkKey(who, key);
    const fan = fans(who, own);
    // Without elements there may be no fan to divide by.
    return sizeOf(own) === 0 ? full(device, own, 0, dtype) : draw(key, own, fan, { dtype });
  };

/** Inputs and outputs per unit of a weight [out, in, ...window]. */
function fans(who: string, shape: Shape): { in: number; out: number } {
  if (shape.length < 2)
    throw new RangeError(`${who}: expected a weight of rank 2 or more, [out, in, ...window], got ${show(shape)}`);
  const window = sizeOf(shape.slice(2));
  return { in: shape[1]! * window, out: shape[0]! * window };
}

/**
 * Normal with standard deviation gain / sqrt(fan) (He et al. 2015).
 * @example
 * standardDeviation(kaimingNormal({ gain: 1 })(randomKey(0), [100, 100]));
 * // float32[] on cpu 0.100109
 */
export function kaimingNormal(options: FanOptions = {}): Initializer {
  const { fan = 'in', gain = Math.SQRT2 } = checkOptions('kaimingNormal', options, fanChecks);
  return initializer('kaimingNormal', (key, shape, fans, init) =>
    mul(randomNormal(key, shape, init), gain / Math.sqrt(fans[fan])),
  );
}

/**
 * Uniform in +-gain sqrt(3 / fan) (He et al. 2015).
 * @example
 * const w = kaimingUniform()(randomKey(0), [100, 24]); // in +-sqrt(2) sqrt(3 / 24) = +-0.5
 * lessEqual(max(abs(w)), 0.5); // float32[] on cpu 1
 */
export function kaimingUniform(options: FanOptions = {}): Initializer {
  const { fan = 'in', gain = Math.SQRT2 } = checkOptions('kaimingUniform', options, fanChecks);
  return initializer('kaimingUniform', (key, shape, fans, init) =>
    uniform(key, shape, gain * Math.sqrt(3 / fans[fan]), init),
  );
}

/**
 * Normal with variance 2 gain^2 / (in + out) (Glorot and Bengio 2010).
 * @example
 * standardDeviation(xavierNormal()(randomKey(0), [100, 100])); // float32[] on cpu 0.100109
 */
export function xavierNormal(options: Pick<FanOptions, 'gain'> = {}): Initializer {
  const { gain = 1 } = checkOptions('xavierNormal', options, { gain: positive });
  return initializer('xavierNormal', (key, shape, fans, init) =>
    mul(randomNormal(key, shape, init), gain * Math.sqrt(2 / (fans.in + fans.out))),
  );
}

/**
 * Uniform in +-gain sqrt(6 / (in + out)) (Glorot and Bengio 2010).
 * @example
 * const w = xavierUniform()(randomKey(0), [12, 12]); // in +-sqrt(6 / 24) = +-0.5
 * lessEqual(max(abs(w)), 0.5); // float32[] on cpu 1
 */
export function xavierUniform(options: Pick<FanOptions, 'gain'> = {}): Initializer {
  const { gain = 1 } = checkOptions('xavierUniform', options, { gain: positive });
  return initializer('xavierUniform', (key, shape, fans, init) =>
    uniform(key, shape, gain * Math.sqrt(6 / (fans.in + fans.out)), init),
  );
}

/**
 * One value everywhere.
 * @example
 * constantInit(0.1)(randomKey(0), [2]); // float32[2] on cpu [0.1, 0.1]
 */
export function constantInit(value: number): Initializer {
  finite('constantInit', 'value', value);
  return (key, shape, options = {}) => {
    const { dtype } = checkOptions('constantInit', options, initChecks);
    return full(checkKey('constantInit', key).device, shape, value, dtype, 'constantInit');
  };
}

/** Uniform in +-limit. */
export const uniform = (key: Tensor, shape: Shape, limit: number, options: { readonly dtype?: DType } = {}): Tensor =>
  randomUniform(key, shape, { ...options, low: -limit, high: limit });
