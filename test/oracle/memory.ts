import {
  flip,
  fromTypedArray,
  reshape,
  slice,
  transpose,
  type Backend,
  type DType,
  type Shape,
  type Tensor,
} from 'bigrad';

/** Puts numbers of a shape in a device's memory. */
export type Place = (data: readonly number[], shape: Shape, device: Backend, dtype: DType) => Tensor;

/** Row by row, in memory of their own. */
export const contiguous: Place = (data, shape, device, dtype) =>
  fromTypedArray(dtype === 'float64' ? Float64Array.from(data) : Float32Array.from(data), shape, { device });

/** The same numbers as a new tensor. */
const copyOf = (x: Tensor): Tensor => fromTypedArray(x.readSync(), x.shape, { device: x.device });

const transposed: Place = (...where) => transpose(copyOf(transpose(contiguous(...where))));
const flipped: Place = (...where) => flip(copyOf(flip(contiguous(...where))));

/**
 * Every other element of each axis of a larger tensor, which holds NaN elsewhere; its first and
 * last are never part of it.
 */
const strided: Place = (data, shape, device, dtype) => {
  const axes = shape.length > 0 ? shape : [1];
  const base = axes.map((d) => 2 * d + 1);
  const larger = new Array<number>(base.reduce((n, d) => n * d, 1)).fill(NaN);
  data.forEach((value, i) => {
    let at = 0;
    for (let axis = axes.length - 1, step = 1; axis >= 0; step *= base[axis]!, axis--) {
      at += (2 * (i % axes[axis]!) + 1) * step;
      i = Math.floor(i / axes[axis]!);
    }
    larger[at] = value;
  });
  const ones = axes.map(() => 1);
  const view = slice(
    contiguous(larger, base, device, dtype),
    ones,
    axes,
    axes.map(() => 2),
  );
  return reshape(view, shape);
};

/** A window in the middle of a larger tensor, which holds NaN elsewhere, transposed and flipped. */
const framed: Place = (...where) => {
  const [, , device, dtype] = where;
  const inner = flip(transpose(contiguous(...where)));
  const view = strided(Array.from(inner.readSync()), inner.shape, device, dtype);
  return transpose(flip(view));
};

const views: readonly Place[] = [transposed, flipped, strided, framed];

/**
 * As windows on other memory: transposed, flipped, every other element, and all of it together, by
 * turns from one of them on.
 */
export function asViews(turn: number): Place {
  return (...where) => views[turn++ % views.length]!(...where);
}
