import { later, listOf, type Check } from '../core/check.js';
import { isFloat } from '../core/dtype.js';
import { sameFloat } from '../core/op.js';
import { kindOf, show } from '../core/words.js';
import { checkOptions } from '../core/options.js';
import { Tensor } from '../core/tensor.js';
import { copyTree, leavesOf, mapLeaves, mapTree, type Gradient } from '../core/tree.js';
import { add, cast, dot, like, mul, sqrt, sub } from '../ops/index.js';
import { grad, valueAndGrad } from '../transforms/index.js';

/** How much of the lower level's dependence on ms the hypergradient follows. */
export type Mode =
  /** All p steps: the gradient of the unrolled upper loss. */
  | 'exact'
  /** The last K steps. */
  | { readonly truncated: number }
  /** All p steps, each taken to leave theta's error as it is (I - lr H replaced by I). */
  | 'summed'
  /** The last step alone: Eq 9 of Bi-RPT; exact for p = 1. */
  | 'paper'
  /** None: the partial derivative of the upper loss. */
  | 'firstOrder';

/** A two-level problem: weights theta `T`, masks ms `S` and mt `M`, batches `B` (lower) and `U` (upper), aux `A` and `C`. */
export interface BilevelProblem<T, S, M, B, U, A, C> {
  /** Loss of the lower level, and anything worth keeping (batch-norm statistics). */
  readonly lower: (theta: T, ms: S, batch: B) => readonly [Tensor, A];
  /** Loss of the upper level, at the weights the lower level ends with. */
  readonly upper: (theta: T, masks: { ms: S; mt: M }, batch: U) => readonly [Tensor, C];
  readonly mode?: Mode;
  /** Of the lower level's gradient steps. */
  readonly learningRate: Tensor | number;
  /** Moves ms in the lower level too (Eq 4), at the same rate or at the one given; off by default, as in Algorithm 2. */
  readonly lowerMask?: boolean | number;
}

/** What `hypergradient` returns. */
export interface Hypergradient<T, S, M, A, C> {
  /** The upper loss. */
  readonly value: Tensor;
  /** The weights after the lower steps. */
  readonly theta: T;
  /** Of the upper loss at those weights: what Eq 5 descends. */
  readonly dTheta: Gradient<T>;
  readonly dMs: Gradient<S>;
  readonly dMt: Gradient<M>;
  /** The simulated masks after the lower steps: as given, unless `lowerMask`. */
  readonly ms: S;
  readonly aux: { readonly lower: readonly A[]; readonly upper: C };
  /** Euclidean norms; `mixed` is that of the part of dMs which came through the lower level. */
  readonly stats: {
    readonly norms: { readonly dTheta: Tensor; readonly dMs: Tensor; readonly dMt: Tensor; readonly mixed: Tensor };
  };
}

const descend = <X>(x: X, g: unknown, rate: Tensor | number): X =>
  mapLeaves(
    'hypergradient',
    (p, d?: Tensor) => (d ? sub(p, mul(d, rate instanceof Tensor ? cast(rate, p.dtype) : rate)) : p),
    (leaf) => leaf,
    x,
    g,
  ) as X;

/** A rate: a scalar tensor, or a finite number of at least 0. */
const rateThat =
  (what: string): Check<Tensor | number> =>
  (who, _name, rate) => {
    if (
      rate instanceof Tensor
        ? rate.shape.length === 0 && isFloat(rate.dtype)
        : typeof rate === 'number' && rate >= 0 && rate < Infinity
    )
      return rate as Tensor | number;
    const text = `${who}: expected ${what} a scalar tensor or a number of at least 0, got ${rate instanceof Tensor ? `${rate.dtype} ${show(rate.shape)}` : kindOf(rate)}`;
    throw rate instanceof Tensor || typeof rate === 'number' ? new RangeError(text) : new TypeError(text);
  };

const checks = {
  lower: { needed: later },
  upper: { needed: later },
  mode: later,
  learningRate: { needed: rateThat('learningRate to be') },
  lowerMask: ((who, name, value) =>
    typeof value === 'boolean'
      ? value
      : (rateThat('lowerMask to be a boolean or')(who, name, value) as number)) satisfies Check<boolean | number>,
};

/**
 * The gradients of a two-level problem: p = batches.lower.length steps theta <- theta - lr d lower/d theta, then the upper loss at the
 * result. Reverse over the steps, with a = d upper/d theta and h = d upper/d ms at the end:
 * h <- h - lr [d2 lower/(d ms d theta)] a and a <- a - lr [d2 lower/(d theta d theta)] a, both from one gradient of <d lower/d theta, a>.
 * Source: Bi-RPT, equations 3, 5, 9, in the form of docs/bi-rpt.md.
 */
export function hypergradient<T, S, M, B, U, A, C>(problem: BilevelProblem<T, S, M, B, U, A, C>) {
  const { mode = 'exact', learningRate, lowerMask = false } = checkOptions('hypergradient', problem, checks);
  const lower = pairs('lower', problem.lower);
  const upper = pairs('upper', problem.upper);
  const depth = depthOf(mode);
  interface State {
    theta: T;
    ms: S;
  }

  return (
    theta: T,
    masks: { ms: S; mt: M },
    batches: { lower: readonly B[]; upper: U },
  ): Hypergradient<T, S, M, A, C> => {
    for (const [what, given] of Object.entries({ 'masks { ms, mt }': masks, 'batches { lower, upper }': batches }))
      if (typeof (given as unknown) !== 'object' || (given as unknown) === null)
        throw new TypeError(`hypergradient: expected ${what}, got ${kindOf(given)}`);
    const { ms, mt } = copyTree('hypergradient', masks);
    const lowerBatches = listOf('hypergradient', 'lower batches', batches.lower, (batch): B => batch as B);
    if (lowerBatches.length === 0) throw new RangeError('hypergradient: expected at least one lower batch, got none');
    // A tree without masks has nothing to move.
    const maskRate =
      lowerMask === false || leavesOf('hypergradient', ms).length === 0
        ? null
        : lowerMask === true
          ? learningRate
          : lowerMask;
    const weights = leavesOf('hypergradient', theta).filter((w) => isFloat(w.dtype));
    if (weights.length === 0)
      throw new TypeError('hypergradient: expected theta with at least one tensor of floats, got none');
    sameFloat(
      'hypergradient',
      [...weights, ...leavesOf('hypergradient', [ms, mt])].map((x) => x.dtype),
    );
    const states: State[] = [copyTree('hypergradient', { theta, ms })];
    const lowerAux: A[] = [];
    for (const batch of lowerBatches) {
      const before = states.at(-1)!;
      if (maskRate === null) {
        const [[, aux], d] = valueAndGrad((w: T) => lower(w, ms, batch), { hasAux: true })(before.theta);
        states.push({ theta: descend(before.theta, d, learningRate), ms });
        lowerAux.push(aux);
      } else {
        const [[, aux], d] = valueAndGrad((w: State) => lower(w.theta, w.ms, batch), { hasAux: true })(before);
        states.push({ theta: descend(before.theta, d.theta, learningRate), ms: descend(before.ms, d.ms, maskRate) });
        lowerAux.push(aux);
      }
    }
    const end = states.at(-1)!;
    const [[value, upperAux], d] = valueAndGrad(
      (w: State & { mt: M }) => upper(w.theta, { ms: w.ms, mt: w.mt }, batches.upper),
      { hasAux: true },
    )({ ...end, mt });

    let a: unknown = d.theta;
    let h: unknown = d.ms;
    const first = Math.max(0, lowerBatches.length - depth);
    for (let t = lowerBatches.length - 1; t >= first; t--) {
      const product = (at: State): Tensor => {
        const loss = (w: State): Tensor => lower(w.theta, w.ms, lowerBatches[t]!)[0];
        if (maskRate === null)
          return mul(dot(grad((w: T) => loss({ theta: w, ms: at.ms }))(at.theta), a), learningRate);
        const inner = grad(loss)(at);
        return add(mul(dot(inner.theta, a), learningRate), mul(dot(inner.ms, h), maskRate));
      };
      const at = states[t]!;
      // Nobody asks for the next a of the first step, nor of 'summed': then the gradient in ms alone is cheaper.
      const d =
        t === first || mode === 'summed'
          ? { theta: null, ms: grad((masks: S) => product({ theta: at.theta, ms: masks }))(at.ms) }
          : grad(product)(at);
      h = descend(h, d.ms, 1);
      if (d.theta) a = descend(a, d.theta, 1);
    }
    const norm = (tree: unknown): Tensor =>
      leavesOf('hypergradient', tree).length > 0 ? sqrt(dot(tree, tree)) : like(value, 0);
    return {
      value,
      theta: end.theta,
      dTheta: d.theta,
      dMs: h as Gradient<S>,
      dMt: d.mt,
      ms: end.ms,
      aux: { lower: lowerAux, upper: upperAux },
      stats: {
        norms: {
          dTheta: norm(d.theta),
          dMs: norm(h),
          dMt: norm(d.mt),
          mixed: norm(mapTree((x, y) => sub(x, y!), h, d.ms)),
        },
      },
    };
  };
}

/** Checks that a level is a function, and that it returns a pair with a scalar loss. */
function pairs<R extends unknown[], A>(level: string, f: (...args: R) => readonly [Tensor, A]): typeof f {
  if (typeof f !== 'function')
    throw new TypeError(`hypergradient: expected ${level} to be a function, got ${kindOf(f)}`);
  // Each call gets copies of its trees: a level may write into them, and is run more than once.
  return (...args) => {
    const pair = f(...copyTree('hypergradient', args));
    if (!Array.isArray(pair as unknown))
      throw new TypeError(`hypergradient: expected ${level} to return [loss, aux], got ${kindOf(pair)}`);
    const loss: unknown = pair[0];
    if (!(loss instanceof Tensor && loss.shape.length === 0 && isFloat(loss.dtype)))
      throw new TypeError(
        `hypergradient: expected ${level} to return a scalar loss of float32 or float64, got ${loss instanceof Tensor ? `${loss.dtype} ${show(loss.shape)}` : kindOf(loss)}`,
      );
    return pair;
  };
}

/** How many of the last steps a mode follows. */
function depthOf(mode: unknown): number {
  if (mode === 'exact' || mode === 'summed') return Infinity;
  if (mode === 'paper') return 1;
  if (mode === 'firstOrder') return 0;
  const k = (mode as { truncated?: unknown } | null)?.truncated;
  if (typeof k === 'number' && Number.isInteger(k) && k >= 0) return k;
  throw new RangeError(
    `hypergradient: expected mode 'exact', 'summed', 'paper', 'firstOrder' or { truncated: K }, got ${kindOf(mode)}`,
  );
}
