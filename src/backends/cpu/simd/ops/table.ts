import type { AnyOp } from '../../../../core/tensor.js';
import { adamStep } from './adam.js';
import { along } from './along.js';
import * as conv from './conv.js';
import { elementwise } from './elementwise.js';
import { linalg } from './linalg.js';
import { matmul } from './matmul.js';
import * as normalize from './normalize.js';
import type { SimdOp } from './op.js';
import { argsort } from './order.js';
import * as pool from './pool.js';
import { reduce } from './reduce.js';
import { softmax } from './softmax.js';

// Each record knows the attributes of its op; the table that holds them all cannot.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
const records: Readonly<Record<string, SimdOp<any>>> = {
  ...elementwise,
  ...reduce,
  ...normalize,
  ...pool,
  ...conv,
  matmul,
  ...linalg,
  ...softmax,
  ...along,
  argsort,
  adamStep,
};

// Eager mode asks for each op that it runs.
const table = new Map(Object.entries(records));

/** The SIMD kernels of an op; undefined where it has none. */
export const simdOp = ({ kernel }: AnyOp): SimdOp<unknown> | undefined =>
  kernel === undefined ? undefined : table.get(kernel);
