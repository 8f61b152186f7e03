import {
  argsort,
  cummax,
  cumprod,
  cumsum,
  fromTypedArray,
  grad,
  logSoftmax,
  randomKey,
  randomUniform,
  reshape,
  scatterAdd,
  scatterSet,
  slice,
  softmax,
  sort,
  sum,
  takeAlong,
  topK,
  zeros,
  type Tensor,
} from 'bigrad';
import type { Case } from './case.js';

const N = 2 ** 20;
const TARGETS = 1000;
const FEW = 10;
/** The first ten. */
const few = (x: Tensor): Tensor => slice(x, [0], [FEW]);

/**
 * Times a function of numbers and of indices below 1000; `bench/peers/order.py` times those of
 * PyTorch.
 */
const ordered = (name: string, shape: readonly number[], f: (x: Tensor, indices: Tensor) => unknown): Case => ({
  name: `${name} [${shape.join(',')}], float32`,
  prepare: () => {
    const x = reshape(randomUniform(randomKey(1), [N]), shape);
    const draws = randomUniform(randomKey(2), [N]).readSync();
    const indices = fromTypedArray(
      Int32Array.from(draws, (u) => Math.floor(u * TARGETS)),
      shape,
    );
    return () => f(x, indices);
  },
});

export const cases: readonly Case[] = [
  ordered('sort', [N], (x) => sort(x)),
  ordered('sort', [1024, 1024], (x) => sort(x)),
  ordered('sort', [16384, 64], (x) => sort(x)),
  ordered('sort', [65536, 16], (x) => sort(x)),
  ordered('argsort', [N], (x) => argsort(x)),
  ordered('topK, 10 of', [N], (x) => topK(x, 10)),
  ordered('topK, 10 of each row,', [1024, 1024], (x) => topK(x, 10)),
  ordered('cumsum', [1024, 1024], (x) => cumsum(x)),
  ordered('cumprod', [N], (x) => cumprod(x)),
  ordered('the gradient of cumprod', [N], (x) => grad((y: Tensor) => sum(cumprod(y)))(x)),
  ordered('cummax', [N], (x) => cummax(x)),
  ordered('cummax, axis 0 of', [1024, 1024], (x) => cummax(x, 0)),
  ordered('the gradient of cummax', [N], (x) => grad((y: Tensor) => sum(cummax(y)))(x)),
  ordered('softmax', [1024, 1024], (x) => softmax(x)),
  ordered('softmax, axis 0 of', [1024, 1024], (x) => softmax(x, 0)),
  ordered('logSoftmax', [1024, 1024], (x) => logSoftmax(x)),
  ordered('takeAlong', [N], takeAlong),
  ordered(`scatterAdd to ${TARGETS} from`, [N], (x, indices) => scatterAdd(zeros([TARGETS]), indices, x)),
  ordered(`scatterSet to ${TARGETS} from`, [N], (x, indices) => scatterSet(zeros([TARGETS]), indices, x)),
  ordered(`scatterSet of ${FEW} to`, [N], (x, indices) => scatterSet(x, few(indices), few(x))),
  ordered(`the gradient of scatterSet of ${FEW} to`, [N], (x, indices) =>
    grad((xy: readonly Tensor[]) => sum(scatterSet(xy[0]!, few(indices), xy[1]!)))([x, few(x)]),
  ),
];
