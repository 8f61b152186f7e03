import * as b from 'bigrad';
import type { Tensor } from 'bigrad';
import { fromFront, numbersOf, type Call, type Expression } from '../node.js';

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

/** Fourier transforms of real and complex numbers, as products of matrices. */
export const fourier: Readonly<Record<string, Expression>> = {
  DFT: dft,
  STFT: (call, signal, by, window, size) => stft(call, signal, by, window, size),
};
