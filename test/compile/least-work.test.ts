import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compile, exp, fromTypedArray, gate, grad, log, mul, neg, reference, rsqrt, sigmoid, softmax, sum, tanh, type Backend, type Tensor } from 'bigrad'; // prettier-ignore
import { createCpu } from '../../src/backends/cpu/index.js';
import { supports } from '../../src/backends/cpu/simd/wasm.js';

/** Functions whose SIMD kernels differ from Math in the last bits. */
const functions: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  exp, log, tanh, sigmoid, rsqrt, softmax,
  gate: (x) => gate(x, 0.1),
  'the slope of gate': grad((x: Tensor) => sum(gate(x, 0.1))),
}; // prettier-ignore

const bits = (x: Tensor): Int32Array => new Int32Array((x.readSync() as Float32Array).buffer);
const positive = (n: number, device: Backend): Tensor =>
  fromTypedArray(
    Float32Array.from({ length: n }, (_, i) => ((i * 37) % 101) / 17 + 0.01),
    [n],
    { device },
  );

for (const simd of (['simd128', 'relaxed'] as const).filter(supports))
  describe(`the least work of a ${simd} device`, () => {
    for (const [name, f] of Object.entries(functions))
      it(`is the same for ${name} in a plan as outside, to the last bit`, () => {
        fc.assert(
          fc.property(fc.integer({ min: 1, max: 4000 }), fc.integer({ min: 0, max: 4000 }), (n, leastWork) => {
            const x = positive(n, createCpu({ simd, leastWork }));
            assert.deepEqual(bits(compile(f)(x)), bits(f(x)));
          }),
          { numRuns: 10, examples: [[2000, 2001], [2000, 2000], [500, 500], [500, 501]] }, // prettier-ignore
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
