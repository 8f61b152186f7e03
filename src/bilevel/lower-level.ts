import { listOf } from '../core/check.js';
import { isFloat, type DType } from '../core/dtype.js';
import { Tensor } from '../core/tensor.js';
import { leavesOf } from '../core/tree.js';
import { cast } from '../ops/index.js';
import { valueAndGradient } from '../transforms/differentiate.js';
import type { CheckedPhase, LowerLoss, LowerState } from './problem.js';
import { checkKept, descend, ruleOf, type Rule } from './rule.js';

/** A step of the lower level before it is taken. */
export interface Step<T, S, B, A> {
  readonly loss: LowerLoss<T, S, B, A>;
  readonly batch: B;
  readonly rule: Rule;
  /** The rate of the masks, in the dtype of the weights; null where they stay. */
  readonly maskRate: Tensor | number | null;
  readonly phase: number;
}

/** What the lower level moves. */
export interface State<T, S, A> {
  readonly theta: T;
  readonly ms: S;
  /** Undefined where nothing is carried. */
  readonly carried: A | undefined;
}

/** A step, where it began, and what its rule needs to go back. */
export interface Taken<T, S, B, A> {
  readonly step: Step<T, S, B, A>;
  readonly at: State<T, S, A>;
  readonly optimizer: unknown;
  readonly g: unknown;
  /** Whether the state of the optimizer was made of the weights here. */
  readonly begins: boolean;
}

/** The steps of all phases, one for each batch. */
export function stepsOf<T, S, B, A>(
  who: string,
  phases: readonly CheckedPhase<T, S, B, A>[],
  batches: readonly B[],
  dtype: DType,
  hasMasks: boolean,
): Step<T, S, B, A>[] {
  const counts = phases.map(({ steps = batches.length }) => steps);
  const total = counts.reduce((n, k) => n + k, 0);
  if (batches.length === 0) throw new RangeError(`${who}: expected at least one lower batch, got none`);
  if (total !== batches.length)
    throw new RangeError(
      `${who}: expected ${total} lower batches for phases of ${counts.join(' and ')} steps, got ${batches.length}`,
    );
  let from = 0;
  return phases.flatMap(({ loss, step, maskRate }, phase) => {
    const rule = ruleOf(who, step, dtype);
    const moves = hasMasks ? (maskRate instanceof Tensor ? cast(maskRate, dtype) : maskRate) : null;
    const own = batches.slice(from, (from += counts[phase]!));
    return own.map((batch) => ({ loss, batch, rule, maskRate: moves, phase }));
  });
}

/**
 * The lower level: where it ends, the last `keep` steps, what losses return beside, and the state
 * of each optimizer.
 */
export function descendLower<T, S, B, A>(
  who: string,
  steps: readonly Step<T, S, B, A>[],
  { theta, ms }: Pick<State<T, S, A>, 'theta' | 'ms'>,
  { optimizers: given = [], carried }: LowerState<A>,
  keep: number,
) {
  const kept: Taken<T, S, B, A>[] = [];
  const aux: A[] = [];
  const optimizers: unknown[] = [];
  let at: State<T, S, A> = { theta, ms, carried };
  for (const [t, step] of steps.entries()) {
    const { rule, phase } = step;
    const known = phase in optimizers ? optimizers[phase] : given[phase];
    const begins = !(phase in optimizers) && known === undefined;
    const optimizer = begins ? rule.init(at.theta) : known;
    const { slopes, more } = slopesAt(who, step, at);
    const moved = rule.update({ theta: at.theta, state: optimizer }, slopes.theta);
    if (t >= steps.length - keep)
      kept.push({ step, at, optimizer, g: rule.rate === undefined ? slopes.theta : undefined, begins });
    aux.push(more);
    optimizers[phase] = moved.state;
    if (carried !== undefined) checkKept(who, 'carried tensor', carried, more);
    at = {
      theta: moved.theta,
      ms: step.maskRate === null ? at.ms : descend(who, at.ms, slopes.ms, step.maskRate),
      carried: carried === undefined ? undefined : more,
    };
  }
  return { end: at, kept, aux, optimizers };
}

/** The gradients of a lower loss where a step begins, and what the loss returns beside. */
function slopesAt<T, S, B, A>(
  who: string,
  { loss, batch, maskRate }: Step<T, S, B, A>,
  { theta, ms, carried }: State<T, S, A>,
) {
  if (maskRate === null) {
    const [[, more], slope] = valueAndGradient(who, (w: T) => loss(w, ms, batch, carried as A), theta, true);
    return { slopes: { theta: slope, ms: undefined }, more };
  }
  const both = { theta, ms };
  const [[, more], slopes] = valueAndGradient(
    who,
    (w: typeof both) => loss(w.theta, w.ms, batch, carried as A),
    both,
    true,
  );
  return { slopes, more };
}

/** The float tensors of a tree. */
export const floatsOf = (who: string, tree: unknown): Tensor[] => leavesOf(who, tree).filter((x) => isFloat(x.dtype));

/** A state that a caller hands in, checked against the phases. */
export function checkOptimizers(who: string, optimizers: unknown, phases: number): readonly unknown[] {
  if (optimizers === undefined) return [];
  const states = listOf(who, 'the states of optimizers', optimizers, (state) => state);
  if (states.length !== phases)
    throw new RangeError(`${who}: expected ${phases} states of optimizers, one for each phase, got ${states.length}`);
  return states;
}
