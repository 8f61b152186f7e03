import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  add,
  asin,
  acosh,
  asinh,
  atan,
  atanh,
  cosh,
  cpu,
  digamma,
  erf,
  erfinv,
  exp,
  grad,
  lgamma,
  log,
  logAddExp,
  mul,
  reference,
  sin,
  sinc,
  sinh,
  tan,
  tensor,
  type Tensor,
} from 'bigrad';
import { close, values } from '../support/close.js';

const t = (x: number | number[]): Tensor => tensor(x, { dtype: 'float64' });
const second = (f: (x: Tensor) => Tensor, x: number): number => values(grad(grad(f))(t(x)))[0]!;
const near = (got: number, want: number, what: string, tolerance = 1e-9): void => {
  assert.ok(Math.abs(got - want) <= tolerance * Math.max(1, Math.abs(want)), `${what}: expected ${want}, got ${got}`);
};
const inside = fc.double({ min: -0.99, max: 0.99, noNaN: true });
const few = { numRuns: 30 };

describe('second derivatives of special functions have nine digits', () => {
  const forms: Readonly<Record<string, readonly [(x: Tensor) => Tensor, (x: number) => number]>> = {
    tan: [tan, (x) => (2 * Math.tan(x)) / Math.cos(x) ** 2],
    asin: [asin, (x) => x / (1 - x * x) ** 1.5],
    atan: [atan, (x) => (-2 * x) / (1 + x * x) ** 2],
    sinh: [sinh, Math.sinh],
    cosh: [cosh, Math.cosh],
    asinh: [asinh, (x) => -x / (1 + x * x) ** 1.5],
    acosh: [(x) => acosh(add(x, 2.5)), (x) => -(x + 2.5) / ((x + 2.5) ** 2 - 1) ** 1.5],
    atanh: [atanh, (x) => (2 * x) / (1 - x * x) ** 2],
    erfinv: [(x) => erf(erfinv(x)), () => 0],
    logAddExp: [(x) => logAddExp(x, mul(x, 2)), (x) => 1 / (2 + 2 * Math.cosh(x))],
  };
  for (const [name, [f, form]] of Object.entries(forms))
    it(`${name}, as its formula says`, () => {
      fc.assert(
        fc.property(inside, (x) => {
          near(second(f, x), form(x), `${name}(${x})`);
        }),
        few,
      );
    });

  it('sinc, at 0 and beside it: -pi^2 / 3 + pi^4 x^2 / 10 - pi^6 x^4 / 168', () => {
    for (const x of [0, 1e-12, -1e-6, 1e-4, 0.003])
      near(
        second(sinc, x),
        -(Math.PI ** 2) / 3 + (Math.PI ** 4 * x * x) / 10 - (Math.PI ** 6 * x ** 4) / 168,
        `sinc(${x})`,
      );
  });

  it('sinc, where its series meets the quotient', () => {
    for (const x of [0.2499999999, 0.25, -0.25]) {
      const z = Math.PI * x;
      const form = Math.PI ** 2 * (-Math.sin(z) / z - (2 * Math.cos(z)) / z ** 2 + (2 * Math.sin(z)) / z ** 3);
      near(second(sinc, x), form, `sinc(${x})`);
    }
  });

  it('logAddExp at a tie: 1/2, and 1/4', () => {
    const f = (x: Tensor): Tensor => logAddExp(x, 0.5);
    near(values(grad(f)(t(0.5)))[0]!, 0.5, 'first', 0);
    near(second(f, 0.5), 0.25, 'second', 0);
  });
});

for (const device of [cpu, reference])
  describe(`the gamma function, on ${device.name}`, () => {
    const on = (x: number): Tensor => tensor(x, { dtype: 'float64', device });
    const anywhere = fc.double({ min: -6, max: 30, noNaN: true }).filter((x) => Math.abs(x - Math.round(x)) > 0.01);
    const one = (x: Tensor): number => values(x)[0]!;

    it('grows by log |x| from x to x + 1, and so do its derivatives', () => {
      fc.assert(
        fc.property(anywhere, (x) => {
          // Beside a pole both values are large, and so is the rounding of their difference.
          const grows = (f: (x: Tensor) => Tensor, by: number, name: string, bound: number): void => {
            const [before, after] = [one(f(on(x))), one(f(on(x + 1)))];
            near(after - before, by, name, bound * Math.max(1, Math.abs(before), Math.abs(after)));
          };
          grows(lgamma, Math.log(Math.abs(x)), 'lgamma', 1e-12);
          grows(digamma, 1 / x, 'digamma', 1e-12);
          grows(grad(digamma), -1 / x ** 2, 'trigamma', 1e-12);
          grows(grad(grad(digamma)), 2 / x ** 3, 'tetragamma', 1e-12);
        }),
        few,
      );
    });

    it('has the known values', () => {
      const euler = 0.5772156649015329;
      const z = 2 ** -30;
      near(one(lgamma(on(0.5))), Math.log(Math.PI) / 2, 'lgamma(1/2)', 1e-15);
      assert.deepEqual([one(lgamma(on(1))), one(lgamma(on(2)))].map(Math.abs), [0, 0]);
      near(one(lgamma(on(1 + z))), -euler * z + (Math.PI * z) ** 2 / 12, 'beside 1', 1e-24);
      near(one(digamma(on(1))), -euler, 'digamma(1)', 1e-15);
      near(one(grad(digamma)(on(1))), Math.PI ** 2 / 6, 'trigamma(1)', 1e-15);
      near(one(grad(digamma)(on(-0.5))), Math.PI ** 2 / 2 + 4, 'trigamma(-1/2)', 1e-13);
    });
  });

describe('logAddExp', () => {
  it('is log(e^x + e^y), with infinities and without overflow', () => {
    const x = t([1, 1000, -1000, Infinity, -Infinity, -Infinity, 3]);
    const y = t([2, 1000, -1001, 5, -Infinity, 4, NaN]);
    close(logAddExp(x, y), [
      Math.log(Math.E + Math.E ** 2),
      1000 + Math.LN2,
      -1000 + Math.log1p(Math.exp(-1)),
      Infinity,
      -Infinity,
      4,
      NaN,
    ]);
    close(logAddExp(t([0.3]), -1), values(log(add(exp(t([0.3])), Math.exp(-1)))));
  });
});

describe('sinc', () => {
  it('is sin(pi x) / (pi x), and exactly 0 at integers', () => {
    const x = t([0.5, 1.25, -3.75]);
    close(
      sinc(x),
      values(sin(mul(x, Math.PI))).map((v, i) => v / (Math.PI * values(x)[i]!)),
    );
    assert.deepEqual(values(sinc(t([0, 1, -7, 1e8]))).map(Math.abs), [1, 0, 0, 0]);
  });
});
