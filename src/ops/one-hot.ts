import { aDType, count } from '../core/check.js';
import type { DType } from '../core/dtype.js';
import { checkTensor, defineOp, type One } from '../core/op.js';
import { checkOptions } from '../core/options.js';
import type { Tensor } from '../core/tensor.js';

const oneHotOp = defineOp<One, { depth: number; dtype: DType }>({
  name: 'oneHot',
  shape: ([x], { depth }) => [...x, depth],
  dtype: (_, { dtype }) => dtype,
  ref: (out, [x], { depth }) => {
    for (let i = 0; i < x.data.length; i++) {
      const k = x.data[i]!;
      if (k < 0 || k >= depth) throw new RangeError(`oneHot: expected indices from 0 to ${depth - 1}, got ${k}`);
      out.data[i * depth + k] = 1;
    }
  },
  batch: ({ ins, attrs, run }) => run(ins, attrs),
  vjp: null,
});
/**
 * 1 at the index and 0 elsewhere, along a new last axis of length `depth`; indices are int32.
 * Throws a RangeError for indices outside 0 .. depth - 1.
 * @param depth number of classes
 * @example
 * oneHot(tensor([0, 2], { dtype: 'int32' }), 3); // float32[2,3] on cpu [[1, 0, 0], [0, 0, 1]]
 */
export function oneHot(indices: Tensor, depth: number, options: { readonly dtype?: DType } = {}): Tensor {
  const { dtype = 'float32' } = checkOptions('oneHot', options, { dtype: aDType });
  if (checkTensor('oneHot', indices).dtype !== 'int32')
    throw new TypeError(
      `oneHot: expected int32 indices, got ${indices.dtype}; convert them with cast(indices, 'int32')`,
    );
  return oneHotOp([indices], { depth: count('oneHot', 'depth', depth), dtype });
}
