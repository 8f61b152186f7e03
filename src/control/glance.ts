import { hidesValues } from '../core/device.js';
import { Tensor } from '../core/tensor.js';
import { kindOf, show } from '../core/words.js';

/** What can be seen of a condition. */
export interface Glance {
  /** Whether it holds in one example at least. */
  readonly any: boolean;
  /** Whether examples of a `vmap` may differ in it. */
  readonly differs: boolean;
}

/** Looks at a condition; undefined inside `compile`, where there are no values. */
export function glance(x: Tensor): Glance | undefined {
  const inner = x.device.beneath?.(x);
  if (!inner) return hidesValues(x.device) ? undefined : { any: x.readSync().some((v) => v !== 0), differs: false };
  const seen = glance(inner);
  return seen && { any: seen.any, differs: seen.differs || inner.shape.length > x.shape.length };
}

/** Checks what a function gave as a condition: a scalar tensor. */
export function checkCondition(who: string, what: string, x: unknown): Tensor {
  if (!(x instanceof Tensor)) throw new TypeError(`${who}: expected ${what} a scalar tensor, got ${kindOf(x)}`);
  if (x.shape.length > 0)
    throw new RangeError(`${who}: expected ${what} a scalar tensor, got one of shape ${show(x.shape)}`);
  return x;
}
