import { positive } from '../core/check.js';
import { checkFloat, defineOp, sameDType, sameFloat, type Op, type Three, type Two } from '../core/op.js';
import { Tensor } from '../core/tensor.js';
import { broadcast } from './define-elementwise.js';
import { div, mul, neg, sub } from './elementwise.js';

/**
 * m^2 / (m^2 + eps) as 1 / (1 + (s/m)^2) with s = sqrt(eps), which does not overflow; 0 at m = 0
 * whatever eps.
 */
const value = (m: number, eps: number): number => {
  if (m === 0) return 0;
  const ratio = Math.sqrt(eps) / m;
  return 1 / (1 + ratio * ratio);
};

/**
 * 2 m eps / (m^2 + eps)^2 as (2/s) q r with a = m/s, q = 1/(1 + a^2), r = a/(1 + a^2) = 1/(1/a +
 * a); 0 at m = 0 whatever eps, and for eps = 0.
 */
const slope = (m: number, eps: number): number => {
  if (m === 0 || eps === 0) return 0;
  const s = Math.sqrt(eps);
  const a = m / s;
  return (2 / s / (1 + a * a)) * (1 / (1 / a + a));
};

const gateOp: Op<Two, null> = defineOp<Two, null>({
  name: 'gate',
  shape: ([m]) => m,
  dtype: (dtypes) => sameFloat('gate', dtypes),
  scalar: value,
  ref: (out, [m, eps]) => {
    for (let i = 0; i < out.data.length; i++) out.data[i] = value(m.data[i]!, eps.data[i]!);
  },
  vjp: [
    (g, [m, eps]) => gateGrad([g, m, eps], null),
    // -m^2 / (m^2 + eps)^2, from the slope in m: 1 - y would cancel where y is near 1
    (g, [m, eps]) => neg(div(mul(gateGrad([g, m, eps], null), m), mul(eps, 2))),
  ],
});

/**
 * g times the gate's slope in m. With y the gate and q = 1 - y its slope is (2/eps) q^2 (1 - 4 y),
 * and dslope/deps = slope (2 y - 1)/eps.
 */
const gateGrad: Op<Three, null> = defineOp<Three, null>({
  name: 'gateGrad',
  shape: ([g]) => g,
  scalar: (g, m, eps) => g * slope(m, eps),
  ref: (out, [g, m, eps]) => {
    for (let i = 0; i < out.data.length; i++) out.data[i] = g.data[i]! * slope(m.data[i]!, eps.data[i]!);
  },
  vjp: [
    (h, [, m, eps]) => gateGrad([h, m, eps], null),
    (h, [g, m, eps]) => {
      const y = gateOp([m, eps], null);
      const q = sub(1, y);
      return mul(mul(h, g), mul(q, div(mul(q, sub(2, mul(y, 8))), eps))); // q before 1/eps, which may overflow
    },
    (h, [, m, eps], _, out) => mul(h, div(mul(out, sub(mul(gateOp([m, eps], null), 2), 1)), eps)),
  ],
});

/**
 * The smoothed l0 gate g(m) = m^2 / (m^2 + eps) of Bi-RPT: even, 0 at 0, 1/2 at sqrt(eps), towards
 * 1 for large |m|. `eps` is a positive number in m's dtype, or a tensor that broadcasts with m.
 * g'(0) = 0: a mask that has reached 0 gets no gradient again.
 * @param m masks, of any shape
 * @param eps the square of the mask that is half open
 * @example
 * gate(tensor([0, 0.1, 1]), 0.01); // float32[3] on cpu [0, 0.5, 0.990099]
 */
export const gate = (m: Tensor, eps: Tensor | number): Tensor => gateOf('gate', m, eps);

/** `gate` that names `who` in its errors. */
export function gateOf(who: string, m: Tensor, eps: Tensor | number): Tensor {
  checkFloat(who, m);
  if (!(eps instanceof Tensor)) {
    positive(who, 'eps', eps);
    if (m.dtype === 'float32' && Math.fround(eps) === 0)
      throw new RangeError(`${who}: expected eps above 0 in float32, got ${eps}`);
  } else sameDType(who, [m.dtype, eps.dtype]);
  return gateOp(broadcast(who, [m, eps]), null);
}
