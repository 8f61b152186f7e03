import { kindOf } from '../core/dtype.js';
import { sameShape, show, type Shape } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';

/** Checks that `value` is a positive integer; the RangeError names function and argument. */
export function checkSize(who: string, name: string, value: number): number {
  if (!Number.isInteger(value) || value < 1)
    throw new RangeError(`${who}: expected ${name} to be a positive integer, got ${value}`);
  return value;
}

/** Checks that `value` is a finite number above 0. */
export function checkPositive(who: string, name: string, value: unknown): void {
  if (!(typeof value === 'number' && value > 0 && value < Infinity))
    throw new RangeError(`${who}: expected ${name} above 0, got ${kindOf(value)}`);
}

/** Checks that a layer's parameters (or state) hold tensors of these shapes; others may stand beside them. */
export function checkTensors(who: string, tree: unknown, shapes: Record<string, Shape>): void {
  for (const [name, shape] of Object.entries(shapes)) {
    const t = (tree as Record<string, unknown> | null | undefined)?.[name];
    if (!(t instanceof Tensor)) throw new TypeError(`${who}: expected ${name} ${show(shape)}, got ${kindOf(t)}`);
    if (!sameShape(t.shape, shape))
      throw new RangeError(`${who}: expected ${name} ${show(shape)}, got ${show(t.shape)}`);
  }
}
