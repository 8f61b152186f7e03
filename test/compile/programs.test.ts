import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  compile,
  cpu,
  dot,
  full,
  hvp,
  leaves,
  mapTree,
  mixedProduct,
  reference,
  sum,
  tanh,
  valueAndGrad,
  vjp,
  type Backend,
  type DType,
  type Tensor,
} from 'bigrad';
import { opTable } from 'bigrad/testing';
import { createCpu } from '../../src/backends/cpu/device.js';
import { maker } from '../../src/testing/op-case.js';
import { sources, views, type Source } from '../support/arbitraries.js';
import { programs, SHAPE, type Program } from '../support/random-programs.js';
import { same } from '../support/same.js';

const plain = createCpu({ simd: 'none' });
/** Where results are those of eager ops to the last bit: SIMD kernels sum in another order. */
const exact = (device: Backend, dtype: DType): boolean => device === reference || dtype === 'float64';
const tolerance = (device: Backend, dtype: DType): number => (exact(device, dtype) ? 0 : 2e-6);

const registers = (of: (shape: readonly number[], dtype: DType) => fc.Arbitrary<Source>, dtype: DType) =>
  fc.array(of(SHAPE, dtype), { minLength: 2, maxLength: 2 });
const contiguous = (shape: readonly number[], dtype: DType) => sources(shape, undefined, dtype);
const strided = (shape: readonly number[], dtype: DType) => views(shape, undefined, dtype);

/**
 * What may be asked of a program: its result, several results, and derivatives of the first and the
 * second order.
 */
const questions: Record<string, (p: Program) => (xs: Tensor[]) => unknown> = {
  'its result': (p) => (xs) => p.run(xs),
  'results and arguments together': (p) => (xs) => {
    const y = p.run(xs);
    return { y, again: y, xs, t: tanh(y) };
  },
  'its gradient': (p) => valueAndGrad((xs: Tensor[]) => sum(tanh(p.run(xs)))),
  'its pullback': (p) => (xs) => vjp((ys: Tensor[]) => p.run(ys), xs)[1](xs[0]!),
  'Hessian products': (p) => (xs) => hvp((ys: Tensor[]) => sum(tanh(p.run(ys))), xs, xs),
  'mixed products': (p) => (xs) =>
    mixedProduct((x: Tensor, y: Tensor) => sum(tanh(p.run([x, y]))), xs[0]!, xs[1]!, xs[0]!),
};

describe('a compiled random program gives what it gives eagerly', () => {
  for (const device of [cpu, plain, reference])
    for (const dtype of ['float32', 'float64'] as const)
      it(`on ${device.name} in ${dtype}${exact(device, dtype) ? ', bit for bit' : ''}`, () => {
        const cases = fc.tuple(programs(2), registers(contiguous, dtype), fc.constantFrom(...Object.keys(questions)));
        fc.assert(
          fc.property(cases, ([p, made, question]) => {
            const f = questions[question]!(p);
            const xs = made.map((x) => x.make(device));
            const compiled = compile(f);
            const expected = f(xs);
            same(compiled(xs), expected, tolerance(device, dtype), 'the first call,');
            same(compiled(xs), expected, tolerance(device, dtype), 'the second call,');
            assert.equal(compiled.traces, 1);
          }),
        );
      });

  it('of arguments that are views of other memory', () => {
    const cases = fc.tuple(programs(2), registers(strided, 'float64'), fc.constantFrom(...Object.keys(questions)));
    fc.assert(
      fc.property(cases, ([p, made, question]) => {
        const f = questions[question]!(p);
        const xs = made.map((x) => x.make(cpu));
        same(compile(f)(xs), f(xs), 1e-12);
      }),
    );
  });

  it('whatever an earlier call left behind in its memory', () => {
    const cases = fc.tuple(programs(2), registers(contiguous, 'float64'), fc.constantFrom(...Object.keys(questions)));
    fc.assert(
      fc.property(cases, ([p, made, question]) => {
        const f = questions[question]!(p);
        const compiled = compile(f);
        const poison = full(SHAPE, NaN, { dtype: 'float64' });
        compiled([poison, poison]);
        const xs = made.map((x) => x.make(cpu));
        same(compiled(xs), f(xs));
        assert.equal(compiled.traces, 1);
      }),
    );
  });

  it('with arguments given away, step after step', () => {
    fc.assert(
      fc.property(programs(2), registers(contiguous, 'float64'), (p, made) => {
        const f = ([x, y]: Tensor[]): Tensor[] => [tanh(p.run([x!, y!])), x!];
        const step = compile(f, { donate: [0] });
        let [state, expected] = [made.map((x) => x.make(cpu)), made.map((x) => x.make(cpu))];
        for (let i = 0; i < 4; i++) [state, expected] = [step(state), f(expected)];
        same(state, expected);
      }),
    );
  });
});

describe('every op', () => {
  for (const device of [cpu, plain, reference])
    it(`gives compiled what it gives eagerly, with its derivative, on ${device.name}`, () => {
      for (const { op, cases, order } of opTable)
        for (const { title, inputs, f } of cases) {
          const xs = inputs(maker(device, 'float64'));
          const outs = (ys: Tensor[]): unknown => f(...ys);
          same(compile(outs)(xs), outs(xs), 1e-12, `${op}, ${title},`);
          if (order === 0) continue;
          const squares = (ys: Tensor[]): Tensor => {
            const floats = leaves(outs(ys)).filter((y) => y.dtype !== 'int32');
            return dot(floats, floats);
          };
          const slopes = (ys: Tensor[]): unknown => leaves(valueAndGrad(squares)(ys));
          same(compile(slopes)(xs), slopes(xs), 1e-10, `the gradient of ${op}, ${title},`);
        }
    });

  it('leaves its arguments as they were', () => {
    for (const { cases } of opTable)
      for (const { inputs, f } of cases) {
        const [xs, before] = [inputs(maker(cpu, 'float64')), inputs(maker(cpu, 'float64'))];
        compile((ys: Tensor[]) => f(...ys))(xs);
        same(xs, before);
      }
  });

  it('is the same again when its trace is mapped over trees', () => {
    const f = (t: { a: Tensor; b: Tensor[] }) => mapTree((x) => tanh(x), t);
    const t = { a: full([2], 0.5), b: [full([], 1), full([0, 3], 1)] };
    same(compile(f)(t), f(t));
    assert.deepEqual(Object.keys(compile(f)(t)), ['a', 'b']);
  });
});
