import type { Buffer } from '../../../core/dtype.js';
import { offAxis } from '../../../core/check.js';
import { aroundAxis } from '../../../core/shape.js';
import type { View } from '../../../core/tensor.js';
import { dense } from '../../../core/view.js';
import type { AlongAttrs } from '../../../ops/take-along.js';
import type { KernelTable } from './kernel.js';

/** By index, where its element along the axis is in memory. */
function targets(indices: View, attrs: AlongAttrs): Int32Array {
  const { axis, length, least } = attrs;
  const [outer, count, inner] = aroundAxis(indices.shape, axis);
  const from = dense(indices);
  const found = new Int32Array(from.length);
  let at = 0;
  for (let o = 0; o < outer; o++)
    for (let j = 0; j < count; j++)
      for (let i = 0; i < inner; i++, at++) {
        const index = from[at]!;
        if (index < least || index >= length) throw offAxis(attrs, index);
        found[at] = (o * length + (index < 0 ? index + length : index)) * inner + i;
      }
  return found;
}

function gather(out: Buffer, x: Buffer, at: Int32Array): void {
  for (let i = 0; i < at.length; i++) out[i] = x[at[i]!]!;
}

function scatter(out: Buffer, g: Buffer, at: Int32Array): void {
  for (let i = 0; i < at.length; i++) out[at[i]!]! += g[i]!;
}

function write(out: Buffer, values: Buffer, at: Int32Array): void {
  for (let i = 0; i < at.length; i++) out[at[i]!] = values[i]!;
}

/** What is left of it, for each place that wrote; 0 for what is overwritten. */
function takeWritten(out: Buffer, g: Buffer, at: Int32Array): void {
  const writers = new Int32Array(g.length);
  for (let i = 0; i < at.length; i++) writers[at[i]!] = i;
  for (let i = 0; i < at.length; i++) out[i] = writers[at[i]!] === i ? g[at[i]!]! : 0;
}

/** Elements at indices along an axis, sums by index, and what is written there. */
export const along: KernelTable = {
  takeAlong: ([out], [x, indices], attrs: AlongAttrs) => {
    gather(out!.data, dense(x!), targets(indices!, attrs));
    return true;
  },
  takeAlongAdjoint: ([out], [g, indices], attrs: AlongAttrs) => {
    scatter(out!.data, dense(g!), targets(indices!, attrs));
    return true;
  },
  scatterSet: ([out], [x, indices, values], attrs: AlongAttrs) => {
    out!.data.set(dense(x!));
    write(out!.data, dense(values!), targets(indices!, attrs));
    return true;
  },
  takeWritten: ([out], [g, indices], attrs: AlongAttrs) => {
    takeWritten(out!.data, dense(g!), targets(indices!, attrs));
    return true;
  },
};
