import * as b from 'bigrad';
import type { Tensor } from 'bigrad';
import { needed, NotExpressible, type Call, type Expression } from '../node.js';

/** The geometry of windows over the axes of an image. */
interface Windows {
  readonly size: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly pads: readonly (readonly [number, number])[];
}

const axesOf = (x: Tensor): readonly number[] => x.shape.slice(2);

/** Padding by numbers, or as much as an output of a given length needs. */
function windowsOf(call: Call, x: Tensor, size: readonly number[]): Windows {
  const stride = call.ints('strides') ?? size.map(() => 1);
  const dilation = call.ints('dilations') ?? size.map(() => 1);
  const given = call.ints('pads') ?? size.flatMap(() => [0, 0]);
  const auto = call.text('auto_pad', 'NOTSET');
  const pads = size.map((k, i): [number, number] => {
    const [length, step] = [axesOf(x)[i]!, stride[i]!];
    if (auto.startsWith('SAME')) {
      const need = Math.max(0, (Math.ceil(length / step) - 1) * step + dilation[i]! * (k - 1) + 1 - length);
      const less = Math.floor(need / 2);
      return auto === 'SAME_UPPER' ? [less, need - less] : [need - less, less];
    }
    const [before, after] = auto === 'VALID' ? [0, 0] : [given[i]!, given[i + size.length]!];
    if (call.int('ceil_mode', 0) === 0) return [before, after];
    const left = (length + before + after - dilation[i]! * (k - 1) - 1) % step;
    return [before, after + (left === 0 ? 0 : step - left)];
  });
  return { size, stride, dilation, pads };
}

const only = (axes: number, what: string): never => {
  throw new NotExpressible(`${what} along ${axes} axes`);
};

function conv(call: Call, x: Tensor, w: Tensor, bias?: Tensor): Tensor {
  const { stride, dilation, pads } = windowsOf(call, x, axesOf(w));
  const axes = axesOf(w).length;
  const options = { stride, dilation, padding: pads, groups: call.int('group', 1) };
  const convolve = [b.conv1d, b.conv2d as never as typeof b.conv1d, b.conv3d][axes - 1];
  const y = (convolve ?? only(axes, 'convolution'))(x, w, options);
  return bias ? b.add(y, b.reshape(bias, [1, -1, ...axesOf(w).map(() => 1)])) : y;
}

/** Along three axes: what a convolution does to cotangents. */
function pulledBack(call: Call, x: Tensor, w: Tensor, bias?: Tensor): Tensor {
  if (['strides', 'pads', 'dilations', 'group', 'output_shape'].some((name) => call.has(name)))
    return only(3, 'transposed convolution with options');
  const to = [x.shape[0]!, w.shape[1]!, ...axesOf(w).map((k, i) => axesOf(x)[i]! + k - 1)];
  const [, pull] = b.vjp((z: Tensor) => b.conv3d(z, w), b.zeros(to, { dtype: x.dtype as 'float32' }));
  const y = pull(x);
  return bias ? b.add(y, b.reshape(bias, [1, -1, 1, 1, 1])) : y;
}

type Side = readonly [number, number];

/** One axis is two, of which one has length 1. */
function convTranspose(call: Call, x: Tensor, w: Tensor, bias?: Tensor): Tensor {
  const axes = axesOf(w).length;
  if (axes > 2) return pulledBack(call, x, w, bias);
  const size = axesOf(w);
  const stride = call.ints('strides') ?? size.map(() => 1);
  const dilation = call.ints('dilations') ?? size.map(() => 1);
  const given = call.ints('pads') ?? size.flatMap(() => [0, 0]);
  const extra = call.ints('output_padding') ?? size.map(() => 0);
  const auto = call.text('auto_pad', 'NOTSET');
  const wanted =
    call.ints('output_shape') ?? (auto.startsWith('SAME') ? axesOf(x).map((d, i) => d * stride[i]!) : undefined);
  const full = size.map((k, i) => stride[i]! * (axesOf(x)[i]! - 1) + dilation[i]! * (k - 1) + 1 + extra[i]!);
  const sides = size.map((_, i): [number, number] => {
    if (!wanted) return [given[i]!, given[i + axes]!];
    const total = full[i]! - wanted[i]!;
    const less = Math.floor(total / 2);
    return auto === 'SAME_UPPER' ? [less, total - less] : [total - less, less];
  });
  // What is cut off where padding is positive is added where it is negative.
  const flat = <T>(list: readonly T[], one: T): [T, T] => (axes === 1 ? [one, list[0]!] : [list[0]!, list[1]!]);
  const wide = (t: Tensor): Tensor => (axes === 1 ? b.reshape(t, [t.shape[0]!, t.shape[1]!, 1, t.shape[2]!]) : t);
  const y = b.convTranspose2d(wide(x), wide(w), {
    stride: flat(stride, 1),
    dilation: flat(dilation, 1),
    padding: flat<Side>(
      sides.map(([p, q]): Side => [Math.max(0, p), Math.max(0, q)]),
      [0, 0],
    ),
    groups: call.int('group', 1),
  });
  const grown = flat<Side>(
    sides.map(([p, q], i): Side => [Math.max(0, -p), Math.max(0, -q) + extra[i]!]),
    [0, 0],
  );
  const padded = grown.flat().some((n) => n > 0) ? b.pad(y, [[0, 0], [0, 0], ...grown]) : y;
  const z = axes === 1 ? b.reshape(padded, [padded.shape[0]!, padded.shape[1]!, padded.shape[3]!]) : padded;
  return bias ? b.add(z, b.reshape(bias, [1, -1, ...size.map(() => 1)])) : z;
}

type Pool = (x: Tensor, size: readonly number[], options: b.AxesPoolOptions) => Tensor;
const two = (pool: (x: Tensor, size: never, options: never) => Tensor): Pool => pool as unknown as Pool;
const maxPools: readonly Pool[] = [b.maxPool1d, two(b.maxPool2d), b.maxPool3d];
const avgPools: readonly Pool[] = [b.avgPool1d, two(b.avgPool2d), b.avgPool3d];

/** The elements of each window, [elements of a window, n, c, ...], with a value around x. */
function elementsOf(x: Tensor, { size, stride, dilation, pads }: Windows, around: number): Tensor {
  const wide = b.pad(x, [[0, 0], [0, 0], ...pads], around);
  const counts = size.map((k, i) => Math.floor((wide.shape[i + 2]! - dilation[i]! * (k - 1) - 1) / stride[i]!) + 1);
  const offsets = size.reduce<number[][]>(
    (all, k) => all.flatMap((o) => Array.from({ length: k }, (_, i) => [...o, i])),
    [[]],
  );
  const step = [1, 1, ...stride];
  const shape = [...x.shape.slice(0, 2), ...counts];
  return b.stack(offsets.map((o) => b.slice(wide, [0, 0, ...o.map((v, i) => v * dilation[i]!)], shape, step)));
}

/** Maxima of windows with holes, and where they are in the whole tensor. */
function maxPoolPlaces(call: Call, x: Tensor, windows: Windows): Tensor[] {
  const columns = call.int('storage_order', 0) === 1;
  const [n, c, ...axes] = x.shape as [number, number, ...number[]];
  const plane = b.reshape(
    b.arange(
      axes.reduce((p, q) => p * q, 1),
      { dtype: 'int32' },
    ),
    columns ? [...axes].reverse() : axes,
  );
  const planes = b.mul(b.reshape(b.arange(n * c, { dtype: 'int32' }), [n, c, ...axes.map(() => 1)]), plane.size);
  const place = b.add(planes, columns ? b.transpose(plane) : plane);
  const values = elementsOf(x, windows, -Infinity);
  const best = b.argmax(values, 0, { keepDims: true });
  return [b.max(values, 0), b.squeeze(b.takeAlong(elementsOf(place, windows, 0), best, 0), 0)];
}

function maxPool(call: Call, x: Tensor): Tensor | Tensor[] {
  const windows = windowsOf(call, x, needed(call, 'kernel_shape'));
  const { size, stride, dilation, pads } = windows;
  if (call.asked[1] || dilation.some((d) => d > 1)) return maxPoolPlaces(call, x, windows);
  const pool = maxPools[size.length - 1] ?? only(size.length, 'pooling');
  const y = pool(x.dtype === 'int32' ? b.cast(x, 'float32') : x, size, { stride, padding: pads });
  return b.cast(y, x.dtype);
}

/** Padding counts or not; what a rounded-up length adds at the end never does. */
function averagePool(call: Call, x: Tensor): Tensor {
  const { size, stride, pads } = windowsOf(call, x, needed(call, 'kernel_shape'));
  const pool = avgPools[size.length - 1] ?? only(size.length, 'pooling');
  const mean = (t: Tensor): Tensor => pool(t, size, { stride, padding: pads });
  const ones = b.ones([1, 1, ...axesOf(x)], { dtype: x.dtype });
  return call.int('count_include_pad', 0) ? mean(x) : b.div(mean(x), mean(ones));
}

const allAxes = (x: Tensor): number[] => axesOf(x).map((_, i) => i + 2);

/** Operators that look at windows of images. */
export const windows: Readonly<Record<string, Expression>> = {
  AveragePool: averagePool,
  Conv: (call, x, w, bias) => conv(call, x, w, bias),
  ConvTranspose: (call, x, w, bias) => convTranspose(call, x, w, bias),
  GlobalAveragePool: (_, x) => b.mean(x, allAxes(x), { keepDims: true }),
  GlobalMaxPool: (_, x) => b.max(x, allAxes(x), { keepDims: true }),
  MaxPool: maxPool,
};
