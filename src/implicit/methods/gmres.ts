import type { Tensor } from '../../core/tensor.js';
import { add, cast, greater, mul, onesLike, sqrt, sub, where, zerosLike } from '../../ops/index.js';
import { peek } from '../solution.js';
import { inner, noSteps, ratio, type Method } from './method.js';

/**
 * The least residual over the Krylov space, for any matrix that has an inverse (Saad and Schultz
 * 1986), in the form of Walker and Zhou (1994): the images q = A s of the directions s are kept
 * orthonormal, so each step is a projection, and its residual is there. The preconditioner stands
 * on the right.
 */
export const gmres: Method = ({ apply, precondition, goesOn }, b, most) => {
  let [dx, r, steps] = [zerosLike(b), b, noSteps(b)];
  const basis: { readonly s: Tensor; readonly q: Tensor }[] = [];
  const smallest = b.dtype === 'float64' ? 1e-13 : 1e-5;
  for (let k = 0; k < most; k++) {
    const on = goesOn(inner(r, r));
    if (peek(on) === 0) break;
    let s = precondition(basis.at(-1)?.q ?? b);
    let q = apply(s);
    steps = add(steps, cast(on, 'int32'));
    const length = sqrt(inner(q, q));
    for (const before of basis) {
      const h = inner(before.q, q);
      [q, s] = [sub(q, mul(before.q, h)), sub(s, mul(before.s, h))];
    }
    const rest = sqrt(inner(q, q));
    // What is left is rounding: the space holds the solution, or nothing more can be reached.
    const isNew = greater(rest, mul(length, smallest));
    if (peek(isNew) === 0) break;
    const scale = where(isNew, ratio(onesLike(rest), rest), 0);
    [q, s] = [mul(q, scale), mul(s, scale)];
    basis.push({ s, q });
    const alpha = where(on, inner(r, q), 0);
    [dx, r] = [add(dx, mul(s, alpha)), sub(r, mul(q, alpha))];
  }
  return { dx, steps };
};
