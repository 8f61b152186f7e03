import type { Buffer } from '../../../core/dtype.js';
import { aroundAxis } from '../../../core/shape.js';
import type { View } from '../../../core/tensor.js';
import { dense } from '../../../core/view.js';
import type { ArgsortAttrs } from '../../../ops/sort.js';
import type { KernelTable } from './kernel.js';
import { sortByDigits, wordsOf } from './radix.js';

const SHORT = 48; // elements of a row up to which insertion beats a sort by digits
const FEW = 32; // first elements up to which one pass over a row beats sorting it

/** Puts the indices of the first elements of a row into `order`, which holds as many; stable. */
type RowOrder = (row: Buffer, order: Int32Array) => void;

/** One pass that keeps the first elements so far in order; of all elements it is insertion sort. */
const byInsertion =
  (descending: boolean): RowOrder =>
  (row, order) => {
    const kept = new Float64Array(order.length);
    let known = 0;
    for (let i = 0; i < row.length; i++) {
      const value = row[i]!;
      const nan = value !== value;
      let at = known;
      while (at > 0) {
        const other = kept[at - 1]!;
        const behind = descending
          ? other < value || (nan && other === other)
          : other > value || (!nan && other !== other);
        if (!behind) break;
        at--;
      }
      if (at === order.length) continue;
      if (known < order.length) known++;
      for (let j = known - 1; j > at; j--) {
        kept[j] = kept[j - 1]!;
        order[j] = order[j - 1]!;
      }
      kept[at] = value;
      order[at] = i;
    }
  };

const byDigits =
  (descending: boolean): RowOrder =>
  (row, order) => {
    order.set(sortByDigits(wordsOf(row, descending)).subarray(0, order.length));
  };

function argsort(out: View, x: View, { axis, descending, first }: ArgsortAttrs): void {
  const data = dense(x);
  const [outer, length, inner] = aroundAxis(x.shape, axis);
  const sortRow = (length <= SHORT || first <= FEW ? byInsertion : byDigits)(descending);
  const order = new Int32Array(first);
  const column = data.slice(0, length);
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < inner; i++) {
      const from = o * length * inner + i;
      for (let k = 0, at = from; k < length; k++, at += inner) column[k] = data[at]!;
      sortRow(column, order);
      for (let k = 0, at = o * first * inner + i; k < first; k++, at += inner) out.data[at] = order[k]!;
    }
}

/** Orders along an axis. */
export const order: KernelTable = {
  argsort: ([out], [x], attrs: ArgsortAttrs) => {
    if (out!.size > 0) argsort(out!, x!, attrs);
    return true;
  },
};
