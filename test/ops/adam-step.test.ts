import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  add,
  cpu,
  div,
  fromTypedArray,
  mul,
  reference,
  sqrt,
  square,
  sub,
  sum,
  tensor,
  transpose,
  type Tensor,
} from 'bigrad';
import { checkGrads } from 'bigrad/testing';
import { createCpu } from '../../src/backends/cpu/device.js';
import { adamStep, type AdamAttrs } from '../../src/ops/index.js';
import { number } from '../support/arbitraries.js';
import { close } from '../support/close.js';

const attrs: AdamAttrs = { beta1: 0.9, beta2: 0.99, eps: 1e-3, epsRoot: 1e-4 };
type Inputs = Parameters<typeof adamStep>[0];

/** The formula, op by op. */
function composed([p, g, m, v, rate, c1, c2]: Inputs, { beta1, beta2, eps, epsRoot }: AdamAttrs): Tensor[] {
  const m1 = add(mul(m, beta1), mul(g, 1 - beta1));
  const v1 = add(mul(v, beta2), mul(square(g), 1 - beta2));
  const direction = div(div(m1, c1), add(sqrt(add(div(v1, c2), epsRoot)), eps));
  return [sub(p, mul(direction, rate)), m1, v1];
}

const wide = { dtype: 'float64', device: reference } as const;
const inputs = (): Inputs => [
  tensor(
    [
      [0.3, -0.2, 1.1],
      [0.4, 0.9, -0.7],
    ],
    wide,
  ),
  tensor(
    [
      [0.5, 0.1, -0.3],
      [0.2, -0.8, 0.6],
    ],
    wide,
  ),
  tensor(
    [
      [0.1, -0.4, 0.2],
      [0.7, 0.3, -0.5],
    ],
    wide,
  ),
  tensor(
    [
      [0.2, 0.5, 0.1],
      [0.9, 0.3, 0.4],
    ],
    wide,
  ),
  tensor(0.05, wide),
  tensor(0.3, wide),
  tensor(0.2, wide),
];

describe('adamStep', () => {
  for (const [what, which] of Object.entries({ 'the parameters': 0, 'the first moment': 1, 'the second moment': 2 }))
    it(`has the derivatives of its formula in every input, to second order: ${what}`, () => {
      checkGrads((...xs: Tensor[]) => adamStep(xs as unknown as Inputs, attrs)[which as 0 | 1 | 2], [...inputs()], {
        tolerance: 1e-6,
      });
    });

  it('has those of all three results together', () => {
    const f = (...xs: Tensor[]): Tensor =>
      adamStep(xs as unknown as Inputs, attrs).reduce((total, x) => add(total, sum(square(x))), tensor(0, wide));
    checkGrads(f, [...inputs()], { tolerance: 1e-6 });
  });

  it('is the formula on every device and in both dtypes, gradients that are transposed views too', () => {
    const devices = [reference, cpu, createCpu({ simd: 'none' }), createCpu({ leastWork: 1 })];
    const cases = fc.nat(9).chain((n) => fc.array(number(0, 2), { minLength: 8 * n, maxLength: 8 * n }));
    fc.assert(
      fc.property(cases, fc.constantFrom('float32', 'float64'), fc.boolean(), (values, dtype, turned) => {
        const n = values.length / 8;
        for (const device of devices) {
          const part = (k: number, shape = [2, n]): Tensor => {
            const data = values.slice(2 * n * k, 2 * n * (k + 1));
            return fromTypedArray(dtype === 'float32' ? Float32Array.from(data) : Float64Array.from(data), shape, {
              device,
            });
          };
          const scalar = (x: number): Tensor => tensor(x, { dtype, device });
          const g = turned ? transpose(part(1, [n, 2])) : part(1);
          const ins: Inputs = [part(0), g, part(2), part(3), scalar(0.01), scalar(0.2), scalar(0.1)];
          const [got, expected] = [adamStep(ins, attrs), composed(ins, attrs)];
          got.forEach((x, i) => {
            close(x, expected[i]!, dtype === 'float32' ? 1e-6 : 1e-14, device.name);
          });
        }
      }),
    );
  });

  it('refuses other shapes and dtypes', () => {
    const [p, g, m, v, rate, c1, c2] = inputs();
    assert.throws(
      () => adamStep([p, transpose(g), m, v, rate, c1, c2], attrs),
      /^RangeError: adamStep: .*\[2,3\], got \[3,2\]/,
    );
    assert.throws(
      () => adamStep([p, g, m, v, p, c1, c2], attrs),
      /^RangeError: adamStep: expected scalars, got shape \[2,3\]/,
    );
    assert.throws(() => adamStep([p, g, m, v, rate, tensor(1), c2], attrs), TypeError);
  });
});
