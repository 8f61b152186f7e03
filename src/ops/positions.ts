import { stridesOf } from '../core/shape.js';
import type { IntTensor, Tensor } from '../core/tensor.js';
import { fromTypedArray } from './create.js';

/**
 * Where a tensor is not 0 (NaN is not): the position along each axis, in row-major order, int32.
 * Throws a RangeError for a scalar.
 */
export function positions(x: Tensor): IntTensor[] {
  if (x.shape.length === 0) throw new RangeError('where: expected a condition with axes, got a scalar');
  const found: number[] = [];
  x.readSync().forEach((v, i) => {
    if (v !== 0) found.push(i);
  });
  const strides = stridesOf(x.shape);
  return x.shape.map((d, axis) =>
    fromTypedArray(
      x.device,
      Int32Array.from(found, (i) => Math.floor(i / strides[axis]!) % d),
      [found.length],
    ),
  );
}
