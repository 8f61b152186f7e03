import { aroundAxis } from '../../../core/shape.js';
import type { View } from '../../../core/tensor.js';
import { dense } from '../../../core/view.js';
import type { CumsumAttrs } from '../../../ops/cumsum.js';
import type { KernelTable } from './kernel.js';

// Rows [inner] of [outer, length, inner] are visited one after another, each with the one before it
// at hand, so that memory is read in order. Where rows are one element long, that one stays in a
// register. The loops take float64 alone, for which an engine compiles them best.

function cumprod(out: Float64Array, x: Float64Array, { shape }: View, { axis, reverse }: CumsumAttrs): void {
  const [outer, length, inner] = aroundAxis(shape, axis);
  const step = reverse ? -inner : inner;
  for (let o = 0; o < outer; o++) {
    let row = (o * length + (reverse ? length - 1 : 0)) * inner;
    if (inner === 1) {
      for (let j = 0, y = 1; j < length; j++, row += step) out[row] = y *= x[row]!;
      continue;
    }
    for (let i = row; i < row + inner; i++) out[i] = x[i]!;
    for (let j = 1; j < length; j++) {
      row += step;
      for (let i = row; i < row + inner; i++) out[i] = out[i - step]! * x[i]!;
    }
  }
}

function recurrence(
  out: Float64Array,
  links: Float64Array,
  x: Float64Array,
  { shape }: View,
  { axis, reverse }: CumsumAttrs,
): void {
  const [outer, length, inner] = aroundAxis(shape, axis);
  const step = reverse ? -inner : inner;
  for (let o = 0; o < outer; o++) {
    let row = (o * length + (reverse ? length - 1 : 0)) * inner;
    // To a link from the element that it leads to: each row of links before is one shorter.
    const back = (reverse ? o : o + 1) * inner;
    if (inner === 1) {
      let y = (out[row] = x[row]!);
      for (let j = 1; j < length; j++) {
        row += step;
        out[row] = y = x[row]! + links[row - back]! * y;
      }
      continue;
    }
    for (let i = row; i < row + inner; i++) out[i] = x[i]!;
    for (let j = 1; j < length; j++) {
      row += step;
      for (let i = row; i < row + inner; i++) out[i] = x[i]! + links[i - back]! * out[i - step]!;
    }
  }
}

function cumprodGrad(
  out: Float64Array,
  g: Float64Array,
  x: Float64Array,
  { shape }: View,
  { axis, reverse }: CumsumAttrs,
): void {
  const [outer, length, inner] = aroundAxis(shape, axis);
  const step = reverse ? -inner : inner;
  const rests = new Float64Array(inner);
  for (let o = 0; o < outer; o++) {
    let row = (o * length + (reverse ? length - 1 : 0)) * inner;
    for (let i = row; i < row + inner; i++) out[i] = 1;
    for (let j = 1; j < length; j++) {
      row += step;
      for (let i = row; i < row + inner; i++) out[i] = out[i - step]! * x[i - step]!;
    }
    for (let i = 0; i < inner; i++) out[row + i]! *= rests[i] = g[row + i]!;
    for (let j = 1; j < length; j++) {
      row -= step;
      for (let i = 0; i < inner; i++) out[row + i]! *= rests[i] = g[row + i]! + x[row + i + step]! * rests[i]!;
    }
  }
}

function cummax(tops: Float64Array, places: Int32Array, x: Float64Array, { shape }: View, way: CumsumAttrs): void {
  const [outer, length, inner] = aroundAxis(shape, way.axis);
  const step = way.reverse ? -inner : inner;
  for (let o = 0; o < outer; o++)
    for (let j = 0, row = (o * length + (way.reverse ? length - 1 : 0)) * inner; j < length; j++, row += step)
      for (let i = row; i < row + inner; i++) {
        const value = x[i]!;
        const largest = j === 0 || value >= tops[i - step]! || value !== value;
        tops[i] = largest ? value : tops[i - step]!;
        places[i] = largest ? (way.reverse ? length - 1 - j : j) : places[i - step]!;
      }
}

/** The elements in double precision. */
function doubles(x: View): Float64Array {
  const data = dense(x);
  return data instanceof Float64Array ? data : new Float64Array(data);
}

/** Products with their derivatives, recurrences and maxima along an axis. */
export const scans: KernelTable = {
  cumprod: ([out], [x], way: CumsumAttrs) => {
    if (!(out!.data instanceof Float64Array)) return false;
    cumprod(out!.data, dense(x!) as Float64Array, out!, way);
    return true;
  },
  recurrence: ([out], [links, x], way: CumsumAttrs) => {
    if (!(out!.data instanceof Float64Array)) return false;
    recurrence(out!.data, dense(links!) as Float64Array, dense(x!) as Float64Array, out!, way);
    return true;
  },
  cumprodGrad: ([out], [g, x], way: CumsumAttrs) => {
    const [from, at] = [doubles(g!), doubles(x!)];
    const into = out!.data instanceof Float64Array ? out!.data : new Float64Array(out!.size);
    cumprodGrad(into, from, at, out!, way);
    if (into !== out!.data) out!.data.set(into);
    return true;
  },
  cummax: ([out, places], [x], way: CumsumAttrs) => {
    if (!(out!.data instanceof Float64Array)) return false;
    cummax(out!.data, places!.data as Int32Array, dense(x!) as Float64Array, out!, way);
    return true;
  },
};
