import type { Tensor } from '../core/tensor.js';

/** A place that a search has seen. */
export interface Point {
  readonly x: Tensor;
  /** f(x). */
  readonly value: number;
  readonly gradient: Tensor;
  /** The Euclidean norm of the gradient. */
  readonly size: number;
}

/** True where both the value and the gradient are numbers. */
export const isFinitePoint = ({ value, size }: Point): boolean => Number.isFinite(value) && Number.isFinite(size);

/** A RangeError where a search cannot begin. */
export function checkStart(who: string, name: string, { value, size }: Point): void {
  if (!Number.isFinite(value)) throw new RangeError(`${who}: expected ${name} to be finite at x0, got ${value}`);
  if (!Number.isFinite(size)) throw new RangeError(`${who}: expected a finite gradient at x0, got one of norm ${size}`);
}

/** The distance between 1 and the next number of a dtype. */
export const epsilonOf = ({ dtype }: Tensor): number => (dtype === 'float64' ? 2 ** -52 : 2 ** -23);

/** Differences of values up to this are rounding. */
export const noiseAt = ({ x, value }: Pick<Point, 'x' | 'value'>): number => 10 * epsilonOf(x) * Math.abs(value);
