import type { AnyOp } from '../../../../core/tensor.js';
import { adamStep } from './adam.js';
import { conv2d, conv2dInput, conv2dWeight } from './conv.js';
import { elementwise } from './elementwise.js';
import { matmul } from './matmul.js';
import { normalize, normalizeGrad } from './normalize.js';
import type { SimdOp } from './op.js';
import { maxPool2d, poolGather, poolScatter } from './pool.js';
import { sum } from './reduce.js';
import { softmax } from './softmax.js';

// Each record knows the attributes of its op; the table that holds them all cannot.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
const table: Readonly<Record<string, SimdOp<any>>> = {
  ...elementwise,
  adamStep,
  conv2d,
  conv2dInput,
  conv2dWeight,
  matmul,
  maxPool2d,
  normalize,
  normalizeGrad,
  poolGather,
  poolScatter,
  softmax,
  sum,
};

/** The SIMD kernels of an op, by its name; undefined where it has none. */
export const simdOp = ({ name }: AnyOp): SimdOp<unknown> | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;
