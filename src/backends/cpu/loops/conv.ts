import type { ConvAttrs } from '../../../ops/conv.js';
import { dense } from '../../../core/view.js';
import { COLUMNS, multiplyPanels, pack, panels, ROWS } from './gemm.js';
import type { KernelTable } from './kernel.js';

// Each image of a group is a patch matrix [k, pixels]; with filters [o, k] the three ops are three
// matrix products: y = w patches, dw = dy patches', and dpatches = w' dy, whose elements are added
// up where patches overlap.

/** Sizes of one image's matrices in one group. */
const sizes = ({ x, w, y, groups }: ConvAttrs) => ({
  images: x[0]!,
  o: w[0]! / groups,
  k: w[1]! * w[2]! * w[3]!,
  pixels: y[2]! * y[3]!,
  /** Elements of an image's channels in one group. */
  size: w[1]! * x[2]! * x[3]!,
});

/**
 * Where each element of the patch matrix [k, pixels] lies in the image: `place` says where in the
 * result an element's offset goes. What falls on the padding lies at `size`, one past the image's
 * end.
 */
function patchOffsets(a: ConvAttrs, length: number, place: (row: number, pixel: number) => number): Int32Array {
  const [, , h, w] = a.x as [number, number, number, number];
  const [, channels, r, s] = a.w as [number, number, number, number];
  const [, , p, q] = a.y as [number, number, number, number];
  const offsets = new Int32Array(length).fill(channels * h * w);
  for (let row = 0, c = 0; c < channels; c++)
    for (let i = 0; i < r; i++)
      for (let j = 0; j < s; j++, row++)
        for (let u = 0; u < p; u++) {
          const yy = u * a.stride[0] + i * a.dilation[0] - a.padding[0][0];
          if (yy < 0 || yy >= h) continue;
          for (let v = 0; v < q; v++) {
            const xx = v * a.stride[1] + j * a.dilation[1] - a.padding[1][0];
            if (xx >= 0 && xx < w) offsets[place(row, u * q + v)] = (c * h + yy) * w + xx;
          }
        }
  return offsets;
}

/** The place of element (p, i) in panels of vectors i over a depth of `k`. */
const inPanels = (lanes: number, k: number) => (p: number, i: number) =>
  (Math.floor(i / lanes) * k + p) * lanes + (i % lanes);

/**
 * Fills out[from ...] with the image's elements at `offsets`; the image ends in a zero, which is
 * the padding.
 */
function gather(out: Float64Array, offsets: Int32Array, image: Float64Array): void {
  for (let i = 0; i < offsets.length; i++) out[i] = image[offsets[i]!]!;
}

export const conv: KernelTable = {
  conv2d: ([out], [xv, wv], a: ConvAttrs) => {
    const { images, o, k, pixels, size } = sizes(a);
    const [x, w] = [dense(xv!), dense(wv!)];
    const filters = panels(o, ROWS, k);
    const patches = panels(pixels, COLUMNS, k);
    const offsets = patchOffsets(a, patches.length, inPanels(COLUMNS, k));
    const image = new Float64Array(size + 1);
    const y = new Float64Array(o * pixels);
    for (let g = 0; g < a.groups; g++) {
      pack(filters, ROWS, w, g * o * k, o, k, k, 1);
      for (let n = g; n < images * a.groups; n += a.groups) {
        image.set(x.subarray(n * size, (n + 1) * size));
        gather(patches, offsets, image);
        multiplyPanels(y.fill(0), o, pixels, k, filters, patches);
        out!.data.set(y, n * o * pixels);
      }
    }
    return true;
  },

  conv2dInput: ([out], [yv, wv], a: ConvAttrs) => {
    const { images, o, k, pixels, size } = sizes(a);
    const [y, w] = [dense(yv!), dense(wv!)];
    const filters = panels(k, ROWS, o);
    const gradients = panels(pixels, COLUMNS, o);
    const patches = new Float64Array(k * pixels);
    const offsets = patchOffsets(a, patches.length, (row, pixel) => row * pixels + pixel);
    const image = new Float64Array(size + 1);
    for (let g = 0; g < a.groups; g++) {
      pack(filters, ROWS, w, g * o * k, k, 1, o, k);
      for (let n = g; n < images * a.groups; n += a.groups) {
        pack(gradients, COLUMNS, y, n * o * pixels, pixels, 1, o, pixels);
        multiplyPanels(patches.fill(0), k, pixels, o, filters, gradients);
        image.fill(0);
        for (let i = 0; i < patches.length; i++) image[offsets[i]!]! += patches[i]!;
        out!.data.set(image.subarray(0, size), n * size);
      }
    }
    return true;
  },

  conv2dWeight: ([out], [xv, yv], a: ConvAttrs) => {
    const { images, o, k, pixels, size } = sizes(a);
    const [x, y] = [dense(xv!), dense(yv!)];
    const gradients = panels(o, ROWS, pixels);
    const patches = panels(k, COLUMNS, pixels);
    const place = inPanels(COLUMNS, pixels);
    const offsets = patchOffsets(a, patches.length, (row, pixel) => place(pixel, row));
    const image = new Float64Array(size + 1);
    const dw = new Float64Array(o * k);
    for (let g = 0; g < a.groups; g++) {
      dw.fill(0);
      for (let n = g; n < images * a.groups; n += a.groups) {
        pack(gradients, ROWS, y, n * o * pixels, o, pixels, pixels, 1);
        image.set(x.subarray(n * size, (n + 1) * size));
        gather(patches, offsets, image);
        multiplyPanels(dw, o, k, pixels, gradients, patches);
      }
      out!.data.set(dw, g * o * k);
    }
    return true;
  },
};
