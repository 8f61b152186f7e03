import { cast, type DType, type Tensor } from 'bigrad';
import { f64 } from '../support/numbers.js';
import { values } from '../support/close.js';

// Vectors as lists of numbers, for what operators on them should obey.

export const dot = (x: readonly number[], y: readonly number[]): number => x.reduce((s, v, i) => s + v * y[i]!, 0);
export const minus = (x: readonly number[], y: readonly number[]): number[] => x.map((v, i) => v - y[i]!);
export const plus = (x: readonly number[], y: readonly number[], scale = 1): number[] =>
  x.map((v, i) => v + scale * y[i]!);
export const norm = (x: readonly number[]): number => Math.hypot(...x);

/** <p - q, x - y> - |p - q|^2, which is not negative for a firmly non-expansive map. */
export const firmness = (x: number[], y: number[], p: number[], q: number[]): number =>
  dot(minus(p, q), minus(x, y)) - dot(minus(p, q), minus(p, q));

/** A tensor function as one of lists, in float64 or another dtype. */
export const onLists =
  (f: (x: Tensor) => Tensor, dtype: DType = 'float64') =>
  (x: readonly number[]): number[] =>
    values(f(cast(f64([...x]), dtype)));

/** What float arithmetic of a dtype may miss in a few operations on numbers of about 1. */
export const slack = { float32: 2e-6, float64: 1e-12 } as const;
export const floats = ['float32', 'float64'] as const;
