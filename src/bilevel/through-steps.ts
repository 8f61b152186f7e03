import type { Tensor } from '../core/tensor.js';
import { leavesOf, mapFor, type Gradient } from '../core/tree.js';
import { add, dot, mul, neg, sub } from '../ops/index.js';
import { gradientWherePresent, valueAndGradient } from '../transforms/differentiate.js';
import type { State, Taken } from './lower-level.js';
import { descend } from './rule.js';

/** Cotangents of a state of the lower level; what is absent is 0. */
export interface Cotangents {
  readonly theta: unknown;
  readonly ms: unknown;
  readonly carried: unknown;
}

/**
 * The gradient in the first masks, from the cotangents of the last state, back through the steps
 * that were kept. The update of the weights gives the cotangents of what it takes, the gradient g
 * of the lower loss among them. One gradient of the number <g, its cotangent> + <aux, its
 * cotangent> gives the rest. With `summed`, this number is taken not to depend on theta.
 */
export function throughSteps<T, S, B, A>(
  who: string,
  kept: readonly Taken<T, S, B, A>[],
  top: Cotangents,
  summed: boolean,
): Gradient<S> {
  let [{ theta: a, ms: h, carried: c }, o] = [top, undefined as unknown];
  for (let t = kept.length - 1; t >= 0; t--) {
    const { step, at, optimizer, g, begins } = kept[t]!;
    const back = step.rule.back({ theta: at.theta, state: optimizer }, g, { theta: a, state: o });
    // Steps descend: so the number has the negative sign, and its gradient is subtracted.
    const number = (w: State<T, S, A>): Tensor => pairing(who, step, w, back.slope, h, c);
    const { theta, ms, carried } = at;
    // Nobody asks for cotangents of theta at the first step, nor with `summed`: then less of the
    // gradient is cheaper.
    const d: Partial<Record<keyof Cotangents, unknown>> =
      t === 0
        ? { ms: gradientWherePresent(who, (w: S) => number({ theta, ms: w, carried }), ms) }
        : summed
          ? gradientWherePresent(who, (w: Pick<typeof at, 'ms' | 'carried'>) => number({ theta, ...w }), {
              ms,
              carried,
            })
          : gradientWherePresent(who, number, at);
    [a, h, c] = [descend(who, back.theta, d.theta, 1), descend(who, h, d.ms, 1), mapFor(who)(neg, d.carried)];
    o = back.state;
    if (t === 0 || kept[t - 1]!.step.phase === step.phase) continue;
    if (begins) a = plus(who, a, throughInit(who, kept[t]!, o));
    o = undefined; // the optimizer of the phase before has a state of its own
  }
  return h as Gradient<S>;
}

/** rate <d l/d theta, slope> - <aux, c>, and with masks that move + rate <d l/d ms, h>. */
function pairing<T, S, B, A>(
  who: string,
  { loss, batch, maskRate, rule: { rate } }: Taken<T, S, B, A>['step'],
  w: State<T, S, A>,
  slope: unknown,
  h: unknown,
  c: unknown,
): Tensor {
  const carried = w.carried as A;
  // One product of numbers, where slopes times the rate would be one for each tensor.
  const along = (g: Gradient<T>): Tensor => (rate === undefined ? dot(g, slope) : mul(dot(g, slope), rate));
  const less = (x: Tensor, aux: A): Tensor => (leavesOf(who, c).length > 0 ? sub(x, dot(aux, c)) : x);
  if (maskRate === null) {
    const [[, aux], g] = valueAndGradient(who, (theta: T) => loss(theta, w.ms, batch, carried), w.theta, true);
    return less(along(g), aux);
  }
  const both = { theta: w.theta, ms: w.ms };
  const [[, aux], g] = valueAndGradient(who, (v: typeof both) => loss(v.theta, v.ms, batch, carried), both, true);
  return less(add(along(g.theta), mul(dot(g.ms, h), maskRate)), aux);
}

/** The cotangent of the weights that the state of an optimizer was made of. */
function throughInit<T, S, B, A>(who: string, { step, at }: Taken<T, S, B, A>, o: unknown): unknown {
  if (leavesOf(who, o).length === 0) return undefined;
  return gradientWherePresent(who, (theta: T) => dot(step.rule.init(theta), o), at.theta);
}

const plus = <X>(who: string, x: X, y: unknown): X => mapFor(who)((p, d?: Tensor) => (d ? add(p, d) : p), x, y);
