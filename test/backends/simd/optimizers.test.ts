import fc from 'fast-check';
import { fromTypedArray, reference, tensor, type Tensor } from 'bigrad';
import { adam, sgd } from 'bigrad/optim';
import { number, special } from '../../testing/arbitraries.js';
import { guarded, instances, same, type Guarded } from './guarded.js';

const lists = (n: number) => fc.array(special(), { minLength: n, maxLength: n });
const on = (data: readonly number[]): Tensor =>
  fromTypedArray(Float32Array.from(data), [data.length], { device: reference });
const values = (x: unknown): number[] => Array.from((x as Tensor).readSync());
const cases = fc.nat(21).chain((n) => fc.tuple(lists(n), lists(n), lists(n), fc.array(number(0, 2), { minLength: n, maxLength: n }))); // prettier-ignore
const f32 = Math.fround;

for (const simd of instances)
  describe(`the ${simd.build} optimizer updates`, () => {
    const places = (memory: Guarded, inPlace: boolean, data: readonly (readonly number[])[]) =>
      data.map((xs) => {
        const from = memory.put(xs);
        return [from, inPlace ? from : memory.put(xs.map(() => 7))] as const;
      });

    it('move as adam does, in place or not', () => {
      fc.assert(
        fc.property(cases, fc.nat(50), fc.boolean(), fc.boolean(), ([ps, gs, ms, vs], t, inPlace, decays) => {
          const [rate, beta1, beta2, eps] = [0.01, 0.9, 0.999, 1e-8];
          const [epsRoot, weightDecay] = decays ? [1e-4, 0.1] : [0, 0];
          const n = ps.length;
          const memory = guarded(simd);
          const g = memory.put(gs);
          const [[p, p1], [m, m1], [v, v1]] = places(memory, inPlace, [ps, ms, vs]) as [[number, number], [number, number], [number, number]]; // prettier-ignore
          const correction = (beta: number) => -f32(Math.expm1(f32((t + 1) * f32(Math.log(beta)))));
          simd.kernels.adam(p, g, m, v, p1, m1, v1, n, rate, beta1, 1 - beta1, beta2, 1 - beta2, correction(beta1), correction(beta2), eps, epsRoot, weightDecay); // prettier-ignore
          memory.check();
          const optimizer = adam({ learningRate: rate, beta1, beta2, eps, epsRoot, weightDecay });
          const step = fromTypedArray(Int32Array.of(t), [], { device: reference });
          const [moved, state] = optimizer.update(on(gs), { step, m: on(ms), v: on(vs) }, on(ps));
          same(memory.get(m1, n), values(state.m), 3e-7, 'm');
          same(memory.get(v1, n), values(state.v), 3e-7, 'v');
          const got = memory.get(p1, n);
          const expected = values(moved);
          same(got.map((x, i) => (Math.abs(x - expected[i]!) <= 1e-6 * Math.max(1, Math.abs(expected[i]!)) ? expected[i]! : x)), expected, 0, 'p'); // prettier-ignore
        }),
        { numRuns: 200 },
      );
    });

    it('move as sgd does, with momentum or nesterov or neither, in place or not', () => {
      fc.assert(
        fc.property(cases, fc.constantFrom('plain', 'momentum', 'nesterov'), fc.boolean(), fc.boolean(), ([ps, gs, vs], kind, inPlace, decays) => {
          const learningRate = 0.01;
          const momentum = kind === 'plain' ? 0 : 0.9;
          const nesterov = kind === 'nesterov';
          const weightDecay = decays ? 0.1 : 0;
          const n = ps.length;
          const memory = guarded(simd);
          const g = memory.put(gs);
          const [[p, p1], [v, v1]] = places(memory, inPlace, [ps, vs]) as [[number, number], [number, number]];
          simd.kernels.sgd(p, g, v, p1, v1, n, learningRate, momentum, nesterov, weightDecay);
          memory.check();
          const optimizer = sgd({ learningRate, momentum, nesterov, weightDecay });
          const state = { step: tensor(0, { dtype: 'int32', device: reference }), ...(momentum > 0 && { velocity: on(vs) }) };
          const [moved, next] = optimizer.update(on(gs), state, on(ps));
          same(memory.get(p1, n), values(moved), 0, 'p'); // the same operations in the same order
          if (momentum > 0) same(memory.get(v1, n), values(next.velocity), 0, 'v');
        }),
        { numRuns: 200 },
      );
    }); // prettier-ignore
  });
