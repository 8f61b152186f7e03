import { defineMultiOp, sameFloat } from '../core/op.js';
import { sameShape } from '../core/shape.js';
import type { BatchCall, Tensor } from '../core/tensor.js';
import { sumKept } from './broadcast.js';
import { like } from './create.js';
import { add, div, equal, mul, neg, sqrt, sub, where } from './elementwise.js';
import { reshape } from './movement.js';
import { safeRoot } from './safe-root.js';
import { show } from '../core/words.js';

/** Constants of Adam. */
export interface AdamAttrs {
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  readonly epsRoot: number;
}
type Inputs = readonly [p: Tensor, g: Tensor, m: Tensor, v: Tensor, rate: Tensor, c1: Tensor, c2: Tensor];

/**
 * What the rules share: dp/dm of the update, dp/dv, and the direction m^ / (root + eps), with m^ =
 * m / c1. A root of 0 was 0 for all gradients so far; then m is 0 too, and so is dp/dv.
 */
function slopes([, , , , rate, c1, c2]: Inputs, [, m, v]: readonly Tensor[], { eps, epsRoot }: AdamAttrs) {
  const radicand = add(div(v!, c2), epsRoot);
  const none = equal(radicand, 0);
  const root = safeRoot(radicand);
  const below = add(root, eps);
  const direction = div(div(m!, c1), below);
  return {
    direction,
    inM: neg(div(rate, mul(c1, below))),
    inV: where(none, 0, div(mul(rate, direction), mul(mul(below, 2), mul(where(none, 1, root), c2)))),
  };
}

/** Cotangents of the new m and v: their own, and what comes through the new p. */
function through(gs: readonly (Tensor | null)[], ins: Inputs, attrs: AdamAttrs, outs: readonly Tensor[]) {
  const [gp, gm, gv] = gs;
  const { inM, inV } = gp ? slopes(ins, outs, attrs) : {};
  const both = (own: Tensor | null | undefined, slope: Tensor | undefined): Tensor => {
    const part = gp && slope ? mul(gp, slope) : undefined;
    return own && part ? add(own, part) : (own ?? part ?? like(ins[0], 0, ins[0].shape));
  };
  return { gm: both(gm, inM), gv: both(gv, inV) };
}

/** <gp, slope>, the cotangent of a scalar; 0 where the new p has none. */
const scalar = (gp: Tensor | null | undefined, slope: () => Tensor, at: Tensor): Tensor => {
  if (!gp) return like(at, 0, []);
  const product = mul(gp, slope());
  return reshape(sumKept(product, [...product.shape.keys()]), []);
};

/**
 * A rule for `vmap`: elements of all examples are elements of one step, unless the scalars differ
 * from example to example.
 */
function stepOfAll({ ins, batched, attrs, all, run }: BatchCall<Inputs, AdamAttrs>): readonly Tensor[] {
  const whole = all();
  if (!batched.slice(4).includes(true)) return run([...whole.slice(0, 4), ...ins.slice(4)], attrs);
  const [p, g, m, v] = whole;
  const [rate, c1, c2] = whole.slice(4).map((x) => reshape(x, [x.shape[0]!, ...p.shape.slice(1).map(() => 1)]));
  const mean = add(mul(m, attrs.beta1), mul(g, 1 - attrs.beta1));
  const square = add(mul(v, attrs.beta2), mul(mul(g, g), 1 - attrs.beta2));
  const root = sqrt(add(div(square, c2!), attrs.epsRoot));
  return [sub(p, mul(div(div(mean, c1!), add(root, attrs.eps)), rate!)), mean, square];
}

const op = defineMultiOp<Inputs, AdamAttrs>({
  name: 'adamStep',
  infer: ([p, g, m, v, ...scalars]) => {
    const dtype = sameFloat(
      'adamStep',
      [p, g, m, v, ...scalars].map((x) => x.dtype),
    );
    for (const { shape } of [g, m, v])
      if (!sameShape(shape, p.shape))
        throw new RangeError(`adamStep: expected g, m and v of shape ${show(p.shape)}, got ${show(shape)}`);
    for (const { shape } of scalars)
      if (shape.length > 0) throw new RangeError(`adamStep: expected scalars, got shape ${show(shape)}`);
    const out = { shape: p.shape, dtype };
    return [out, out, out];
  },
  ref: ([p1, m1, v1], [p, g, m, v, rate, c1, c2], { beta1, beta2, eps, epsRoot }) => {
    for (let i = 0; i < p.data.length; i++) {
      const mean = m.data[i]! * beta1 + g.data[i]! * (1 - beta1);
      const square = v.data[i]! * beta2 + g.data[i]! ** 2 * (1 - beta2);
      const root = Math.sqrt(square / c2.data[0]! + epsRoot);
      p1!.data[i] = p.data[i]! - (mean / c1.data[0]! / (root + eps)) * rate.data[0]!;
      m1!.data[i] = mean;
      v1!.data[i] = square;
    }
  },
  batch: stepOfAll,
  vjp: [
    ([gp], ins) => gp ?? like(ins[0], 0, ins[0].shape),
    (gs, ins, attrs, outs) => {
      const { gm, gv } = through(gs, ins, attrs, outs);
      return add(mul(gm, 1 - attrs.beta1), mul(gv, mul(ins[1], 2 * (1 - attrs.beta2))));
    },
    (gs, ins, attrs, outs) => mul(through(gs, ins, attrs, outs).gm, attrs.beta1),
    (gs, ins, attrs, outs) => mul(through(gs, ins, attrs, outs).gv, attrs.beta2),
    ([gp], ins, attrs, outs) => scalar(gp, () => neg(slopes(ins, outs, attrs).direction), ins[4]),
    ([gp], ins, attrs, outs) => scalar(gp, () => div(mul(slopes(ins, outs, attrs).direction, ins[4]), ins[5]), ins[5]),
    ([gp], ins, attrs, outs) => scalar(gp, () => neg(div(mul(slopes(ins, outs, attrs).inV, outs[2]!), ins[6])), ins[6]),
  ],
});

/**
 * One step of Adam in one pass: m' = beta1 m + (1 - beta1) g, v' = beta2 v + (1 - beta2) g^2, p' =
 * p - rate (m' / c1) / (sqrt(v' / c2 + epsRoot) + eps), for p, g, m, v of one shape and scalars
 * rate, c1, c2. Throws a RangeError where shapes differ.
 */
export const adamStep = (ins: Inputs, attrs: AdamAttrs): readonly [p: Tensor, m: Tensor, v: Tensor] =>
  op(ins, attrs) as [Tensor, Tensor, Tensor];
