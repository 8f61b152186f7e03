import { Tensor } from '../core/tensor.js';
import { cut, kindOf } from '../core/words.js';
import { leavesOf } from '../core/tree.js';

/**
 * A derivative that differs from what it should be: the differences of its function, or itself
 * computed in another way.
 * @example
 * const twice = customVjp((x: Tensor) => mul(x, 2), (g) => mul(g, 3)); // wrong
 * try {
 *   checkGrads(twice, [tensor([1], { dtype: 'float64' })]);
 * } catch (error) {
 *   error instanceof GradientError; // true
 * }
 */
export class GradientError extends Error {
  override readonly name = 'GradientError';
  constructor(
    readonly op: string,
    readonly order: number,
    readonly input: string,
    readonly index: readonly number[] | null,
    readonly analytic: number,
    readonly numeric: number,
    /** What it was compared with. */
    readonly against = 'differences',
    /** The smallest arguments that were found at which it is wrong too. */
    readonly args?: readonly unknown[],
  ) {
    const where = index ? `${input}[${index.join(',')}]` : `${input} along a random direction`;
    const at = args ? ` at (${args.map(printed).join(', ')})` : '';
    super(
      `${op}: derivative of order ${order} in ${where}: expected ${numeric} (${against}), got ${analytic} (rules)${at}`,
    );
  }
}

/** An argument in a message. */
const printed = (arg: unknown): string =>
  arg instanceof Tensor
    ? cut(String(arg), 120)
    : `${kindOf(arg)} of ${cut(leavesOf('checkGrads', arg).join(' and '), 120)}`;
