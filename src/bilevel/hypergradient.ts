import { later, listOf, type Check } from '../core/check.js';
import { isFloat } from '../core/dtype.js';
import { checkAlike } from '../core/op.js';
import { kindOf, show } from '../core/words.js';
import { checkOptions } from '../core/options.js';
import { Tensor } from '../core/tensor.js';
import { copyArguments, copyTree, leavesOf, mapFor, type Gradient } from '../core/tree.js';
import { add, cast, dot, like, mul, sqrt, sub } from '../ops/index.js';
import { valueAndGradient } from '../transforms/differentiate.js';
import { byNystrom, bySolving, type InverseProduct } from './inverse-hessian.js';
import { checkMode, depthOf, isSolving, type Mode, type Solving } from './mode.js';

/**
 * A two-level problem: weights theta `T`, masks ms `S` and mt `M`, batches `B` (lower) and `U`
 * (upper), aux `A` and `C`.
 */
export interface BilevelProblem<T, S, M, B, U, A, C> {
  /** Loss of the lower level, and anything worth keeping (batch-norm statistics). */
  readonly lower: (theta: T, ms: S, batch: B) => readonly [Tensor, A];
  /** Loss of the upper level, at the weights the lower level ends with. */
  readonly upper: (theta: T, masks: { ms: S; mt: M }, batch: U) => readonly [Tensor, C];
  readonly mode?: Mode;
  /** The rate of the lower level's gradient steps. */
  readonly learningRate: Tensor | number;
  /**
   * Moves ms in the lower level too (Eq 4), at the same rate or at the one given; off by default,
   * as in Algorithm 2.
   */
  readonly lowerMask?: boolean | number;
}

/** What `hypergradient` returns. */
export interface Hypergradient<T, S, M, A, C> {
  /** The upper loss. */
  readonly value: Tensor;
  /** The weights after the lower steps. */
  readonly theta: T;
  /** The gradient of the upper loss at those weights. Eq 5 descends it. */
  readonly dTheta: Gradient<T>;
  readonly dMs: Gradient<S>;
  readonly dMt: Gradient<M>;
  /** The simulated masks after the lower steps: as given, unless `lowerMask`. */
  readonly ms: S;
  readonly aux: { readonly lower: readonly A[]; readonly upper: C };
  /** Euclidean norms. `mixed` is the norm of the part of dMs that came through the lower level. */
  readonly stats: {
    readonly norms: { readonly dTheta: Tensor; readonly dMs: Tensor; readonly dMt: Tensor; readonly mixed: Tensor };
    /** Residual |a - (H + ridge I) x|, products with H, and convergence of modes that solve. */
    readonly solve?: Omit<InverseProduct<unknown>, 'x'>;
  };
}

/** Weights and simulated masks as the lower level moves them. */
interface State<T, S> {
  readonly theta: T;
  readonly ms: S;
}

/** Step sizes of the lower level, in the dtype of the weights; masks that do not move have none. */
interface Rates {
  readonly theta: Tensor | number;
  readonly ms: Tensor | number | null;
}

type Lower<T, S, B, A> = BilevelProblem<T, S, never, B, never, A, never>['lower'];

const who = 'hypergradient';

/** A rate: a scalar tensor, or a finite number of at least 0. */
const rateThat =
  (what: string): Check<Tensor | number> =>
  (_who, _name, rate) => {
    if (rate instanceof Tensor ? rate.shape.length === 0 && isFloat(rate.dtype) : isRate(rate))
      return rate as Tensor | number;
    const text = `${who}: expected ${what} a scalar tensor or a number of at least 0, got ${rate instanceof Tensor ? `${rate.dtype} ${show(rate.shape)}` : kindOf(rate)}`;
    throw rate instanceof Tensor || typeof rate === 'number' ? new RangeError(text) : new TypeError(text);
  };
const isRate = (rate: unknown): boolean => typeof rate === 'number' && rate >= 0 && rate < Infinity;

const checks = {
  lower: { needed: later },
  upper: { needed: later },
  mode: later,
  learningRate: { needed: rateThat('learningRate to be') },
  lowerMask: ((_who, name, value) =>
    typeof value === 'boolean'
      ? value
      : (rateThat('lowerMask to be a boolean or')(who, name, value) as number)) satisfies Check<boolean | number>,
};

const descend = <X>(x: X, g: unknown, rate: Tensor | number): X =>
  mapFor(who)((p, d?: Tensor) => (d ? sub(p, mul(d, rate)) : p), x, g);

/**
 * The gradients of a two-level problem. It takes p = batches.lower.length steps theta <- theta - lr
 * d lower/d theta, then the upper loss at the result. It goes back over the steps, from a = d
 * upper/d theta and h = d upper/d ms at the end: h <- h - lr [d2 lower/(d ms d theta)] a and a <- a
 * - lr [d2 lower/(d theta d theta)] a. Both come from one gradient of <d lower/d theta, a>. Source:
 * Bi-RPT, equations 3, 5, 9, in the form of docs/bi-rpt.md.
 * @example
 * const problem = hypergradient({
 *   lower: (theta: Tensor, ms: Tensor, y: Tensor) => [square(sub(mul(theta, ms), y)), null],
 *   upper: (theta: Tensor) => [theta, null],
 *   learningRate: 0.5,
 * });
 * const masks = { ms: tensor(1), mt: tensor(1) };
 * const { dMs } = problem(tensor(1), masks, { lower: [tensor(0)], upper: tensor(0) });
 * dMs; // float32[] on cpu -2
 */
export function hypergradient<T, S, M, B, U, A, C>(problem: BilevelProblem<T, S, M, B, U, A, C>) {
  const { mode: asked = 'exact', learningRate, lowerMask = false } = checkOptions(who, problem, checks);
  const lower = pairs('lower', problem.lower);
  const upper = pairs('upper', problem.upper);
  const mode = checkMode(who, asked);
  const depth = depthOf(who, mode);
  if (isSolving(mode) && lowerMask !== false)
    throw new RangeError(`${who}: expected no lowerMask with a mode that solves, got ${kindOf(lowerMask)}`);

  return (
    theta: T,
    masks: { ms: S; mt: M },
    batches: { lower: readonly B[]; upper: U },
  ): Hypergradient<T, S, M, A, C> => {
    const { start, mt, lowerBatches } = taken(theta, masks, batches);
    const { dtype } = floatsOf(start.theta)[0]!;
    const cast1 = (rate: Tensor | number) => (rate instanceof Tensor ? cast(rate, dtype) : rate);
    const moves = lowerMask !== false && floatsOf(start.ms).length > 0; // a tree without masks has nothing to move
    const rates: Rates = {
      theta: cast1(learningRate),
      ms: moves ? cast1(lowerMask === true ? learningRate : lowerMask) : null,
    };

    const { states, aux } = lowerSteps(lower, start, lowerBatches, rates);
    const end = states.at(-1)!;
    const [[value, upperAux], top] = valueAndGradient(
      who,
      (w: State<T, S> & { mt: M }) => upper(w.theta, { ms: w.ms, mt: w.mt }, batches.upper),
      { ...end, mt },
      true,
    );
    const { dMs, solve } = isSolving(mode)
      ? throughSolve(lower, end, lowerBatches.at(-1)!, top, mode)
      : { dMs: throughLower(lower, states, lowerBatches, rates, top, depth, mode === 'summed'), solve: undefined };

    const norm = (tree: unknown): Tensor => (leavesOf(who, tree).length > 0 ? sqrt(dot(tree, tree)) : like(value, 0));
    const mixed = mapFor(who)((x, y) => sub(x, y), dMs, top.ms);
    return {
      value,
      theta: end.theta,
      dTheta: top.theta,
      dMs,
      dMt: top.mt,
      ms: end.ms,
      aux: { lower: aux, upper: upperAux },
      stats: {
        norms: { dTheta: norm(top.theta), dMs: norm(dMs), dMt: norm(top.mt), mixed: norm(mixed) },
        ...(solve && { solve }),
      },
    };
  };
}

/**
 * The steps of the lower level: the states before and after each, and what its losses return
 * beside.
 */
function lowerSteps<T, S, B, A>(lower: Lower<T, S, B, A>, start: State<T, S>, batches: readonly B[], rates: Rates) {
  const states = [start];
  const aux: A[] = [];
  for (const batch of batches) {
    const { theta, ms } = states.at(-1)!;
    if (rates.ms === null) {
      const [[, more], d] = valueAndGradient(who, (w: T) => lower(w, ms, batch), theta, true);
      states.push({ theta: descend(theta, d, rates.theta), ms });
      aux.push(more);
    } else {
      const both = { theta, ms };
      const [[, more], d] = valueAndGradient(who, (w: typeof both) => lower(w.theta, w.ms, batch), both, true);
      states.push({ theta: descend(theta, d.theta, rates.theta), ms: descend(ms, d.ms, rates.ms) });
      aux.push(more);
    }
  }
  return { states, aux };
}

/**
 * The gradient in the first masks, from that of the upper loss at the last state, back through the
 * last `depth` steps.
 */
function throughLower<T, S, B, A>(
  lower: Lower<T, S, B, A>,
  states: readonly State<T, S>[],
  batches: readonly B[],
  rates: Rates,
  top: { readonly theta: unknown; readonly ms: unknown },
  depth: number,
  summed: boolean,
): Gradient<S> {
  let [a, h] = [top.theta, top.ms];
  const first = Math.max(0, batches.length - depth);
  for (let t = batches.length - 1; t >= first; t--) {
    const at = states[t]!;
    const loss = (w: State<T, S>): Tensor => lower(w.theta, w.ms, batches[t]!)[0];
    const product = (w: State<T, S>): Tensor => {
      if (rates.ms === null)
        return mul(
          dot(
            gradient((theta: T) => loss({ theta, ms: w.ms }), w.theta),
            a,
          ),
          rates.theta,
        );
      const inner = gradient(loss, w);
      return add(mul(dot(inner.theta, a), rates.theta), mul(dot(inner.ms, h), rates.ms));
    };
    // Nobody asks for the next a of the first step, nor of 'summed': then the gradient in ms alone
    // is cheaper.
    if (t === first || summed)
      h = descend(
        h,
        gradient((ms: S) => product({ theta: at.theta, ms }), at.ms),
        1,
      );
    else {
      const d = gradient(product, at);
      [a, h] = [descend(a, d.theta, 1), descend(h, d.ms, 1)];
    }
  }
  return h as Gradient<S>;
}

/** The gradient in the masks of the weights that minimize the lower loss. */
function throughSolve<T, S, B, A>(
  lower: Lower<T, S, B, A>,
  { theta, ms }: State<T, S>,
  batch: B,
  top: { readonly theta: Gradient<T>; readonly ms: unknown },
  mode: Solving,
): { dMs: Gradient<S>; solve: Omit<InverseProduct<unknown>, 'x'> } {
  const slope = (w: T, masks: S): unknown => gradient((u: T) => lower(u, masks, batch)[0], w);
  const hessian = (v: Gradient<T>): Gradient<T> => gradient((w: T) => dot(slope(w, ms), v), theta);
  const { x, ...solve } =
    'implicit' in mode
      ? bySolving(who, hessian, top.theta, mode.implicit)
      : byNystrom(who, hessian, top.theta, mode.nystrom);
  const product = gradient((masks: S) => dot(slope(theta, masks), x), ms);
  return { dMs: descend(top.ms, product, 1) as Gradient<S>, solve };
}

const gradient = <X>(f: (x: X) => Tensor, x: X): Gradient<X> => valueAndGradient(who, f, x)[1];

const floatsOf = (tree: unknown): Tensor[] => leavesOf(who, tree).filter((x) => isFloat(x.dtype));

/** The arguments as they are at the call, checked. */
function taken<T, S, M, B>(theta: T, masks: { ms: S; mt: M }, batches: { lower: readonly B[]; upper: unknown }) {
  for (const [what, given] of Object.entries({ 'masks { ms, mt }': masks, 'batches { lower, upper }': batches }))
    if (typeof (given as unknown) !== 'object' || (given as unknown) === null)
      throw new TypeError(`${who}: expected ${what}, got ${kindOf(given)}`);
  const { ms, mt } = copyTree(who, masks);
  const lowerBatches = listOf(who, 'lower batches', batches.lower, (batch): B => batch as B);
  if (lowerBatches.length === 0) throw new RangeError(`${who}: expected at least one lower batch, got none`);
  const weights = floatsOf(theta);
  if (weights.length === 0) throw new TypeError(`${who}: expected theta with at least one tensor of floats, got none`);
  checkAlike(who, [...weights, ...floatsOf([ms, mt])]);
  const start: State<T, S> = copyTree(who, { theta, ms });
  return { start, mt, lowerBatches };
}

/** Checks that a level is a function, and that it returns a pair with a scalar loss. */
function pairs<R extends unknown[], A>(level: string, f: (...args: R) => readonly [Tensor, A]): typeof f {
  if (typeof f !== 'function') throw new TypeError(`${who}: expected ${level} to be a function, got ${kindOf(f)}`);
  // Each call gets copies of its trees: a level may write into them, and is run more than once.
  return (...args) => {
    const pair = f(...copyArguments(who, args));
    if (!Array.isArray(pair))
      throw new TypeError(`${who}: expected ${level} to return [loss, aux], got ${kindOf(pair)}`);
    const loss: unknown = pair[0];
    if (!(loss instanceof Tensor && loss.shape.length === 0 && isFloat(loss.dtype)))
      throw new TypeError(
        `${who}: expected ${level} to return a scalar loss of float32 or float64, got ${loss instanceof Tensor ? `${loss.dtype} ${show(loss.shape)}` : kindOf(loss)}`,
      );
    return pair;
  };
}
