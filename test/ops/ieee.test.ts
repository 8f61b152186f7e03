import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  abs,
  argmax,
  argmin,
  clamp,
  cpu,
  erf,
  exp,
  gate,
  gelu,
  grad,
  hvp,
  logSoftmax,
  logSumExp,
  max,
  maximum,
  maxPool2d,
  mean,
  min,
  minimum,
  pow,
  prod,
  reference,
  relu,
  reshape,
  sigmoid,
  softmax,
  softplus,
  sqrt,
  sum,
  tanh,
  tensor,
  where,
  vjp,
  type DType,
  type Tensor,
} from 'bigrad';
import { close, values } from '../support/close.js';

const INF = Infinity;

for (const device of [cpu, reference])
  for (const dtype of ['float32', 'float64'] as const)
    describe(`on ${device.name} in ${dtype}`, () => {
      const t = (data: number | number[]): Tensor => tensor(data, { device, dtype });

      describe('NaN is kept', () => {
        it('by relu, abs, clamp, tanh, sigmoid, softplus and erf', () => {
          const x = t([NaN, 1, -1]);
          for (const f of [relu, abs, (y: Tensor) => clamp(y, -2, 2), tanh, sigmoid, softplus, erf, gelu])
            assert.deepEqual(values(f(x)).map(Number.isNaN), [true, false, false]);
        });

        it('by maximum and minimum, on either side', () => {
          assert.deepEqual(values(maximum(t([NaN, 1]), t([1, NaN]))), [NaN, NaN]);
          assert.deepEqual(values(minimum(t([NaN, 1]), t([1, NaN]))), [NaN, NaN]);
        });

        it('by max, min, sum, mean, prod and logSumExp, wherever it stands', () => {
          for (const data of [
            [NaN, 1, 2],
            [1, NaN, 2],
            [1, 2, NaN],
            [INF, NaN, 1],
          ])
            for (const f of [max, min, sum, mean, prod, logSumExp]) assert.deepEqual(values(f(t(data))), [NaN]);
        });

        it('by maxPool2d, in the windows that see it', () => {
          const x = reshape(t([1, 2, 3, NaN, 5, 6, 7, 8]), [1, 1, 2, 4]);
          assert.deepEqual(values(maxPool2d(x, [2, 1])), [5, 6, 7, NaN]);
          assert.deepEqual(values(maxPool2d(x, 2)), [6, NaN]);
        });

        it('by argmax and argmin, which find the first', () => {
          assert.deepEqual(values(argmax(t([1, NaN, 3, NaN]))), [1]);
          assert.deepEqual(values(argmin(t([1, 2, NaN, NaN]))), [2]);
        });

        it('by where only from the side that is taken', () => {
          assert.deepEqual(values(where(t([1, 0]), t([1, NaN]), t([NaN, 2]))), [1, 2]);
        });
      });

      describe('infinities', () => {
        it('are limits of the functions that have them', () => {
          assert.deepEqual(values(tanh(t([-INF, INF]))), [-1, 1]);
          assert.deepEqual(values(sigmoid(t([-INF, INF]))), [0, 1]);
          assert.deepEqual(values(softplus(t([-INF, INF]))), [0, INF]);
          assert.deepEqual(values(erf(t([-INF, INF]))), [-1, 1]);
          assert.deepEqual(values(exp(t([-INF, INF]))), [0, INF]);
          assert.deepEqual(values(relu(t([-INF, INF]))), [0, INF]);
        });

        it('go through logSumExp: none, one, all, and of both signs', () => {
          assert.deepEqual(values(logSumExp(t([-INF, -INF]))), [-INF]);
          assert.deepEqual(values(logSumExp(t([INF, 0]))), [INF]);
          assert.deepEqual(values(logSumExp(t([INF, -INF]))), [INF]);
          close(logSumExp(t([-INF, 1])), 1, 1e-6);
          close(logSumExp(t([1000, 1000])), 1000 + Math.LN2, 1e-6);
          close(logSumExp(t([-1000, -1000])), -1000 + Math.LN2, 1e-6);
        });

        it('in the past do not spoil gradients: logSumExp and softmax with a masked position', () => {
          close(grad((x: Tensor) => logSumExp(x))(t([-INF, 0, 0])), [0, 0.5, 0.5], 1e-6);
          close(softmax(t([-INF, 0, 0])), [0, 0.5, 0.5], 1e-6);
          close(softmax(t([1e4, 0])), [1, 0], 1e-6);
          close(logSoftmax(t([1e4, 0])), [0, -1e4], 1e-6);
        });
      });

      describe('large and small arguments', () => {
        it('neither overflow nor lose everything: sigmoid, softplus, tanh, erf', () => {
          assert.deepEqual(values(sigmoid(t([-1e4, 1e4]))), [0, 1]);
          assert.deepEqual(values(softplus(t([-1e4, 1e4]))), [0, 1e4]);
          assert.deepEqual(values(tanh(t([-1e4, 1e4]))), [-1, 1]);
          assert.deepEqual(values(erf(t([-1e4, 1e4]))), [-1, 1]);
        });

        it('gate is 1 at 1e30, 0 at 0, and in between for any eps', () => {
          const huge = dtype === 'float32' ? 1e30 : 1e300;
          const tiny = dtype === 'float32' ? 1e-38 : 1e-300;
          for (const eps of [0.1, 1e-12, tiny]) {
            assert.deepEqual(values(gate(t([huge, -huge, 0, -0, INF]), eps)), [1, 1, 0, 0, 1]);
            close(gate(sqrt(t(eps)), eps), 0.5, 1e-4);
          }
        });

        it('gate has finite derivatives of both orders in m there, and zero ones far out', () => {
          const m = t([1e30, 1, 0]);
          for (const eps of [0.1, 1e-12, 1e-30]) {
            const g = values(grad((x: Tensor) => sum(gate(x, eps)))(m));
            assert.ok(g.every(Number.isFinite), `${eps}: ${g.join()}`);
            assert.ok(Math.abs(g[0]!) < 1e-80 && g[2] === 0);
            const h = values(hvp((x: Tensor) => sum(gate(x, eps)), m, t([1, 1, 1])));
            assert.ok(h.every(Number.isFinite), `${eps}: ${h.join()}`);
            close(h[2]! * eps, 2, 1e-5); // g''(0) = 2 / eps
          }
        });

        it('gate has its derivative in eps where it is nearly 1: -1 / m^2', () => {
          const m = t([1, -2, 5]);
          for (const eps of [1e-8, 1e-12]) close(vjp((e: Tensor) => gate(m, e), t(eps))[1](t([1, 0, 0])), -1, 1e-5);
        });

        it('gate has every second derivative where 2 / eps is beyond float32', () => {
          const eps = t(dtype === 'float32' ? 1e-39 : 1e-300);
          const far = t([1, 1e30, -2]);
          const f = (x: Tensor): Tensor => sum(gate(x, eps));
          for (const y of [grad(f)(far), hvp(f, far, far)]) close(y, [0, 0, 0], 1e-30);
          // d/deps of 2 m eps / (m^2 + eps)^2 is 2 / m^3 for small eps
          close(grad((e: Tensor) => sum(grad((x: Tensor) => sum(gate(x, e)))(far)))(eps), 2 - 2 / 8, 1e-5);
        });
      });
    });

describe('the gate', () => {
  const of = (dtype: DType, data: number[]): Tensor => tensor(data, { dtype });
  const wide = fc
    .tuple(fc.double({ min: 1, max: 10, noNaN: true }), fc.integer({ min: -18, max: 18 }), fc.boolean())
    .map(([mantissa, exponent, minus]) => (minus ? -1 : 1) * mantissa * 10 ** exponent);
  const eps = fc.integer({ min: -30, max: 3 }).map((e) => 10 ** e);

  it('lies in 0 .. 1, is even, grows with |m|, and is m^2 / (m^2 + eps)', () => {
    fc.assert(
      fc.property(wide, wide, eps, fc.constantFrom<DType>('float32', 'float64'), (a, b, e, dtype) => {
        const [lo, hi] = [Math.min(Math.abs(a), Math.abs(b)), Math.max(Math.abs(a), Math.abs(b))];
        const [p, q, r] = values(gate(of(dtype, [lo, hi, -hi]), e)) as [number, number, number];
        assert.ok(p >= 0 && q <= 1 && p <= q && q === r);
        close(q, (hi * hi) / (hi * hi + e), dtype === 'float32' ? 1e-6 : 1e-14);
      }),
    );
  });
});

describe('pow', () => {
  it('follows IEEE at zero', () => {
    const x = tensor([0, 0, 0, 2, -2, -2]);
    close(pow(x, tensor([0, 2, -1, 0, 3, 0.5])), [1, 0, INF, 1, -8, NaN]);
  });
});
