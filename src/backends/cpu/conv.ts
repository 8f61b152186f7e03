import type { Buffer } from '../../core/dtype.js';
import type { ConvAttrs } from '../../ops/conv.js';
import { dense } from '../../core/view.js';
import { LANES, multiplyPanels, pack, panelSize } from './gemm.js';
import type { KernelTable } from './kernel.js';

/** Sizes of one image's matrices in one group: filters [o, k], patches [k, pixels]. */
const sizes = ({ x, w, y, groups }: ConvAttrs) => ({
  images: x[0]!,
  o: w[0]! / groups,
  k: w[1]! * w[2]! * w[3]!,
  pixels: y[2]! * y[3]!,
  plane: x[2]! * x[3]!,
  channels: w[1]!,
});

/**
 * Visits the patch matrix [k, pixels] of an image: position (row, pixel) holds the image's element at an offset. What falls on
 * the padding is skipped.
 */
function eachPatch(
  a: ConvAttrs,
  visit: (row: number, pixel: number, offset: number, count: number, step: number) => void,
): void {
  const [, , h, w] = a.x as [number, number, number, number];
  const [, channels, r, s] = a.w as [number, number, number, number];
  const [, , p, q] = a.y as [number, number, number, number];
  const [[top], [left]] = a.padding;
  const [down, right] = a.stride;
  for (let row = 0, c = 0; c < channels; c++)
    for (let i = 0; i < r; i++)
      for (let j = 0; j < s; j++, row++) {
        const shift = j * a.dilation[1] - left;
        const first = Math.max(0, Math.ceil(-shift / right));
        const last = Math.min(q - 1, Math.floor((w - 1 - shift) / right));
        if (last < first) continue;
        for (let u = 0; u < p; u++) {
          const yy = u * down + i * a.dilation[0] - top;
          if (yy >= 0 && yy < h)
            visit(row, u * q + first, (c * h + yy) * w + first * right + shift, last - first + 1, right);
        }
      }
}

/** Patches as B panels of columns (pixels) over depth k: y = w * patches. */
function packPatches(panels: Float64Array, a: ConvAttrs, k: number, x: Buffer, image: number): void {
  eachPatch(a, (row, pixel, offset, count, step) => {
    for (let i = 0, from = image + offset; i < count; i++, from += step) {
      const column = pixel + i;
      panels[((column >> 2) * k + row) * LANES + (column & 3)] = x[from]!;
    }
  });
}

/** Patches transposed, as B panels of columns (rows of the patch matrix) over depth pixels: dw = dy * patches'. */
function packPatchesTransposed(panels: Float64Array, a: ConvAttrs, pixels: number, x: Buffer, image: number): void {
  eachPatch(a, (row, pixel, offset, count, step) => {
    let to = ((row >> 2) * pixels + pixel) * LANES + (row & 3);
    for (let i = 0, from = image + offset; i < count; i++, from += step, to += LANES) panels[to] = x[from]!;
  });
}

export const conv: KernelTable = {
  conv2d: ([out], [xv, wv], a: ConvAttrs) => {
    const { images, o, k, pixels, plane, channels } = sizes(a);
    const [x, w] = [dense(xv!), dense(wv!)];
    const filters = new Float64Array(panelSize(o, k));
    const patches = new Float64Array(panelSize(pixels, k));
    for (let g = 0; g < a.groups; g++) {
      pack(filters, w, g * o * k, o, k, k, 1);
      for (let n = 0; n < images; n++) {
        packPatches(patches, a, k, x, (n * a.groups + g) * channels * plane);
        multiplyPanels(out!.data, (n * a.groups + g) * o * pixels, o, pixels, k, filters, patches);
      }
    }
    return true;
  },

  conv2dInput: ([out], [yv, wv], a: ConvAttrs) => {
    const { images, o, k, pixels, plane, channels } = sizes(a);
    const [y, w, x] = [dense(yv!), dense(wv!), out!.data];
    const filters = new Float64Array(panelSize(k, o));
    const gradients = new Float64Array(panelSize(pixels, o));
    const patches = new Float64Array(k * pixels);
    const sums = new Float64Array(channels * plane);
    for (let g = 0; g < a.groups; g++) {
      pack(filters, w, g * o * k, k, 1, o, k);
      for (let n = 0; n < images; n++) {
        pack(gradients, y, (n * a.groups + g) * o * pixels, pixels, 1, o, pixels);
        patches.fill(0);
        sums.fill(0);
        multiplyPanels(patches, 0, k, pixels, o, filters, gradients);
        eachPatch(a, (row, pixel, offset, count, step) => {
          for (let i = 0, from = row * pixels + pixel, to = offset; i < count; i++, from++, to += step)
            sums[to]! += patches[from]!;
        });
        x.set(sums, (n * a.groups + g) * channels * plane);
      }
    }
    return true;
  },

  conv2dWeight: ([out], [xv, yv], a: ConvAttrs) => {
    const { images, o, k, pixels, plane, channels } = sizes(a);
    const [x, y] = [dense(xv!), dense(yv!)];
    const gradients = new Float64Array(panelSize(o, pixels));
    const patches = new Float64Array(panelSize(k, pixels));
    const sums = new Float64Array(o * k);
    for (let g = 0; g < a.groups; g++) {
      sums.fill(0);
      for (let n = 0; n < images; n++) {
        pack(gradients, y, (n * a.groups + g) * o * pixels, o, pixels, pixels, 1);
        packPatchesTransposed(patches, a, pixels, x, (n * a.groups + g) * channels * plane);
        multiplyPanels(sums, 0, o, k, pixels, gradients, patches);
      }
      out!.data.set(sums, g * o * k);
    }
    return true;
  },
};
