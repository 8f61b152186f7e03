import assert from 'node:assert/strict';
import fc from 'fast-check';
import { add, broadcastTo, compile, cpu, flip, mul, oneHot, sum, tensor, transpose, type Tensor } from 'bigrad';
import { adam } from 'bigrad/optim';
import { createCpu } from '../../src/backends/cpu/device.js';
import { values } from '../support/close.js';
import { same } from '../support/same.js';
import { labels, start, steps, wrong, type State, type Step } from '../support/state-steps.js';
import { actions, equal, type Pair, type World } from './state-actions.js';

describe('state that goes round through a compiled function', () => {
  const names = Object.keys(start()) as (keyof State)[];
  const moves = fc.array(
    fc.tuple(
      fc.oneof(
        { arbitrary: fc.constant('step'), weight: 8 },
        { arbitrary: fc.constantFrom(...Object.keys(actions)), weight: 16 },
      ),
      fc.nat(2),
      fc.constantFrom(...names),
    ),
    { maxLength: 14, size: 'max' },
  );

  const play = (eager: Step, maxPlans: number, trace: readonly (readonly [string, number, keyof State])[]): void => {
    const pairs: Pair[] = [{ got: start(), want: start() }];
    const held: World['held'] = [];
    const world: World = {
      step: compile(eager, { donate: [0], maxPlans }),
      eager,
      pairs,
      held,
      hold: (x, now) => void held.push([x, now]),
    };
    for (const [name, at, leaf] of trace) actions[name]!(world, at % pairs.length, leaf);
    for (const { got, want } of pairs) equal(got, want);
    for (const [x, now] of held) if (x.storage !== null) assert.deepEqual(values(copyOfValues(x)), now);
  };
  const copyOfValues = (x: Tensor): Float64Array => Float64Array.from(x.readSync());

  for (const [name, step] of Object.entries(steps))
    it(`is what it is eagerly, whatever else is done with it: ${name}`, () => {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 2 }), moves, (maxPlans, trace) => {
          play(step, maxPlans, trace);
        }),
        { numRuns: Math.ceil(Number(process.env['FC_RUNS'] ?? 100) / 8) },
      );
    });

  it('of Adam is what it is eagerly, however its gradient lies in memory, with and without SIMD kernels', () => {
    const { init, update } = adam({ learningRate: 0.1 });
    for (const device of [cpu, createCpu({ simd: 'none' })])
      for (const dtype of ['float32', 'float64'] as const)
        for (const turn of [
          (x: Tensor) => x,
          (x: Tensor) => transpose(flip(x)),
          (x: Tensor) => broadcastTo(sum(x), [3, 3]),
        ]) {
          const f = (p: Tensor, s: ReturnType<typeof init>) => update(turn(add(p, 0.25)), s, p);
          const step = compile(f, { donate: [0, 1] });
          const first = () =>
            tensor(
              [
                [1, -2, 3],
                [4, 5, -6],
                [7, 8, 9],
              ],
              { dtype, device },
            );
          let got: ReturnType<typeof f> = [first(), init(first())];
          let want: ReturnType<typeof f> = [first(), init(first())];
          for (let i = 0; i < 4; i++) [got, want] = [step(...got), f(...want)];
          same(got, want, dtype === 'float64' ? 1e-12 : 1e-6);
        }
  });

  it('is right when its plan is dropped for another, which makes one anew', () => {
    const step = compile((x: Tensor) => add(x, 1), { donate: [0], maxPlans: 1 });
    let [x, y] = [tensor([1, 2]), tensor([5])];
    for (let i = 0; i < 3; i++) [x, y] = [step(x), step(y)];
    assert.deepEqual([values(x), values(y), step.traces], [[4, 5], [8], 6]);
  });

  it('outlives calls that fail between its own', () => {
    const twice = (x: Tensor, k: Tensor) => add(mul(x, 2), sum(oneHot(k, 3)));
    const step = compile(twice, { donate: [0] });
    let x = tensor([1, 2]);
    const y = tensor([5, 5]);
    for (let i = 0; i < 3; i++) {
      x = step(x, labels());
      assert.throws(() => step(y, wrong()), /expected indices/);
      assert.throws(() => step(x, wrong()), /expected indices/);
    }
    assert.deepEqual([x, y].map(values), [
      [22, 30],
      [5, 5],
    ]);
    assert.deepEqual(values(step(y, labels())), [12, 12]);
  });
});
