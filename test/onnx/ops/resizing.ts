import * as b from 'bigrad';
import type { Tensor } from 'bigrad';
import { NotExpressible, numbersOf, type Call, type Expression } from '../node.js';

/** How one axis is resized, and which part of it; all of it is 0 to 1. */
interface Axis {
  readonly from: number;
  readonly to: number;
  readonly scale: number;
  readonly part: readonly [number, number];
}

const CROP = 'tf_crop_and_resize';

/** Where in x an element of the result is. */
function placeOf(call: Call, { from, to, scale, part }: Axis, i: number): number {
  const mode = call.text('coordinate_transformation_mode', call.op === 'Upsample' ? 'asymmetric' : 'half_pixel');
  // The length that counts here is not rounded down.
  if (mode === 'align_corners') return to === 1 ? 0 : (i * (from - 1)) / (scale * from - 1);
  if (mode === 'asymmetric') return i / scale;
  if (mode === 'pytorch_half_pixel' && to === 1) return 0;
  if (mode === 'half_pixel' || mode === 'pytorch_half_pixel') return (i + 0.5) / scale - 0.5;
  const [start, end] = part;
  if (mode === CROP) return (from - 1) * (to === 1 ? (start + end) / 2 : start + (i * (end - start)) / (to - 1));
  throw new NotExpressible(`no resize by ${mode}`);
}

const rounded: Readonly<Record<string, (x: number) => number>> = {
  floor: Math.floor,
  ceil: Math.ceil,
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x) => Math.floor(x + 0.5),
};

/** The weights of neighbours: [place, weight]. */
function neighbours(call: Call, x: number): [number, number][] {
  const mode = call.text('mode', 'nearest');
  const low = Math.floor(x);
  const t = x - low;
  if (mode === 'linear')
    return [
      [low, 1 - t],
      [low + 1, t],
    ];
  if (mode !== 'cubic') {
    const how = call.text('nearest_mode', call.op === 'Upsample' ? 'floor' : 'round_prefer_floor');
    return [[rounded[how]!(x), 1]];
  }
  const a = call.float('cubic_coeff_a', -0.75);
  const near = (d: number): number => ((a + 2) * d - (a + 3)) * d * d + 1;
  const far = (d: number): number => ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  return [
    [low - 1, far(1 + t)],
    [low, near(t)],
    [low + 1, near(1 - t)],
    [low + 2, far(2 - t)],
  ];
}

/** One axis by a product with the weights [from, to]: every method is linear in x. */
function along(call: Call, x: Tensor, at: number, axis: Axis): Tensor {
  const outside = call.int('exclude_outside', 0) === 1;
  const weights = new Float64Array(axis.from * axis.to);
  for (let i = 0; i < axis.to; i++) {
    const all = neighbours(call, placeOf(call, axis, i));
    const used = outside ? all.filter(([p]) => p >= 0 && p < axis.from) : all;
    const total = outside ? used.reduce((sum, [, w]) => sum + w, 0) : 1;
    for (const [p, w] of used) weights[Math.min(Math.max(p, 0), axis.from - 1) * axis.to + i]! += w / total;
  }
  const order = [...x.shape.keys()].filter((i) => i !== at).concat(at);
  const matrix = b.cast(b.fromTypedArray(weights, [axis.from, axis.to]), x.dtype);
  const last = b.matmul(b.transpose(x, order), matrix);
  const cropped = call.text('coordinate_transformation_mode', '') === CROP;
  return b.transpose(
    cropped ? b.where(inside(call, axis), last, call.float('extrapolation_value', 0)) : last,
    [...order.keys()].map((i) => order.indexOf(i)),
  );
}

/** Which places are in x, of those along an axis. */
function inside(call: Call, axis: Axis): Tensor {
  const places = Array.from({ length: axis.to }, (_, i) => placeOf(call, axis, i));
  return b.tensor(places.map((p) => (p >= 0 && p <= axis.from - 1 ? 1 : 0)));
}

/** bigrad's own function where it has the same rule: linear, of half pixels or of corners. */
function ownResize(call: Call, x: Tensor, axes: readonly Axis[]): Tensor | undefined {
  const mode = call.text('coordinate_transformation_mode', 'half_pixel');
  const exact = axes.every(({ from, to, scale }) => to === from * scale);
  const still = axes.slice(0, 2).every(({ from, to }) => from === to);
  if (!still || call.text('mode', 'nearest') !== 'linear') return undefined;
  const size = axes.slice(2).map(({ to }) => to);
  if (mode === 'align_corners' && exact) return b.resize(x, size, { method: 'linear', alignCorners: true });
  return mode === 'half_pixel' && exact ? b.resize(x, size, { method: 'linear' }) : undefined;
}

function resize(call: Call, x: Tensor, scales?: Tensor, sizes?: Tensor, crop?: Tensor): Tensor {
  const cropped = call.text('coordinate_transformation_mode', '') === CROP;
  const ends = cropped ? numbersOf(crop!) : [];
  const wanted = sizes && sizes.size > 0 ? numbersOf(sizes) : undefined;
  const rates = wanted ? undefined : scales ? numbersOf(scales) : call.has('scales') ? [] : undefined;
  const axes = x.shape.map((from, i): Axis => {
    const part: [number, number] = cropped ? [ends[i]!, ends[i + x.shape.length]!] : [0, 1];
    const to = wanted ? wanted[i]! : Math.floor(from * (part[1] - part[0]) * rates![i]!);
    return { from, to, scale: wanted ? to / from : rates![i]!, part };
  });
  const same = ({ from, to, scale, part }: Axis): boolean =>
    from === to && scale === 1 && part[0] === 0 && part[1] === 1;
  return ownResize(call, x, axes) ?? axes.reduce((y, axis, i) => (same(axis) ? y : along(call, y, i, axis)), x);
}

/** Operators that resize images. */
export const resizing: Readonly<Record<string, Expression>> = {
  Resize: (call, x) => resize(call, x, call.ins[2], call.ins[3], call.ins[1]),
  Upsample: (call, x, scales) => resize(call, x, scales),
};
