import type { Tensor } from 'bigrad';
import { f64 } from '../support/numbers.js';

/** Parameters of three elements in all. */
export interface Params {
  a: Tensor;
  b: Tensor;
}
export const params: Params = { a: f64([0.5, -1.5]), b: f64([[2]]) };

/** Their gradients at step i: of either sign, and 0 now and then. */
export const gradients = (i: number): Params => ({
  a: f64([Math.sin(i), 2 * Math.cos(3 * i)]),
  b: f64([[i % 7 === 0 ? 0 : Math.sin(i * i)]]),
});
