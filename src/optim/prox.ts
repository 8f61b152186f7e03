import { Tensor } from '../core/tensor.js';
import { abs, greater, mul, relu, sign, sub, where } from '../ops/index.js';

/** Checks a threshold: a tensor, or a number of at least 0. */
function checkThreshold(who: string, t: Tensor | number): void {
  if (!(t instanceof Tensor) && !(t >= 0)) throw new RangeError(`${who}: expected a threshold of at least 0, got ${t}`);
}

/** The proximal operator of t |x|: sign(x) max(|x| - t, 0). */
export function softThreshold(x: Tensor, t: Tensor | number): Tensor {
  checkThreshold('softThreshold', t);
  return mul(sign(x), relu(sub(abs(x), t)));
}

/** x where |x| > t, else 0: the proximal operator of lambda |x|_0 with t = sqrt(2 lambda). */
export function hardThreshold(x: Tensor, t: Tensor | number): Tensor {
  checkThreshold('hardThreshold', t);
  return where(greater(abs(x), t), x, 0);
}
