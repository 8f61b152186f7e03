import * as b from 'bigrad';
import type { Tensor } from 'bigrad';
import { dtypeOf, fromFront, numbersOf, typeName, type Call, type Expression } from '../node.js';

/** cos and sin of 2 pi i k / n, [n, count]. */
function waves(n: number, count: number, like: Tensor): [Tensor, Tensor] {
  const angles = Float64Array.from({ length: n * count }, (_, at) => {
    const [i, k] = [Math.floor(at / count), at % count];
    return (2 * Math.PI * ((i * k) % n)) / n;
  });
  const turn = (f: (x: number) => number): Tensor => b.cast(b.fromTypedArray(angles.map(f), [n, count]), like.dtype);
  return [turn(Math.cos), turn(Math.sin)];
}

/** The transform along the last axis; complex numbers are pairs. */
function transformed(re: Tensor, im: Tensor | undefined, count: number, inverse: boolean): [Tensor, Tensor] {
  const n = re.shape.at(-1)!;
  const [cos, sine] = waves(n, count, re);
  const sin = inverse ? sine : b.neg(sine);
  const scaled = (t: Tensor): Tensor => (inverse ? b.div(t, n) : t);
  const product = (x: Tensor, w: Tensor): Tensor => b.matmul(x, w);
  if (!im) return [scaled(product(re, cos)), scaled(product(re, sin))];
  return [scaled(b.sub(product(re, cos), product(im, sin))), scaled(b.add(product(re, sin), product(im, cos)))];
}

/** How many frequencies come out. */
const frequencies = (call: Call, n: number, otherwise: number): number =>
  call.int('onesided', otherwise) ? Math.floor(n / 2) + 1 : n;

/** x [..., 1] of real, or [..., 2] of complex numbers. */
function dft(call: Call, x: Tensor, length?: Tensor): Tensor {
  const rank = x.shape.length;
  const axis = fromFront(call.int('axis', 1), rank);
  const order = [...Array.from({ length: rank - 1 }, (_, i) => i).filter((i) => i !== axis), axis];
  const n = length ? numbersOf(length)[0]! : x.shape[axis]!;
  const part = (k: number): Tensor => {
    const turned = b.transpose(b.squeeze(b.take(x, b.tensor([k], { dtype: 'int32' }), rank - 1), rank - 1), order);
    const size = turned.shape.slice(0, -1).concat(Math.min(n, x.shape[axis]!));
    const cut = b.slice(
      turned,
      size.map(() => 0),
      size,
    );
    return b.pad(
      cut,
      size.map((d, i): [number, number] => (i === size.length - 1 ? [0, n - d] : [0, 0])),
    );
  };
  const imaginary = x.shape[rank - 1] === 2 ? part(1) : undefined;
  const both = transformed(part(0), imaginary, frequencies(call, n, 0), call.int('inverse', 0) === 1);
  const back = order.map((_, i) => order.indexOf(i));
  return b.stack(
    both.map((t) => b.transpose(t, back)),
    -1,
  );
}

/** Frames of a real signal [batch, length, 1]. */
function stft(call: Call, signal: Tensor, by: Tensor, window?: Tensor, size?: Tensor): Tensor {
  const rows = b.reshape(signal, signal.shape.slice(0, 2));
  const [n, step] = [size ? numbersOf(size)[0]! : window!.shape[0]!, numbersOf(by)[0]!];
  const count = Math.floor((rows.shape[1]! - n) / step) + 1;
  const at = Int32Array.from({ length: count * n }, (_, i) => Math.floor(i / n) * step + (i % n));
  const frames = b.take(rows, b.fromTypedArray(at, [count, n]), 1);
  const seen = window ? b.mul(frames, window) : frames;
  return b.stack(transformed(seen, undefined, frequencies(call, n, 1), false), -1);
}

/** Triangles of frequencies [frequencies, bands], of which neighbours overlap by half. */
function melWeights(call: Call, bands: Tensor, size: Tensor, rate: Tensor, lowest: Tensor, highest: Tensor): Tensor {
  const [count, n, samples] = [bands, size, rate].map((t) => numbersOf(t)[0]!) as [number, number, number];
  const [low, high] = [lowest, highest].map((f) => b.log(b.add(1, b.div(b.cast(f, 'float64'), 700))));
  const steps = b.div(b.arange(count + 2, { dtype: 'float64' }), count + 2);
  const hertz = b.mul(b.sub(b.exp(b.add(low!, b.mul(steps, b.sub(high!, low!)))), 1), 700);
  const bins = b.floor(b.mul(hertz, (n + 1) / samples));
  const [left, peak, right] = [0, 1, 2].map((k) => b.slice(bins, [k], [count])) as [Tensor, Tensor, Tensor];
  const at = b.reshape(b.arange(Math.floor(n / 2) + 1, { dtype: 'float64' }), [-1, 1]);
  // A side without width is a step.
  const slope = (from: Tensor, width: Tensor): Tensor =>
    b.where(b.greater(width, 0), b.div(from, width), b.greaterEqual(from, 0));
  const [rising, falling] = [slope(b.sub(at, left), b.sub(peak, left)), slope(b.sub(right, at), b.sub(right, peak))];
  const dtype = dtypeOf(typeName(call.int('output_datatype', 1)));
  return b.cast(b.clamp(b.minimum(rising, falling), 0, 1), dtype);
}

/** Fourier transforms of real and complex numbers, as products of matrices; and bands of sound. */
export const fourier: Readonly<Record<string, Expression>> = {
  DFT: dft,
  MelWeightMatrix: (call, bands, ...[n, rate, low, high]) => melWeights(call, bands, n!, rate!, low!, high!),
  STFT: (call, signal, by, window, size) => stft(call, signal, by, window, size),
};
