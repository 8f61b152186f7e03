import { checkAlike, checkFloat } from '../core/op.js';
import { sameShape, type Shape } from '../core/shape.js';
import { checkReadable, Tensor } from '../core/tensor.js';
import { kindOf, show } from '../core/words.js';

/**
 * Checks that a layer's parameters (or state) hold tensors of these shapes, and of the dtype of x;
 * others may stand beside them.
 */
export function checkTensors(who: string, tree: unknown, shapes: Record<string, Shape>, x?: Tensor): void {
  for (const [name, shape] of Object.entries(shapes)) {
    const t =
      typeof tree === 'object' && tree !== null && Object.hasOwn(tree, name)
        ? (tree as Record<string, unknown>)[name]
        : undefined;
    if (!(t instanceof Tensor)) throw new TypeError(`${who}: expected ${name} ${show(shape)}, got ${kindOf(t)}`);
    if (!sameShape(t.shape, shape))
      throw new RangeError(`${who}: expected ${name} ${show(shape)}, got ${show(t.shape)}`);
    checkReadable(who, t);
    checkAlike(who, x ? [x, checkFloat(who, t)] : [checkFloat(who, t)]);
  }
}

/** The shapes of those optional parameters that a layer has. */
export const held = (params: unknown, shapes: Record<string, Shape>): Record<string, Shape> =>
  Object.fromEntries(
    Object.entries(shapes).filter(
      ([name]) => (params as Record<string, unknown> | null | undefined)?.[name] !== undefined,
    ),
  );
