import { later } from '../core/check.js';
import { isFloat } from '../core/dtype.js';
import { checkAlike } from '../core/op.js';
import { checkOptions } from '../core/options.js';
import type { Tensor } from '../core/tensor.js';
import { copyTree, leavesOf, mapFor, mapLeaves, type Gradient } from '../core/tree.js';
import { listOf } from '../core/check.js';
import { kindOf } from '../core/words.js';
import { dot, like, onesLike, sqrt, sub, zerosLike } from '../ops/index.js';
import { record, released } from '../transforms/differentiate.js';
import { checkOptimizers, descendLower, floatsOf, stepsOf, type State } from './lower-level.js';
import { depthOf, isSolving } from './mode.js';
import { checkProblem, type BilevelProblem, type Hypergradient, type LowerState } from './problem.js';
import { throughSolve } from './through-solve.js';
import { throughSteps } from './through-steps.js';

/**
 * The gradients of a two-level problem. The lower level takes p = batches.lower.length steps down
 * the gradient g of its loss, theta <- theta - lr g, or those of an optimizer. Then comes the upper
 * loss at the result. Its gradient goes back over the steps, from a = d upper/d theta and h = d
 * upper/d ms at the end: h <- h - lr [d2 lower/(d ms d theta)] a and a <- a - lr [d2 lower/(d theta
 * d theta)] a. Both come from one gradient of <g, a>. The state of an optimizer and what losses
 * carry have cotangents too. Source: Bi-RPT, equations 3, 5, 9, in the form of docs/bi-rpt.md.
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
export const hypergradient = <T, S, M, B, U, A, C>(problem: BilevelProblem<T, S, M, B, U, A, C>) =>
  solverOf('hypergradient', problem);

/** `hypergradient` that names `who` in its errors. */
export function solverOf<T, S, M, B, U, A, C>(who: string, problem: BilevelProblem<T, S, M, B, U, A, C>) {
  const { phases, upper, mode, lowerMask } = checkProblem(who, problem);
  const depth = depthOf(who, mode);
  if (isSolving(mode) && lowerMask !== false)
    throw new RangeError(`${who}: expected no lowerMask with a mode that solves, got ${kindOf(lowerMask)}`);

  return (
    theta: T,
    masks: { ms: S; mt: M },
    batches: { lower: readonly B[]; upper: U },
    state: LowerState<A> = {},
  ): Hypergradient<T, S, M, A, C> => {
    const { start, mt, lowerBatches, before } = taken(who, theta, masks, batches, state, phases.length);
    const { dtype } = floatsOf(who, start.theta)[0]!;
    const hasMasks = floatsOf(who, start.ms).length > 0; // a tree without masks has nothing to move
    const steps = stepsOf(who, phases, lowerBatches, dtype, hasMasks);

    const { end, kept, aux, optimizers } = descendLower(who, steps, start, before, depth);
    const { value, upperAux, top } = upperLevel(who, upper, end, mt, batches.upper);
    const { dMs, solve } = isSolving(mode)
      ? throughSolve(
          who,
          steps.at(-1)!,
          end,
          top,
          mode,
          (w: T, ms: S) => upper(w, { ms, mt }, batches.upper, end.carried as A)[0],
        )
      : { dMs: throughSteps(who, kept, top, mode === 'summed'), solve: undefined };

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
      state: { optimizers, ...(end.carried !== undefined && { carried: end.carried }) },
    };
  };
}

/** The upper loss, and its gradients; that of `carried` lacks what the loss does not depend on. */
function upperLevel<T, S, M, U, A, C>(
  who: string,
  upper: BilevelProblem<T, S, M, never, U, A, C>['upper'],
  end: State<T, S, A>,
  mt: M,
  batch: U,
) {
  const all = { ...end, mt };
  const { y, back } = record(
    who,
    (w: typeof all) => upper(w.theta, { ms: w.ms, mt: w.mt }, batch, w.carried as A),
    all,
  );
  const { carried, ...rest } = back([onesLike(y[0])], [y[0]], 'nothing');
  const whole = <X>(x: X, g: unknown): Gradient<X> =>
    mapLeaves(
      who,
      (leaf, d?: Tensor) => d ?? (isFloat(leaf.dtype) ? zerosLike(leaf) : undefined),
      () => undefined,
      x,
      g,
    ) as Gradient<X>;
  const [value, upperAux] = released(who, y);
  const top = { theta: whole(end.theta, rest.theta), ms: whole(end.ms, rest.ms), mt: whole(mt, rest.mt), carried };
  return { value, upperAux, top };
}

/** The arguments as they are at the call, checked. */
function taken<T, S, M, B, A>(
  who: string,
  theta: T,
  masks: { ms: S; mt: M },
  batches: { lower: readonly B[]; upper: unknown },
  state: LowerState<A>,
  phases: number,
) {
  for (const [what, given] of Object.entries({ 'masks { ms, mt }': masks, 'batches { lower, upper }': batches }))
    if (typeof (given as unknown) !== 'object' || (given as unknown) === null)
      throw new TypeError(`${who}: expected ${what}, got ${kindOf(given)}`);
  const { ms, mt } = copyTree(who, masks);
  const lowerBatches = listOf(who, 'lower batches', batches.lower, (batch): B => batch as B);
  const weights = floatsOf(who, theta);
  if (weights.length === 0) throw new TypeError(`${who}: expected theta with at least one tensor of floats, got none`);
  checkAlike(who, [...weights, ...floatsOf(who, [ms, mt])]);
  const given = checkOptions(who, state, { optimizers: later, carried: later });
  const before: LowerState<A> = {
    optimizers: checkOptimizers(who, copyTree(who, given.optimizers), phases),
    ...(given.carried !== undefined && { carried: copyTree(who, given.carried) }),
  };
  return { start: copyTree(who, { theta, ms }), mt, lowerBatches, before };
}
