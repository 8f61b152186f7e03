import {
  flip,
  fromTypedArray,
  reference,
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

/** Float32 numbers on the reference device. */
export const onReference = (data: readonly number[], shape: Shape): Tensor =>
  contiguous(data, shape, reference, 'float32');

/** The same elements, row by row in memory of their own. */
export const copyOf = (x: Tensor): Tensor => fromTypedArray(x.readSync(), x.shape, { device: x.device });

const transposed = (x: Tensor): Tensor => transpose(copyOf(transpose(x)));
const flipped = (x: Tensor): Tensor => flip(copyOf(flip(x)));

/**
 * Every other element of each axis of a larger tensor, which holds NaN elsewhere; its first and
 * last are never part of it.
 */
const strided = (x: Tensor): Tensor => {
  const axes = x.shape.length > 0 ? x.shape : [1];
  const base = axes.map((d) => 2 * d + 1);
  const larger = new Array<number>(base.reduce((n, d) => n * d, 1)).fill(NaN);
  x.readSync().forEach((value, i) => {
    let at = 0;
    for (let axis = axes.length - 1, step = 1; axis >= 0; step *= base[axis]!, axis--) {
      at += (2 * (i % axes[axis]!) + 1) * step;
      i = Math.floor(i / axes[axis]!);
    }
    larger[at] = value;
  });
  const view = slice(
    contiguous(larger, base, x.device, x.dtype),
    axes.map(() => 1),
    axes,
    axes.map(() => 2),
  );
  return reshape(view, x.shape);
};

/** A window in the middle of a larger tensor, which holds NaN elsewhere, transposed and flipped. */
const framed = (x: Tensor): Tensor => transpose(flip(strided(flip(transpose(x)))));

/** Windows on other memory with the same float elements as x. */
export const disguises: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  'transposed views': transposed,
  'flipped views': flipped,
  'strided slices of larger tensors': strided,
  'strided slices, transposed and flipped': framed,
};

/** As one of these windows, by turns from one of them on. */
export function asViews(turn: number): Place {
  const views = Object.values(disguises);
  return (...where) => views[turn++ % views.length]!(contiguous(...where));
}
