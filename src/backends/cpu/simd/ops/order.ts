import { aroundAxis } from '../../../../core/shape.js';
import type { ArgsortAttrs } from '../../../../ops/sort.js';
import type { SimdOp } from './op.js';

const LONGEST = 2 ** 22; // of a row: its scratch memory is 16 bytes an element

export const argsort: SimdOp<ArgsortAttrs> = {
  result: 'int32',
  operands: 'copied',
  plan: ({ kernels }, _, [x], __, { axis, descending, first }) => {
    const [outer, length, inner] = aroundAxis(x!.view.shape, axis);
    if (x!.dtype === 'float64' || length > LONGEST) return undefined;
    const integers = x!.dtype === 'int32';
    return {
      scratch: kernels.argsortScratch(length),
      run: ([from, out], scratch) => {
        kernels.argsort(from!, out!, outer, length, inner, first, integers, descending, scratch);
      },
    };
  },
};
