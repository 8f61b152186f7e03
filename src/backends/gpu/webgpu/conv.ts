import type { ConvAttrs } from '../../../ops/conv.js';
import { constantsOf } from '../ops/conv.js';
import type { Product, ProductOf, ProductTable } from './product.js';

type Constants = ReturnType<typeof constantsOf>;

// Convolutions as products whose right operand is never written down: where the element of a pixel
// and a tap lies is worked out as it is read. A batch is a group of channels. Taps are (channel or
// filter, i, j), pixels (image, u, v).

/**
 * Where the pixel of the input that output (u, v) meets at tap (i, j) of a channel lies; below 0 in
 * the padding.
 */
const imageAt = `
  let yy = u * strideY + i * dilationY - top;
  let xx = v * strideX + j * dilationX - left;
  if (yy < 0 || yy >= h || xx < 0 || xx >= w) { return -1; }
  return ((image * c + batch * cg + channel) * h + yy) * w + xx;`;

/**
 * Where the output that pixel (yy, xx) entered by tap (i, j) of a filter lies; below 0 where it
 * entered none.
 */
const outputAt = `
  let ys = yy + top - i * dilationY;
  let xs = xx + left - j * dilationX;
  let u = ys / strideY;
  let v = xs / strideX;
  if (ys < 0 || xs < 0 || u * strideY != ys || v * strideX != xs || u >= p_ || v >= q) { return -1; }
  return ((image * o + batch * og + f) * p_ + u) * q + v;`;

const forward = ({ n, cg, og, r, s, p, q }: Constants, groups: number): Omit<Product, 'constants'> => ({
  batches: groups,
  rows: og,
  columns: n * p * q,
  depth: cg * r * s,
  left: { argument: 1, at: 'return (batch * og + row) * depth + p;', deep: true },
  right: {
    argument: 0,
    at: `let channel = p / (r * s); let i = p / s % r; let j = p % s;
  let image = column / (p_ * q); let u = column / q % p_; let v = column % q;${imageAt}`,
    deep: false,
    gaps: true,
  },
  place: 'return (column / (p_ * q) * o + batch * og + row) * (p_ * q) + column % (p_ * q);',
});

const inInput = ({ n, h, w, cg, og, r, s }: Constants, groups: number): Omit<Product, 'constants'> => ({
  batches: groups,
  rows: cg,
  columns: n * h * w,
  depth: og * r * s,
  left: { argument: 1, at: 'return ((batch * og + p / (r * s)) * cg + row) * (r * s) + p % (r * s);', deep: true },
  right: {
    argument: 0,
    at: `let f = p / (r * s); let i = p / s % r; let j = p % s;
  let image = column / (h * w); let yy = column / w % h; let xx = column % w;${outputAt}`,
    deep: false,
    gaps: true,
  },
  place: 'return (column / (h * w) * c + batch * cg + row) * (h * w) + column % (h * w);',
});

const inWeight = ({ n, cg, og, r, s, p, q }: Constants, groups: number): Omit<Product, 'constants'> => ({
  batches: groups,
  rows: og,
  columns: cg * r * s,
  depth: n * p * q,
  left: { argument: 1, at: 'return (p / (p_ * q) * o + batch * og + row) * (p_ * q) + p % (p_ * q);', deep: true },
  right: {
    argument: 0,
    at: `let channel = column / (r * s); let i = column / s % r; let j = column % s;
  let image = p / (p_ * q); let u = p / q % p_; let v = p % q;${imageAt}`,
    deep: true,
    gaps: true,
  },
  place: 'return (batch * og + row) * columns + column;',
});

const by =
  (productOf: (constants: Constants, groups: number) => Omit<Product, 'constants'>): ProductOf =>
  (gpu, ins, _, attrs: ConvAttrs) => {
    const { p, ...rest } = constantsOf(attrs);
    const product = { ...productOf({ p, ...rest }, attrs.groups), constants: { p_: p, ...rest } }; // p is a term of the sum
    return { product, operands: ins.map(gpu.dense) };
  };

/** Convolution and its two adjoints as implicit matrix products. */
export const conv: ProductTable = {
  conv2d: by(forward),
  conv2dInput: by(inInput),
  conv2dWeight: by(inWeight),
};
