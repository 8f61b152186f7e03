import { fromTypedArray, valueAndGrad, type Tensor } from 'bigrad';
import { adam } from 'bigrad/optim';
import { modeOf, type Mode } from './mode.js';
import { loss, start, type Batch, type Statistics, type TrunkMasks, type Weights } from './network.js';

const RATE = 1e-3;

/** Images [n,2,9,18] and strengths [n] in main memory, and the order in which a pass takes them. */
export interface Rows {
  readonly images: Float32Array;
  readonly strengths: Float32Array;
  readonly order: Int32Array;
}

/**
 * Endless batches of `count`, each made from rows as training makes them; rows that are left over
 * in a pass are left out.
 */
export function batchesOf({ images, strengths, order }: Rows, count: number): () => Batch {
  const size = images.length / strengths.length;
  let at = 0;
  return () => {
    if (at + count > order.length) at = 0;
    const rows = order.subarray(at, (at += count));
    const x = new Float32Array(count * size);
    rows.forEach((row, i) => {
      x.set(images.subarray(row * size, (row + 1) * size), i * size);
    });
    const y = Float32Array.from(rows, (row) => strengths[row]!);
    return { x: fromTypedArray(x, [count, 2, 9, 18]), y: fromTypedArray(y, [count]) };
  };
}

/**
 * Training by Adam as a program does it: each call takes one step from what the last one left,
 * whose storage a compiled step takes over. A call returns the loss before its step.
 */
export function startTraining(
  next: () => Batch,
  masks: readonly TrunkMasks[],
  mode: Mode,
  weights = start().weights,
): () => Tensor {
  const optimizer = adam({ learningRate: RATE });
  type Moments = ReturnType<typeof optimizer.init>;
  const update = (w: Weights, s: Moments, stats: Statistics, m: readonly TrunkMasks[], b: Batch) => {
    const f = (v: Weights) => loss(v, 'simulated', m, b, stats);
    const [[value, moved], gradient] = valueAndGrad(f, { hasAux: true })(w);
    return [...optimizer.update(gradient, s, w), moved, value] as const;
  };
  const step = modeOf(mode, { donate: [0, 1, 2] })(update);
  let [w, moments, statistics] = [weights, optimizer.init(weights), start().statistics];
  return () => {
    let value: Tensor;
    [w, moments, statistics, value] = step(w, moments, statistics, masks, next());
    return value;
  };
}
