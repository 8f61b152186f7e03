import type { Tensor } from '../../core/tensor.js';
import { add, cast, mul, sub, where, zerosLike } from '../../ops/index.js';
import { peek } from '../solution.js';
import { inner, noSteps, type Method } from './method.js';

/** How many times a residual may become larger than at first. */
const MOST_GROWTH = 1e3;

/**
 * The Neumann series: x = sum over k of (I - c A)^k c b, with the number c of the option `scale`.
 * It converges where all eigenvalues of I - c A are inside the unit circle.
 */
export const neumann =
  (scale: Tensor | number): Method =>
  ({ apply, precondition, goesOn }, b, most) => {
    let [dx, r, steps] = [zerosLike(b), b, noSteps(b)];
    const limit = (peek(inner(b, b)) ?? 0) * MOST_GROWTH ** 2;
    for (let k = 0; k < most; k++) {
      const squares = inner(r, r);
      const on = goesOn(squares);
      if (peek(on) === 0) break;
      if ((peek(squares) ?? 0) > limit)
        return {
          dx,
          steps,
          trouble: "the series of method 'neumann' grows: choose a smaller scale, or another method",
        };
      const s = mul(precondition(r), scale);
      const q = apply(s);
      steps = add(steps, cast(on, 'int32'));
      [dx, r] = [where(on, add(dx, s), dx), where(on, sub(r, q), r)];
    }
    return { dx, steps };
  };
