import {
  checkFloat,
  checkTensor,
  defineOp,
  sameFloat,
  type One,
  type Op,
  type Three,
  type Two,
  type Vjp,
} from '../core/op.js';
import { checkAxis, stridesOf } from '../core/shape.js';
import type { BatchCall, Dense, Tensor } from '../core/tensor.js';
import { reductionOffsets } from '../core/view.js';
import { axisBehindBatch, sumKept } from './broadcast.js';
import { onesLike } from './create.js';
import { exp, mul, sub } from './elementwise.js';
import { expandDims, reshape } from './movement.js';
import { sum } from './reduce.js';
import { show } from '../core/words.js';

interface SoftmaxAttrs {
  readonly axis: number;
}

/** Fills `out` with f(x - max, log of the sum of e^(x - max)) along an axis. */
function shifted(out: Dense, x: Dense, axis: number, f: (x: number, logSum: number) => number): void {
  const { kept, reduced } = reductionOffsets(x.shape, stridesOf(x.shape), 0, [axis]);
  for (const base of kept) {
    let top = -Infinity;
    let total = 0;
    for (const r of reduced) top = Math.max(top, x.data[base + r]!);
    for (const r of reduced) total += Math.exp(x.data[base + r]! - top);
    for (const r of reduced) out.data[base + r] = f(x.data[base + r]! - top, Math.log(total));
  }
}
const define = (name: string, f: (x: number, logSum: number) => number, rule: Vjp<One, SoftmaxAttrs>) => {
  const op: Op<One, SoftmaxAttrs> = defineOp<One, SoftmaxAttrs>({
    name,
    shape: ([x]) => x,
    dtype: (dtypes) => sameFloat(name, dtypes),
    ref: (out, [x], { axis }) => {
      shifted(out, x, axis, f);
    },
    batch: axisBehindBatch,
    vjp: [rule],
  });
  return (x: Tensor, axis = -1): Tensor => op([x], { axis: checkAxis(name, axis, checkTensor(name, x).shape.length) });
};

/**
 * e^x / sum of e^x along an axis, the last by default.
 * @example
 * softmax(tensor([[0, 0], [0, Math.log(3)]])); // float32[2,2] on cpu [[0.5, 0.5], [0.25, 0.75]]
 */
export const softmax = define(
  'softmax',
  (x, logSum) => Math.exp(x - logSum),
  (g, _, { axis }, out) => mul(out, sub(g, sumKept(mul(g, out), [axis]))),
);

/**
 * log softmax(x) along an axis, the last by default.
 * @example
 * logSoftmax(tensor([0, 0])); // float32[2] on cpu [-0.693147, -0.693147]
 */
export const logSoftmax = define(
  'logSoftmax',
  (x, logSum) => x - logSum,
  (g, _, { axis }, out) => sub(g, mul(exp(out), sumKept(g, [axis]))),
);

/** Whom errors about labels name. */
interface LabelAttrs {
  readonly who: string;
}

/** A rule for `vmap`: the rows of all examples follow one another. */
function rowsOfAll<I extends readonly Tensor[]>({ all, size, attrs, run }: BatchCall<I, LabelAttrs>) {
  const given = all();
  const n = given[0]!.shape[1]!;
  const ins = given.map((x) => reshape(x, [size * n, ...x.shape.slice(2)]));
  return run(ins, attrs).map((y) => reshape(y, [size, n, ...y.shape.slice(1)]));
}

const crossEntropyOp: Op<Two, LabelAttrs> = defineOp<Two, LabelAttrs>({
  name: 'softmaxCrossEntropy',
  shape: ([logits]) => logits.slice(0, 1),
  dtype: ([logits]) => logits,
  ref: (out, [logits, labels], { who }) => {
    const k = logits.shape[1]!;
    const all = { data: new Float64Array(logits.data.length), shape: logits.shape };
    shifted(all, logits, 1, (x, logSum) => logSum - x);
    for (let i = 0; i < out.data.length; i++) out.data[i] = all.data[i * k + label(who, labels, i, k)]!;
  },
  batch: rowsOfAll,
  vjp: [(g, [logits, labels], attrs) => crossEntropyGrad([g, logits, labels], attrs), null],
});

/** g (softmax(logits) - onehot(labels)), row by row. */
const crossEntropyGrad: Op<Three, LabelAttrs> = defineOp<Three, LabelAttrs>({
  name: 'softmaxCrossEntropyGrad',
  shape: ([, logits]) => logits,
  dtype: ([, logits]) => logits,
  ref: (out, [g, logits, labels], { who }) => {
    const k = logits.shape[1]!;
    shifted(out, logits, 1, (x, logSum) => Math.exp(x - logSum));
    for (let i = 0; i < g.data.length; i++) {
      out.data[i * k + label(who, labels, i, k)]! -= 1;
      for (let j = 0; j < k; j++) out.data[i * k + j]! *= g.data[i]!;
    }
  },
  batch: rowsOfAll,
  vjp: [
    (h, [g, logits, labels], attrs) => sum(mul(h, crossEntropyGrad([onesLike(g), logits, labels], attrs)), 1),
    (h, [g, logits]) => {
      const p = softmax(logits);
      return mul(mul(expandDims(g, 1), p), sub(h, sumKept(mul(h, p), [1])));
    },
    null,
  ],
});

function label(who: string, labels: Dense, i: number, k: number): number {
  const c = labels.data[i]!;
  if (c < 0 || c >= k) throw new RangeError(`${who}: expected labels from 0 to ${k - 1}, got ${c} at row ${i}`);
  return c;
}

/**
 * -log softmax(logits)[label] of each row: logits [n,k], labels [n] int32, into [n]. Throws a
 * RangeError for labels outside 0 .. k - 1.
 * @example
 * const labels = tensor([0, 1], { dtype: 'int32' });
 * softmaxCrossEntropy(tensor([[9, 0], [9, 0]]), labels);
 * // float32[2] on cpu [0.000123402, 9.00012]
 */
export const softmaxCrossEntropy = (logits: Tensor, labels: Tensor): Tensor =>
  crossEntropyOf('softmaxCrossEntropy', logits, labels);

/** `softmaxCrossEntropy` that names `who` in its errors. */
export function crossEntropyOf(who: string, logits: Tensor, labels: Tensor): Tensor {
  const [a, b] = [checkFloat(who, logits).shape, checkTensor(who, labels).shape];
  if (labels.dtype !== 'int32') throw new TypeError(`${who}: expected int32 labels, got ${labels.dtype}`);
  if (a.length !== 2 || b.length !== 1 || a[0] !== b[0])
    throw new RangeError(`${who}: expected logits [n,k] and labels [n], got ${show(a)} and ${show(b)}`);
  return crossEntropyOp([logits, labels], { who });
}
