import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as bigrad from 'bigrad';
import {
  cholesky,
  compile,
  determinant,
  exp,
  fromTypedArray,
  gate,
  inverse,
  logDeterminant,
  matmul,
  mul,
  neg,
  qr,
  reference,
  softmax,
  solve,
  triangularSolve,
  vjp,
  type Backend,
  type Tensor,
} from 'bigrad';
import { elementwiseOps } from '../../kernels/simd/generated/wasm.js';
import { createCpu } from '../../src/backends/cpu/device.js';
import { supports } from '../../src/backends/cpu/simd/wasm/build.js';

type Function = (...xs: readonly Tensor[]) => Tensor;

/**
 * Ops that have SIMD kernels whose values may differ from those of Math: every elementwise one, by
 * its name; gateGrad as the pullback that it is.
 */
const functions: Readonly<Record<string, Function>> = {
  ...Object.fromEntries(
    elementwiseOps.flatMap((names, arity) =>
      names.map((name): [string, Function] => [
        name,
        (...xs) => (bigrad as unknown as Record<string, Function>)[name]!(...xs.slice(0, arity)),
      ]),
    ),
  ),
  gateGrad: (g, m, eps) => vjp((t: Tensor) => gate(t, eps), m)[1](g),
  softmax: (x) => softmax(x),
};

const bits = (x: Tensor): Int32Array => new Int32Array((x.readSync() as Float32Array).buffer);
const positive = (n: number, device: Backend, phase = 0): Tensor =>
  fromTypedArray(
    Float32Array.from({ length: n }, (_, i) => ((i * 37 + 11 * phase) % 101) / 17 + 0.01),
    [n],
    { device },
  );

for (const simd of (['simd128', 'relaxed'] as const).filter(supports))
  describe(`the least work of a ${simd} device`, () => {
    it('is the same for linear algebra in float64 in a plan as outside, to the last bit', () => {
      const device = createCpu({ simd });
      for (let n = 1; n < 36; n += n < 16 ? 1 : 3) {
        const x = fromTypedArray(
          Float64Array.from({ length: n * n }, (_, i) => Math.sin(i * i) + (i % (n + 1) === 0 ? 3 * n : 0)),
          [n, n],
          { device },
        );
        const f = (a: Tensor): Tensor[] => [
          ...[matmul(a, a), solve(a, a), inverse(a), cholesky(a), determinant(a), triangularSolve(a, a)],
          ...Object.values(qr(a)),
          ...Object.values(logDeterminant(a)),
        ];
        const [planned, eager] = [compile(f)(x), f(x)];
        planned.forEach((y, i) => {
          assert.deepEqual(y.readSync(), eager[i]!.readSync());
        });
      }
    });

    for (const [name, f] of Object.entries(functions))
      it(`is the same for ${name} in a plan as outside, to the last bit`, () => {
        fc.assert(
          fc.property(fc.integer({ min: 1, max: 4000 }), fc.integer({ min: 0, max: 4000 }), (n, leastWork) => {
            const device = createCpu({ simd, leastWork });
            const xs = [0, 1, 2].map((k) => positive(n, device, k));
            assert.deepEqual(bits(compile((...ys: Tensor[]) => f(...ys))(...xs)), bits(f(...xs)));
          }),
          {
            numRuns: 10,
            examples: [
              [2000, 2001],
              [2000, 2000],
              [500, 500],
              [500, 501],
            ],
          },
        );
      });

    it('is where a plan goes from Math to SIMD kernels', () => {
      const f = (x: Tensor): Tensor => mul(neg(exp(x)), 2);
      const stepsOf = (n: number, leastWork: number): number => {
        const compiled = compile(f);
        compiled(positive(n, createCpu({ simd, leastWork })));
        return compiled.stats!.steps;
      };
      assert.deepEqual([stepsOf(2000, 2000), stepsOf(2000, 2001)], [1, 2]);
      assert.deepEqual([stepsOf(50, 50), stepsOf(50, 51)], [1, 2]);
    });

    it('keeps plans of smaller arrays at the values of Math', () => {
      const x = positive(3000, createCpu({ simd, leastWork: 3001 }));
      assert.deepEqual(bits(compile(exp)(x)), bits(exp(positive(3000, reference))));
    });
  });
