import { div, fromTypedArray, mul, reference, sin } from 'bigrad';
import { gpu, type Mode } from 'bigrad/gpu';
import { relativeErrors } from '../../backends/gpu/precision.js';
import { agrees, calls } from '../../backends/special-values.js';

/** An element that is not what it is on the reference device. */
export interface Difference {
  readonly op: string;
  readonly at: number;
  readonly expected: string;
  readonly got: string;
}

/**
 * Where the ops differ from the reference device on NaN, infinities, zeros of both signs and
 * numbers of every size.
 */
export async function specialValues(mode: Mode): Promise<Difference[]> {
  const device = await gpu({ mode });
  const differences: Difference[] = [];
  for (const [op, f] of calls) {
    const [wanted, found] = [f(reference).readSync(), await f(device).read()];
    wanted.forEach((p, at) => {
      const q = found[at]!;
      if (!agrees(p, q)) differences.push({ op, at, expected: String(p), got: String(q) });
    });
  }
  device.dispose();
  return differences;
}

/** Numbers below 1.2e-38: 3e38 times 1e-40 and -1e-40, 1 / 5e-39, and Infinity times 5e-39. */
export async function denormals(mode: Mode): Promise<{ products: number[]; inverse: string; ofInfinity: string }> {
  const device = await gpu({ mode });
  const on = (...v: number[]) => fromTypedArray(Float32Array.from(v), [v.length], { device });
  const products = await mul(on(1e-40, -1e-40), on(3e38, 3e38)).read();
  const [inverse] = await div(on(1, 1), on(5e-39, 5e-39)).read();
  const [ofInfinity] = await mul(on(Infinity, Infinity), on(5e-39, 5e-39)).read();
  device.dispose();
  return { products: Array.from(products, (v) => v + 0), inverse: String(inverse), ofInfinity: String(ofInfinity) };
}

/** The largest relative errors of functions. */
export async function precision(mode: Mode): ReturnType<typeof relativeErrors> {
  const device = await gpu({ mode });
  const errors = await relativeErrors(device);
  device.dispose();
  return errors;
}

/** The largest error of sin at 4,001 numbers from -8192 to 8192. */
export async function sineError(mode: Mode): Promise<number> {
  const device = await gpu({ mode });
  const x = Float32Array.from({ length: 4001 }, (_, i) => (i - 2000) * 4.0957);
  const got = await sin(fromTypedArray(x, [x.length], { device })).read();
  device.dispose();
  return x.reduce((worst, v, i) => Math.max(worst, Math.abs(Math.sin(v) - got[i]!)), 0);
}
