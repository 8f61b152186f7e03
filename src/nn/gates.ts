import { finite, numberThat, positive } from '../core/check.js';
import { checkFloat } from '../core/op.js';
import { checkOptions } from '../core/options.js';
import { Tensor } from '../core/tensor.js';
import {
  abs,
  add,
  checkKey,
  clamp,
  div,
  gateOf,
  greater,
  log,
  mul,
  randomUniform,
  sigmoid,
  stopGradient,
  sub,
} from '../ops/index.js';

/** Turns a mask into the factor of its parameter; random gates take a key. */
export type Gate = (mask: Tensor, key?: Tensor) => Tensor;

/**
 * m^2 / (m^2 + eps): exactly 0 only at m = 0, towards 1 for large |m|. eps may be a tensor, so that
 * it can decay inside a compiled step.
 * @param eps the square of the mask that is half open
 * @example
 * smoothL0(0.01)(tensor([0, 0.1, 1])); // float32[3] on cpu [0, 0.5, 0.990099]
 */
export function smoothL0(eps: Tensor | number): Gate {
  if (eps instanceof Tensor) checkFloat('smoothL0', eps);
  else positive('smoothL0', 'eps', eps);
  return (mask) => gateOf('smoothL0', mask, eps);
}

/**
 * sigmoid(m / temperature).
 * @example
 * sigmoidGate(0.5)(tensor([-1, 0, 1])); // float32[3] on cpu [0.119203, 0.5, 0.880797]
 */
export function sigmoidGate(temperature = 1): Gate {
  positive('sigmoidGate', 'temperature', temperature);
  return (mask) => sigmoid(div(checkFloat('sigmoidGate', mask), temperature));
}

/** Shape of the hard concrete distribution: temperature 2/3, low -0.1 and high 1.1 by default. */
export interface HardConcreteOptions {
  readonly temperature?: number;
  /** The interval over which the concrete distribution is stretched before it is cut to 0 .. 1. */
  readonly low?: number;
  readonly high?: number;
}

/**
 * The hard concrete gate (Louizos, Welling and Kingma 2018) of log-odds m: s = sigmoid((log u -
 * log(1 - u) + m) / temperature) with u uniform, then s (high - low) + low, cut to 0 .. 1. Without
 * a key it is the deterministic gate of test time, from sigmoid(m).
 * @example
 * hardConcrete()(tensor([-5, 0, 5])); // float32[3] on cpu [0, 0.5, 1]
 */
export function hardConcrete(options: HardConcreteOptions = {}): Gate {
  const {
    temperature = 2 / 3,
    low = -0.1,
    high = 1.1,
  } = checkOptions('hardConcrete', options, { temperature: positive, low: finite, high: finite });
  if (!(low < 0 && high > 1))
    throw new RangeError(`hardConcrete: expected low < 0 and high > 1, got ${low} and ${high}`);
  return (mask, key) => {
    checkFloat('hardConcrete', mask);
    if (key !== undefined) checkKey('hardConcrete', key);
    const u = key && randomUniform(key, mask.shape, { dtype: mask.dtype });
    const s = u ? sigmoid(div(add(mask, sub(log(u), log(sub(1, u)))), temperature)) : sigmoid(mask);
    return clamp(add(mul(s, high - low), low), 0, 1);
  };
}

/**
 * 1 where |m| > threshold, else 0, with the derivative of m itself (straight through, Bengio et al.
 * 2013).
 * @example
 * straightThrough(0.5)(tensor([0.2, 0.9])); // float32[2] on cpu [0, 1]
 */
export function straightThrough(threshold = 0): Gate {
  numberThat('of at least 0', (v) => v >= 0)('straightThrough', 'a threshold', threshold);
  return (mask) => add(greater(abs(checkFloat('straightThrough', mask)), threshold), sub(mask, stopGradient(mask)));
}
