import { flag } from '../core/check.js';
import { checkTensor, defineOp, type One, type Op } from '../core/op.js';
import { checkOptions } from '../core/options.js';
import { aroundAxis, checkAxis } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';

export interface CumsumAttrs {
  readonly axis: number;
  readonly reverse: boolean;
}

/** Options of `cumsum`. */
export interface CumsumOptions {
  /** Sums from each element to the last, instead of from the first; false by default. */
  readonly reverse?: boolean;
}

const cumsumOp: Op<One, CumsumAttrs> = defineOp<One, CumsumAttrs>({
  name: 'cumsum',
  shape: ([x]) => x,
  dtype: ([x]) => x,
  ref: (out, [x], { axis, reverse }) => {
    const [outer, length, inner] = aroundAxis(x.shape, axis);
    const integers = x.data instanceof Int32Array;
    for (let i = 0; i < outer; i++)
      for (let j = 0; j < inner; j++) {
        let total = 0;
        for (let k = 0; k < length; k++) {
          const at = (i * length + (reverse ? length - 1 - k : k)) * inner + j;
          total = integers ? (total + x.data[at]!) | 0 : total + x.data[at]!;
          out.data[at] = total;
        }
      }
  },
  batch: ({ ins, attrs, run }) => run(ins, { ...attrs, axis: attrs.axis + 1 }),
  // Each is the other's transpose.
  vjp: [(g, _, { axis, reverse }) => cumsumOp([g], { axis, reverse: !reverse })],
});

/**
 * Sums of the elements up to each along an axis, the last by default: y_i = x_0 + ... + x_i.
 * @example
 * cumsum(tensor([1, 2, 3])); // float32[3] on cpu [1, 3, 6]
 */
export function cumsum(x: Tensor, axis = -1, options: CumsumOptions = {}): Tensor {
  const { reverse = false } = checkOptions('cumsum', options, { reverse: flag });
  return cumsumOp([x], { axis: checkAxis('cumsum', axis, checkTensor('cumsum', x).shape.length), reverse });
}
