import { aString, listOf } from '../../core/check.js';
import { checkAlike, checkTensor } from '../../core/op.js';
import { sizeOf } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { show } from '../../core/words.js';
import { broadcastTo } from '../broadcast.js';
import { mul } from '../elementwise.js';
import { matmul } from '../matmul.js';
import { reshape, transpose } from '../movement.js';
import { sum } from '../reduce.js';
import { contractionPath, labelsOf, type Labels, type Lengths } from './einsum-path.js';
import { diagonal } from './triangles.js';

/** A tensor whose axes have labels. */
interface Labelled {
  readonly x: Tensor;
  readonly labels: Labels;
}

/** Takes the diagonal of axes with one label, so that each label is there once. */
function once({ x, labels }: Labelled): Labelled {
  const again = labels.findIndex((label, i) => labels.indexOf(label) !== i);
  if (again < 0) return { x, labels };
  const first = labels.indexOf(labels[again]!);
  const rest = labels.filter((_, i) => i !== again && i !== first);
  return once({ x: diagonal(x, 0, [first, again]), labels: [...rest, labels[again]!] });
}

/** Sums over the labels that nothing else has. */
function reduced({ x, labels }: Labelled, needed: ReadonlySet<string>): Labelled {
  const gone = labels.flatMap((label, i) => (needed.has(label) ? [] : [i]));
  if (gone.length === 0) return { x, labels };
  return { x: sum(x, gone), labels: labels.filter((label) => needed.has(label)) };
}

/** x with its axes in the order of labels that it has, those that it lacks with length 1. */
function arranged({ x, labels }: Labelled, order: Labels): Tensor {
  const there = order.filter((label) => labels.includes(label));
  const turned = transpose(
    x,
    there.map((label) => labels.indexOf(label)),
  );
  let axis = 0;
  return reshape(
    turned,
    order.map((label) => (labels.includes(label) ? turned.shape[axis++]! : 1)),
  );
}

/** The product of two, summed over the labels that nothing else needs: one product of matrices. */
function joined(a: Labelled, b: Labelled, needed: ReadonlySet<string>, lengths: Lengths): Labelled {
  const shared = a.labels.filter((label) => b.labels.includes(label));
  const inner = shared.filter((label) => !needed.has(label));
  const batch = shared.filter((label) => needed.has(label));
  const left = a.labels.filter((label) => !shared.includes(label));
  const right = b.labels.filter((label) => !shared.includes(label));
  const labels = [...batch, ...left, ...right];
  const full = (t: Labelled, all: Labels): Tensor =>
    broadcastTo(
      arranged(t, all),
      all.map((label) => lengths.get(label)!),
    );
  if (inner.length === 0 || a.x.dtype === 'int32') {
    const all = [...labels, ...inner];
    const product = { x: mul(arranged(a, all), arranged(b, all)), labels: all };
    return reduced(
      {
        ...product,
        x: broadcastTo(
          product.x,
          all.map((l) => lengths.get(l)!),
        ),
      },
      needed,
    );
  }
  const size = (list: Labels): number => sizeOf(list.map((label) => lengths.get(label)!));
  const x = reshape(full(a, [...batch, ...left, ...inner]), [size(batch), size(left), size(inner)]);
  const y = reshape(full(b, [...batch, ...inner, ...right]), [size(batch), size(inner), size(right)]);
  return {
    x: reshape(
      matmul(x, y),
      labels.map((label) => lengths.get(label)!),
    ),
    labels,
  };
}

/**
 * Einstein's sum: `einsum('bij,bjk->bik', x, y)` is a batch of matrix products. Each letter is an
 * axis; letters that the result lacks are summed over. Without `->` the result has the letters that
 * stand once, in alphabetical order. A letter twice in one operand takes the diagonal, and `...`
 * stands for axes that broadcast. The order of products is chosen by size. Throws a RangeError
 * where letters and shapes do not fit.
 * @example
 * einsum('ij,jk->ik', tensor([[1, 2]]), tensor([[3], [4]])); // float32[1,1] on cpu [[11]]
 * einsum('ii', tensor([[1, 2], [3, 4]])); // float32[] on cpu 5
 */
export function einsum(subscripts: string, ...operands: readonly Tensor[]): Tensor {
  const text = aString('einsum', 'subscripts', subscripts);
  const own = listOf('einsum', 'operands', operands, (x) => checkTensor('einsum', x));
  if (own.length === 0) throw new RangeError(`einsum: expected at least one operand, got ${show(own.length)}`);
  checkAlike('einsum', own);
  const { ins, out, lengths } = labelsOf(
    text,
    own.map((x) => x.shape),
  );
  let terms = own.map((x, i) => once({ x, labels: ins[i]! }));
  /** Labels of the result and of the terms besides some. */
  const neededBy = (others: readonly Labelled[]): Set<string> =>
    new Set([...out, ...others.flatMap(({ labels }) => labels)]);
  terms = terms.map((term, i) => reduced(term, neededBy(terms.filter((_, k) => k !== i))));
  const path = contractionPath(
    terms.map(({ labels }) => labels),
    out,
    lengths,
  );
  for (const [i, j] of path) {
    const others = terms.filter((_, k) => k !== i && k !== j);
    terms = [...others, joined(terms[i]!, terms[j]!, neededBy(others), lengths)];
  }
  const last = arranged(reduced(terms[0]!, new Set(out)), out);
  return broadcastTo(
    last,
    out.map((label) => lengths.get(label)!),
  );
}
