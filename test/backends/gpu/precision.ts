import {
  asin,
  asinh,
  atan,
  atanh,
  exp,
  expm1,
  fromTypedArray,
  full,
  div,
  gate,
  log,
  log1p,
  pow,
  reciprocal,
  rsqrt,
  sigmoid,
  softplus,
  sqrt,
  tan,
  tanh,
  type Backend,
  type Tensor,
} from 'bigrad';

const n = 20_001;
/** Numbers at equal distances, and at equal ratios. */
const even = (from: number, to: number) =>
  Float32Array.from({ length: n }, (_, i) => from + ((to - from) * i) / (n - 1));
const spread = (from: number, to: number) =>
  Float32Array.from({ length: n }, (_, i) => from * (to / from) ** (i / (n - 1)));
const wide = spread(1e-30, 1e30);

type Case = readonly [f: (x: Tensor) => Tensor, exact: (x: number) => number, at: Float32Array];

/** What is right in float32 to the last digits whatever the mode. */
const own: Readonly<Record<string, Case>> = {
  log: [log, Math.log, wide],
  'log near 1': [log, Math.log, even(0.4, 1.6)],
  log1p: [log1p, Math.log1p, even(-0.99, 3)],
  expm1: [expm1, Math.expm1, even(-3, 3)],
  sqrt: [sqrt, Math.sqrt, wide],
  rsqrt: [rsqrt, (x) => 1 / Math.sqrt(x), wide],
  reciprocal: [reciprocal, (x) => 1 / x, wide],
  '3 / x': [(x) => div(full([n], 3, { device: x.device }), x), (x) => 3 / x, wide],
  tanh: [tanh, Math.tanh, even(-12, 12)],
  tan: [tan, Math.tan, even(-1.5, 1.5)],
  atan: [atan, Math.atan, even(-20, 20)],
  asin: [asin, Math.asin, even(-0.999, 0.999)],
  asinh: [asinh, Math.asinh, even(-20, 20)],
  atanh: [atanh, Math.atanh, even(-0.99, 0.99)],
  gate: [(x) => gate(x, 0.1), (x) => (x * x) / (x * x + Math.fround(0.1)), even(-3, 3)],
  'x^2': [(x) => pow(x, 2), (x) => x ** 2, spread(1e-10, 1e10)],
  'x^7': [(x) => pow(x, 7), (x) => x ** 7, even(0.1, 10)],
  'x^-3': [(x) => pow(x, -3), (x) => x ** -3, even(0.1, 10)],
};

/** What is as right as the driver's e^x and x^y. */
const drivers: Readonly<Record<string, Case>> = {
  exp: [exp, Math.exp, even(-80, 80)],
  sigmoid: [sigmoid, (x) => 1 / (1 + Math.exp(-x)), even(-40, 40)],
  softplus: [softplus, (x) => Math.log1p(Math.exp(x)), even(-20, 20)],
  'x^0.5': [(x) => pow(x, 0.5), Math.sqrt, spread(1e-10, 1e10)],
  'x^30': [(x) => pow(x, 30), (x) => x ** 30, even(0.1, 10)],
};

/** The largest error of each function on a device, relative to what is right. */
export async function relativeErrors(device: Backend): Promise<Record<'own' | 'drivers', Record<string, number>>> {
  const errors = async (cases: Readonly<Record<string, Case>>): Promise<Record<string, number>> => {
    const found: Record<string, number> = {};
    for (const [name, [f, exact, at]] of Object.entries(cases)) {
      const got = await f(fromTypedArray(at, [n], { device })).read();
      const each = Array.from(at, (x, i) => Math.abs(got[i]! / exact(x) - 1)).filter((_, i) => exact(at[i]!) !== 0);
      found[name] = each.every((e) => e >= 0) ? Math.max(...each) : NaN;
    }
    return found;
  };
  return { own: await errors(own), drivers: await errors(drivers) };
}
