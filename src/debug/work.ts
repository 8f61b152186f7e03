import { sizeOf } from '../core/shape.js';
import type { PlanCall } from '../core/tensor.js';

/** Floating-point operations of a call; undefined where nobody has counted them. */
export function workOf({ op, ins, outs, attrs }: PlanCall): number | undefined {
  if (op.traits?.work) return op.traits.work(ins, outs, attrs);
  if (op.view) return 0;
  return op.scalar ? sizeOf(outs[0]!.shape) : undefined;
}

/** The sum of what is known; undefined where something is not. */
export const known = (amounts: readonly (number | undefined)[]): number | undefined =>
  amounts.reduce<number | undefined>((sum, n) => (sum === undefined || n === undefined ? undefined : sum + n), 0);
