import { add, cast, mul, sub, where, zerosLike } from '../../ops/index.js';
import { peek } from '../solution.js';
import { inner, noSteps, ratio, type Method } from './method.js';

/**
 * Conjugate gradients (Hestenes and Stiefel 1952), for matrices that are symmetric and positive
 * definite. The preconditioner must be so too.
 */
export const cg: Method = ({ apply, precondition, goesOn }, b, most) => {
  let [dx, r, steps] = [zerosLike(b), b, noSteps(b)];
  let z = precondition(r);
  let [p, rz] = [z, inner(r, z)];
  for (let k = 0; k < most; k++) {
    const on = goesOn(inner(r, r));
    if (peek(on) === 0) break;
    const q = apply(p);
    steps = add(steps, cast(on, 'int32'));
    const curvature = inner(p, q);
    if ((peek(curvature) ?? 1) <= 0)
      return { dx, steps, trouble: "method 'cg' needs a positive definite matrix, but v'Av <= 0 for one v" };
    const alpha = where(on, ratio(rz, curvature), 0);
    [dx, r] = [add(dx, mul(p, alpha)), sub(r, mul(q, alpha))];
    z = precondition(r);
    const next = inner(r, z);
    p = add(z, mul(p, ratio(next, rz)));
    rz = next;
  }
  return { dx, steps };
};
