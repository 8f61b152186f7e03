import { Tensor } from '../core/tensor.js';
import { div, gate, sigmoid } from '../ops/index.js';

/** Turns a mask into the factor of its parameter; random gates take a key. */
export type Gate = (mask: Tensor, key?: Tensor) => Tensor;

/** m^2 / (m^2 + eps): exactly 0 only at m = 0, towards 1 for large |m|. eps may be a tensor, so that it can decay inside a compiled step. */
export function smoothL0(eps: Tensor | number): Gate {
  if (!(eps instanceof Tensor) && !(eps > 0)) throw new RangeError(`smoothL0: expected eps above 0, got ${eps}`);
  return (mask) => gate(mask, eps);
}

/** sigmoid(m / temperature). */
export function sigmoidGate(temperature = 1): Gate {
  if (!(temperature > 0)) throw new RangeError(`sigmoidGate: expected a temperature above 0, got ${temperature}`);
  return (mask) => sigmoid(div(mask, temperature));
}
