import { count, later, positive, whole } from '../core/check.js';
import { checkOptions } from '../core/options.js';
import { isPlain } from '../core/plain.js';
import { kindOf } from '../core/words.js';
import { implicitChecks, nystromChecks, type ImplicitOptions, type NystromOptions } from './inverse-hessian.js';

/** How the mode `penalty` of `hypergradient` does without second derivatives. */
export interface PenaltyOptions {
  /**
   * lambda: the weight of the lower loss beside the upper one. The error falls like 1 / lambda, and
   * rounding errors grow like lambda.
   */
  readonly weight: number;
  /** Gradient steps to each of the two points. */
  readonly steps: number;
  /** The rate of these steps; that of the last phase by default, where it has one. */
  readonly learningRate?: number;
}

const penaltyChecks = { weight: { needed: positive }, steps: { needed: count }, learningRate: positive };

/** How many steps of the lower level the hypergradient follows back to ms. */
export type Mode =
  /** All p steps: the gradient of the unrolled upper loss. */
  | 'exact'
  /** The last K steps. */
  | { readonly truncated: number }
  /** All p steps, with I in the place of I - lr H: the cotangent of theta stays the same. */
  | 'summed'
  /** The last step alone: Eq 9 of Bi-RPT; exact for p = 1. */
  | 'paper'
  /** None: the partial derivative of the upper loss. */
  | 'firstOrder'
  /**
   * The theorem of implicit functions at the last weights, as if they minimized the lower loss of
   * the last batch: h - [d2 l/(d ms d theta)] H^-1 a with H = d2 l/d theta2. Its memory does not
   * grow with p. The solver is 'cg' by default.
   */
  | { readonly implicit: ImplicitOptions }
  /** The same with some columns of H in the place of H. */
  | { readonly nystrom: NystromOptions }
  /**
   * Without second derivatives, from the last weights and batch: some steps down the lower loss,
   * and as many down that loss and a share of the upper one.
   */
  | { readonly penalty: PenaltyOptions };

/** A mode that takes theta for the minimum of the lower loss of the last batch. */
export type Solving = Exclude<Mode, string | { readonly truncated: unknown }>;
/** True for a mode that solves. */
export const isSolving = (mode: unknown): mode is Solving =>
  isPlain(mode) && ('implicit' in mode || 'nystrom' in mode || 'penalty' in mode);

/** A mode as it is at the call, with the options of its solver checked. */
export function checkMode(who: string, mode: Mode): Mode {
  if (!isSolving(mode)) return isPlain(mode) ? { truncated: depthOf(who, mode) } : mode;
  if ('implicit' in mode) {
    const { implicit } = checkOptions(who, mode, { implicit: { needed: later } });
    return { implicit: checkOptions(who, implicit, implicitChecks) };
  }
  if ('penalty' in mode) {
    const { penalty } = checkOptions(who, mode, { penalty: { needed: later } });
    return { penalty: checkOptions(who, penalty, penaltyChecks) };
  }
  const { nystrom } = checkOptions(who, mode, { nystrom: { needed: later } });
  return { nystrom: checkOptions(who, nystrom, nystromChecks) };
}

/** How many of the last steps a mode follows. */
export function depthOf(who: string, mode: unknown): number {
  if (mode === 'exact' || mode === 'summed') return Infinity;
  if (mode === 'paper') return 1;
  if (mode === 'firstOrder') return 0;
  if (isSolving(mode)) return 0;
  if (isPlain(mode) && 'truncated' in mode)
    return checkOptions(who, mode as { truncated: number }, { truncated: { needed: whole } }).truncated;
  throw new RangeError(
    `${who}: expected mode 'exact', 'summed', 'paper', 'firstOrder', { truncated: K }, { implicit }, { nystrom } or { penalty }, got ${kindOf(mode)}`,
  );
}
