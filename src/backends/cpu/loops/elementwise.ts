import type { Buffer } from '../../../core/dtype.js';
import type { View } from '../../../core/tensor.js';
import { mergeAxes, offsetsOf } from '../../../core/view.js';
import type { Kernel, KernelTable } from './kernel.js';

type Loop1 = (o: Buffer, oi: number, n: number, x: Buffer, xi: number, xs: number) => void;
type Loop2 = (
  o: Buffer,
  oi: number,
  n: number,
  x: Buffer,
  xi: number,
  xs: number,
  y: Buffer,
  yi: number,
  ys: number,
) => void;
type Loop3 = (
  o: Buffer, oi: number, n: number,
  x: Buffer, xi: number, xs: number, y: Buffer, yi: number, ys: number, z: Buffer, zi: number, zs: number,
) => void; // prettier-ignore

/** Runs a strided loop over the longest merged axis, at every position of the others. */
function eachRun(
  out: View,
  ins: readonly View[],
  run: (at: number, n: number, offsets: number[], steps: number[]) => void,
): void {
  const { shape, strides } = mergeAxes(
    out.shape,
    ins.map((x) => x.stride),
  );
  const n = shape.at(-1) ?? 1;
  const steps = strides.map((s) => s.at(-1) ?? 0);
  const at = ins.map((x) => x.offset);
  if (shape.length < 2) {
    run(0, n, at, steps);
    return;
  }
  const outer = ins.map((x, k) => offsetsOf(shape.slice(0, -1), strides[k]!.slice(0, -1), x.offset));
  const count = outer[0]!.length;
  const offsets = new Array<number>(ins.length);
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < offsets.length; k++) offsets[k] = outer[k]![i]!;
    run(i * n, n, offsets, steps);
  }
}

const one =
  (loop: Loop1): Kernel =>
  ([out], [x]) => {
    eachRun(out!, [x!], (at, n, [xi], [xs]) => {
      loop(out!.data, at, n, x!.data, xi!, xs!);
    });
    return true;
  };
const two =
  (loop: Loop2): Kernel =>
  ([out], [x, y]) => {
    eachRun(out!, [x!, y!], (at, n, [xi, yi], [xs, ys]) => {
      loop(out!.data, at, n, x!.data, xi!, xs!, y!.data, yi!, ys!);
    });
    return true;
  };
const three =
  (loop: Loop3): Kernel =>
  ([out], [x, y, z]) => {
    eachRun(out!, [x!, y!, z!], (at, n, [xi, yi, zi], [xs, ys, zs]) => {
      loop(out!.data, at, n, x!.data, xi!, xs!, y!.data, yi!, ys!, z!.data, zi!, zs!);
    });
    return true;
  };

/**
 * Any elementwise op by its function of one element: right for all, fast enough for those without a
 * loop of their own.
 */
export function mapElements(f: (...xs: number[]) => number, out: View, ins: readonly View[]): boolean {
  if (ins.length === 1)
    return one((o, oi, n, x, xi, xs) => {
      for (let i = 0; i < n; i++) o[oi + i] = f(x[xi + i * xs]!);
    })([out], ins, null);
  if (ins.length === 2)
    return two((o, oi, n, x, xi, xs, y, yi, ys) => {
      for (let i = 0; i < n; i++) o[oi + i] = f(x[xi + i * xs]!, y[yi + i * ys]!);
    })([out], ins, null);
  if (ins.length === 3)
    return three((o, oi, n, x, xi, xs, y, yi, ys, z, zi, zs) => {
      for (let i = 0; i < n; i++) o[oi + i] = f(x[xi + i * xs]!, y[yi + i * ys]!, z[zi + i * zs]!);
    })([out], ins, null);
  return false;
}

// A loop of its own lets the engine inline the arithmetic. Each computes what the op's scalar
// function does.
// prettier-ignore
export const elementwise: KernelTable = {
  add: two((o, oi, n, x, xi, xs, y, yi, ys) => { for (let i = 0; i < n; i++, xi += xs, yi += ys) o[oi + i] = x[xi]! + y[yi]!; }),
  sub: two((o, oi, n, x, xi, xs, y, yi, ys) => { for (let i = 0; i < n; i++, xi += xs, yi += ys) o[oi + i] = x[xi]! - y[yi]!; }),
  mul: two((o, oi, n, x, xi, xs, y, yi, ys) => { for (let i = 0; i < n; i++, xi += xs, yi += ys) o[oi + i] = x[xi]! * y[yi]!; }),
  div: two((o, oi, n, x, xi, xs, y, yi, ys) => { for (let i = 0; i < n; i++, xi += xs, yi += ys) o[oi + i] = x[xi]! / y[yi]!; }),
  greater: two((o, oi, n, x, xi, xs, y, yi, ys) => { for (let i = 0; i < n; i++, xi += xs, yi += ys) o[oi + i] = x[xi]! > y[yi]! ? 1 : 0; }),
  neg: one((o, oi, n, x, xi, xs) => { for (let i = 0; i < n; i++, xi += xs) o[oi + i] = -x[xi]!; }),
  square: one((o, oi, n, x, xi, xs) => { for (let i = 0; i < n; i++, xi += xs) o[oi + i] = x[xi]! * x[xi]!; }),
  sqrt: one((o, oi, n, x, xi, xs) => { for (let i = 0; i < n; i++, xi += xs) o[oi + i] = Math.sqrt(x[xi]!); }),
  relu: one((o, oi, n, x, xi, xs) => { for (let i = 0; i < n; i++, xi += xs) { const v = x[xi]!; o[oi + i] = v <= 0 ? 0 : v; } }),
  where: three((o, oi, n, x, xi, xs, y, yi, ys, z, zi, zs) => { for (let i = 0; i < n; i++, xi += xs, yi += ys, zi += zs) o[oi + i] = x[xi] !== 0 ? y[yi]! : z[zi]!; }),
};
