import type { ConvAttrs } from '../../../ops/conv.js';
import { constantsOf } from '../ops/conv.js';
import type { Product, ProductOf, ProductTable } from './product.js';

type Constants = ReturnType<typeof constantsOf>;

// Convolutions as products whose right operand is never written down: where the element of a pixel
// and a tap lies is worked out as it is read. A batch is a group of channels. Taps are (channel or
// filter, i, j), pixels (image, u, v). A position is (plane, y, x).

/** The position of a tap, counted from its group's first channel or filter, and the first pixel. */
const tap = (of: string): string => `vec3(${of} / (r * s), ${of} / s % r * dilationY, ${of} % s * dilationX)`;

/** The position of the pixel of the input that an output meets at its first tap. */
const pixel = (of: string): string =>
  `vec3(${of} / (p_ * q) * c, ${of} / q % p_ * strideY - top, ${of} % q * strideX - left)`;

/** Where the pixel of the input lies; below 0 in the padding. */
const imageAt = `
  if (t.y < 0 || t.y >= h || t.z < 0 || t.z >= w) { return -1; }
  return (t.x * h + t.y) * w + t.z;`;

/** Where the output lies that a pixel of the input entered; below 0 where it entered none. */
const outputAt = `
  let u = t.y / strideY;
  let v = t.z / strideX;
  if (t.y < 0 || t.z < 0 || u * strideY != t.y || v * strideX != t.z || u >= p_ || v >= q) { return -1; }
  return (t.x * p_ + u) * q + v;`;

const forward = ({ n, cg, og, r, s, p, q }: Constants, groups: number): Omit<Product, 'constants'> => ({
  batches: groups,
  rows: og,
  columns: n * p * q,
  depth: cg * r * s,
  left: { argument: 1, line: '(batch * og + row) * depth', term: 'p', deep: true },
  right: {
    argument: 0,
    line: `${pixel('column')} + vec3(batch * cg, 0, 0)`,
    term: tap('p'),
    at: imageAt,
    deep: false,
  },
  place: '(column / (p_ * q) * o + batch * og + row) * (p_ * q) + column % (p_ * q)',
  fours: (p * q) % 4 === 0,
});

const inInput = ({ n, h, w, cg, og, r, s }: Constants, groups: number): Omit<Product, 'constants'> => ({
  batches: groups,
  rows: cg,
  columns: n * h * w,
  depth: og * r * s,
  left: {
    argument: 1,
    line: '(batch * og * cg + row) * (r * s)',
    term: 'p / (r * s) * (cg * r * s) + p % (r * s)',
    deep: true,
  },
  right: {
    argument: 0,
    line: 'vec3(column / (h * w) * o + batch * og, column / w % h + top, column % w + left)',
    term: `${tap('p')} * vec3(1, -1, -1)`,
    at: outputAt,
    deep: false,
  },
  place: '(column / (h * w) * c + batch * cg + row) * (h * w) + column % (h * w)',
  fours: (h * w) % 4 === 0,
});

const inWeight = ({ n, cg, og, r, s, p, q }: Constants, groups: number): Omit<Product, 'constants'> => ({
  batches: groups,
  rows: og,
  columns: cg * r * s,
  depth: n * p * q,
  left: {
    argument: 1,
    line: '(batch * og + row) * (p_ * q)',
    term: 'p / (p_ * q) * (o * p_ * q) + p % (p_ * q)',
    deep: true,
  },
  right: {
    argument: 0,
    line: `${tap('column')} + vec3(batch * cg, 0, 0)`,
    term: pixel('p'),
    at: imageAt,
    deep: true,
  },
  place: '(batch * og + row) * columns + column',
  fours: (cg * r * s) % 4 === 0,
});

const by =
  (productOf: (constants: Constants, groups: number) => Omit<Product, 'constants'>): ProductOf =>
  (gpu, ins, _, attrs: ConvAttrs) => {
    const { p, ...rest } = constantsOf(attrs);
    const constants = { p_: p, ...rest }; // p is a term of the sum
    const product = (): Product => ({ ...productOf({ p, ...rest }, attrs.groups), constants });
    return { operands: ins.map(gpu.dense), constants, product };
  };

/** Convolution and its two adjoints as implicit matrix products. */
export const conv: ProductTable = {
  conv2d: by(forward),
  conv2dInput: by(inInput),
  conv2dWeight: by(inWeight),
};
