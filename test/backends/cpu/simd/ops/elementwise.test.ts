import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as bigrad from 'bigrad';
import { fromTypedArray, reference, type Shape, type Tensor } from 'bigrad';
import { elementwiseOps } from '../../../../../kernels/simd/generated/wasm.js';
import { chainOp } from '../../../../../src/backends/cpu/simd/chain/arithmetic.js';
import { planElementwise } from '../../../../../src/backends/cpu/simd/ops/elementwise.js';
import { erf, softplus } from '../../../../../src/ops/scalar-functions.js';
import { special } from '../../../../support/arbitraries.js';
import { guarded, instances, same } from '../guarded.js';
import { list } from '../../../../support/numbers.js';
import { sizeOf } from '../../../../../src/core/shape.js';

/**
 * Ops whose value differs from the double-precision one by more than rounding it; relative errors.
 */
const tolerances: Record<string, number> = {
  exp: 1.5e-7,
  log: 1.5e-7,
  expm1: 1.5e-7,
  log1p: 3e-7,
  softplus: 3e-7,
  erf: 2e-7,
  sin: 2e-7,
  cos: 2e-7,
  tanh: 2e-7,
  sigmoid: 2e-7,
  rsqrt: 2e-7,
  gate: 5e-7,
  gateGrad: 1e-6,
};

type Function = (...xs: Tensor[]) => Tensor;
/** An op by its name; gateGrad by the pullback of which it is the kernel. */
const opOf = (name: string): Function =>
  name === 'gateGrad'
    ? (g, m, eps) => bigrad.vjp((t: Tensor) => bigrad.gate(t, eps), m)[1](g)
    : (bigrad as unknown as Record<string, Function>)[name]!;

function expected(name: string, ins: readonly { data: readonly number[]; shape: Shape }[], shape: Shape): number[] {
  const xs = ins.map(({ data, shape: own }) =>
    bigrad.broadcastTo(fromTypedArray(Float32Array.from(data), own, { device: reference }), shape),
  );
  return Array.from(opOf(name)(...xs).readSync());
}

const positiveEps = fc.integer({ min: 1, max: 40 }).map((n) => n / 16);
/** Numbers for operand `i`: the last one of the gate is a positive eps. */
const valuesOf = (name: string, i: number): fc.Arbitrary<number> =>
  name.startsWith('gate') && i === elementwiseOps.findIndex((ops) => ops.includes(name)) - 1 ? positiveEps : special();

describe('elementwise ops with a SIMD kernel', () => {
  it('can all be in a chain of a plan, which would else compute them otherwise', () => {
    assert.deepEqual(
      elementwiseOps.flat().filter((name) => !chainOp(name)),
      [],
    );
  });
});

for (const simd of instances)
  describe(`the ${simd.build} elementwise kernels`, () => {
    for (const [arity, names] of elementwiseOps.entries())
      for (const name of names)
        it(`compute ${name} of operands repeated along any axes, NaN and infinities included`, () => {
          const cases = fc
            .array(fc.oneof(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 5, max: 19 })), { maxLength: 4 })
            .chain((shape) =>
              fc.tuple(
                fc.constant(shape),
                fc.tuple(
                  ...Array.from({ length: arity }, (_, i) =>
                    list(shape.length, fc.boolean()).chain((repeated) => {
                      const own = shape.map((d, axis) => (repeated[axis] ? 1 : d));
                      return list(sizeOf(own), valuesOf(name, i)).map((data) => ({ data, shape: own }));
                    }),
                  ),
                ),
              ),
            );
          fc.assert(
            fc.property(cases, ([shape, ins]) => {
              const memory = guarded(simd);
              const strides = ins.map(({ shape: own }) => {
                let step = 1;
                return [...own]
                  .reverse()
                  .map((d) => (d === 1 ? 0 : ((step *= d), step / d)))
                  .reverse();
              });
              const n = sizeOf(shape);
              const pointers = ins.map(({ data }) => memory.put(data));
              const out = memory.put(new Array<number>(n).fill(7));
              const run = planElementwise(simd, name, shape, strides);
              if (n > 0) {
                assert.ok(run);
                run(out, ...pointers);
                same(memory.get(out, n), expected(name, ins, shape), tolerances[name] ?? 0, name);
              } else run?.(out, ...pointers);
              memory.check();
              ins.forEach(({ data }, i) => {
                same(memory.get(pointers[i]!, data.length), data);
              });
            }),
            { numRuns: 60 },
          );
        });

    for (const [name, f, from, to, tolerance] of [
      ['exp', Math.exp, -87, 88.7, 1.5e-7],
      ['log', Math.log, 1e-3, 1e3, 1.5e-7],
      ['log', Math.log, 0.5, 2, 1.5e-7],
      ['tanh', Math.tanh, -10, 10, 1.5e-7],
      ['tanh', Math.tanh, -1e-3, 1e-3, 1.5e-7],
      ['sigmoid', (x: number) => 1 / (1 + Math.exp(-x)), -80, 20, 2.5e-7],
      ['expm1', Math.expm1, -20, 88.7, 1.5e-7],
      ['expm1', Math.expm1, -0.5, 0.5, 1.5e-7],
      ['expm1', Math.expm1, 0.34, 0.6, 1.5e-7],
      ['log1p', Math.log1p, -0.999, 100, 3e-7],
      ['log1p', Math.log1p, -1e-3, 1e-3, 3e-7],
      ['softplus', softplus, -80, 80, 3e-7],
      ['erf', erf, -6, 6, 2e-7],
      ['erf', erf, -1e-3, 1e-3, 2e-7],
      ['sin', Math.sin, -10, 10, 2e-7],
      ['cos', Math.cos, -10, 10, 2e-7],
      ['sin', Math.sin, 0, 33554432, 2e-7],
      ['cos', Math.cos, -33554432, 33554432, 2e-7],
      ['sin', Math.sin, -3.4e38, 3.4e38, 2e-7],
      ['cos', Math.cos, 3.3e7, 1e12, 2e-7],
    ] as const)
      it(`compute ${name} from ${from} to ${to} to a relative error of ${tolerance}`, () => {
        const n = 20_000;
        const x = Float32Array.from({ length: n }, (_, i) => from + ((to - from) * i) / n);
        const memory = guarded(simd);
        const [at, out] = [memory.put(x), memory.put(x)];
        planElementwise(simd, name, [n], [[1]])!(out, at);
        same(memory.get(out, n), Array.from(x, f), tolerance, name);
        memory.check();
      });

    it('compute functions with polynomials at the ends of the range', () => {
      const x = [
        0,
        -0,
        1e-45,
        -1e-45,
        1e-39,
        1.17549435e-38,
        3.4e38,
        -3.4e38,
        88.72,
        88.73,
        -87.4,
        -95,
        -103.9,
        -104.1,
        200,
        -200,
        0.625,
        -0.625,
        NaN,
        Infinity,
        -Infinity,
      ].map(Math.fround);
      for (const [name, f] of [
        ['exp', Math.exp],
        ['log', Math.log],
        ['tanh', Math.tanh],
        ['sigmoid', (v: number) => 1 / (1 + Math.exp(-v))],
        ['expm1', Math.expm1],
        ['log1p', Math.log1p],
        ['softplus', softplus],
        ['erf', erf],
        ['sin', Math.sin],
        ['cos', Math.cos],
      ] as const) {
        const memory = guarded(simd);
        const [at, out] = [memory.put(x), memory.put(x)];
        planElementwise(simd, name, [x.length], [[1]])!(out, at);
        memory.get(out, x.length).forEach((v, i) => {
          const y = Math.fround(f(x[i]!));
          const close = Object.is(v, y) || v === y || Math.abs(v - y) <= Math.max(3e-7 * Math.abs(y), 2e-45);
          assert.ok(close, `${name}(${x[i]}): expected ${y}, got ${v}`);
        });
      }
    });

    it('keep the sign of zeros as Math does', () => {
      const memory = guarded(simd);
      for (const [name, x, y] of [
        ['sign', -0, -0],
        ['neg', 0, -0],
        ['relu', -0, 0],
        ['tanh', -0, -0],
        ['expm1', -0, -0],
        ['log1p', -0, -0],
        ['erf', -0, -0],
        ['sin', -0, -0],
        ['sqrt', -0, -0],
        ['abs', -0, 0],
      ] as const) {
        const [at, out] = [memory.put([x]), memory.put([7])];
        planElementwise(simd, name, [1], [[1]])!(out, at);
        assert.ok(Object.is(memory.get(out, 1)[0], y), `${name}(${x})`);
      }
    });

    it('compute the gate and its slope at 0, 1e30 and infinity without NaN', () => {
      const memory = guarded(simd);
      const m = [0, -0, 1e30, -1e30, 1e-30, Infinity, -Infinity, NaN];
      const [at, eps, g, out] = [memory.put(m), memory.put([0.1]), memory.put([1]), memory.put(m)];
      planElementwise(simd, 'gate', [8], [[1], [0]])!(out, at, eps);
      same(memory.get(out, 8), [0, 0, 1, 1, 0, 1, 1, NaN]);
      planElementwise(simd, 'gateGrad', [8], [[0], [1], [0]])!(out, g, at, eps);
      same(memory.get(out, 8), [0, 0, 0, 0, Math.fround(2e-29), 0, 0, NaN], 1e-6);
    });

    it('trap at a number that no op has', () => {
      const { unary, binary, ternary } = simd.kernels;
      const [at, one] = [guarded(simd).put([1]), [0, 0, 0] as const];
      const calls = [
        (op: number) => {
          unary(op, at, at, ...one, 1, 1, 1);
        },
        (op: number) => {
          binary(op, at, at, ...one, at, ...one, 1, 1, 1);
        },
        (op: number) => {
          ternary(op, at, at, ...one, at, ...one, at, ...one, 1, 1, 1);
        },
      ];
      calls.forEach((call, i) => {
        const count = elementwiseOps[i + 1]!.length;
        call(count - 1);
        for (const op of [count, count + 1, 1000, -1])
          assert.throws(() => {
            call(op);
          }, /unreachable/);
      });
    });

    it('leave what does not run in steps of 0 or 1 to be copied first', () => {
      assert.equal(planElementwise(simd, 'neg', [3, 4], [[1, 3]]), undefined);
      assert.equal(planElementwise(simd, 'tan', [3], [[1]]), undefined);
    });
  });
