import assert from 'node:assert/strict';
import fc from 'fast-check';
import { add, compile, cos, dot, grad, mapTree, mean, mul, reference, square, stopGradient, sub, sum } from 'bigrad';
import { onesLike, randomKey, tensor, valueAndGrad, zerosLike, type Backend, type Tensor } from 'bigrad';
import { hypergradient, type BilevelProblem, type LowerLoss, type Mode } from 'bigrad/bilevel';
import { batchNorm2d, conv, flatten, linear, meanSquaredError, sequential } from 'bigrad/nn';
import { adagrad, adam, adamw, chain, clipByGlobalNorm, exponentialDecay, rmsprop, sgd } from 'bigrad/optim';
import type { Optimizer } from 'bigrad/optim';
import { near } from '../support/close.js';
import { differences, f64, value, wave } from '../support/numbers.js';
import { refuses } from '../support/refuses.js';
import { batches, descend, lower, problems, upper } from './hypergradient/small-problem.js';
import type { Batch, Ms, Theta } from './hypergradient/small-problem.js';

const p = 4;
const all = batches(p);
type Masks = { ms: Ms; mt: Ms };

// What is carried takes part in both losses, and depends on all that the lower level moves.
const carrying: LowerLoss<Theta, Ms, Batch, Tensor> = (theta, ms, batch, c) => {
  const [loss, { residual }] = lower(theta, ms, batch);
  const next = add(mul(c, 0.7), mul(mul(theta.first, mean(square(residual))), 0.3));
  return [add(loss, mul(sum(mul(square(theta.first), c)), 0.1)), next];
};
const other: typeof carrying = (theta, ms, batch, c) => [mul(carrying(theta, ms, batch, c)[0], 1.5), mul(c, 0.5)];
const above = (theta: Theta, masks: Masks, batch: Batch, c: Tensor) =>
  [add(upper(theta, masks, batch)[0], mul(sum(square(c)), 0.2)), null] as const;
const start = wave([3, 2], 9);

/** Remembers weights: its first state depends on them, and each step goes towards their mean. */
const homing: Optimizer<{ mean: Theta }> = {
  init: (w) => ({ mean: w as Theta }),
  update: (g, s, w) => {
    const home = mapTree((m, x) => add(mul(m, 0.8), mul(x, 0.2)), s.mean, w);
    return [mapTree((x, d, m) => sub(x, mul(add(d, mul(sub(x, m), 0.5)), 0.1)), w, g, home), { mean: home }];
  },
};
const optimizers: Record<string, Optimizer<unknown>> = {
  'sgd with momentum': sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.01 }),
  'adam with a schedule': adam({ learningRate: exponentialDecay({ initial: 0.05, every: 2, factor: 0.5 }), eps: 1e-3 }),
  adamw: adamw({ learningRate: 0.05, eps: 1e-3 }),
  rmsprop: rmsprop({ learningRate: 0.03, momentum: 0.5, eps: 1e-2 }),
  adagrad: adagrad({ learningRate: 0.1, eps: 1e-2 }),
  'a clipped gradient': chain(clipByGlobalNorm(0.3), sgd({ learningRate: 0.2 })),
  'an optimizer of the test': homing,
};

/** A lower step in words: its loss, its optimizer, and whether that begins. */
type Plan = readonly (readonly [loss: typeof carrying, optimizer: Optimizer<unknown>, begins: boolean])[];
type Whole = { theta: Theta; ms: Ms; c: Tensor; o: unknown };

/** The states of the whole loop, written out. */
function loop(plan: Plan, from: Whole, first = 0, count = plan.length, maskRate = 0): Whole {
  let { theta, ms, c, o } = from;
  for (let t = first; t < first + count; t++) {
    const [loss, optimizer, begins] = plan[t]!;
    if (begins) o = optimizer.init(theta);
    const f = (w: { theta: Theta; ms: Ms }) => loss(w.theta, w.ms, all.lower[t]!, c);
    const [[, next], g] = valueAndGrad(f, { hasAux: true })({ theta, ms });
    [theta, o] = optimizer.update(g.theta, o, theta);
    [c, ms] = [next, maskRate === 0 ? ms : descend(ms, g.ms, maskRate)];
  }
  return { theta, ms, c, o };
}
const finalLoss = ({ theta, ms, c }: Whole, mt: Ms): Tensor => above(theta, { ms, mt }, all.upper, c)[0];

type Given = { theta: Theta; ms: Ms; mt: Ms };
/** The problem by hypergradient, and the gradient of the loop through its last K steps. */
function both(lowerLevel: object, plan: Plan, { theta, ms, mt }: Given, K = p, maskRate = 0) {
  const mode: Mode = K === p ? 'exact' : { truncated: K };
  const problem = { upper: above, mode, ...lowerLevel } as BilevelProblem<Theta, Ms, Ms, Batch, Batch, Tensor, null>;
  const got = hypergradient(problem)(theta, { ms, mt }, all, { carried: start });
  const before = stopGradient(loop(plan, { theta, ms, c: start, o: undefined }, 0, p - K, maskRate));
  const f = (m: Ms): Tensor => finalLoss(loop(plan, { ...before, ms: m }, p - K, K, maskRate), mt);
  return { got, f, at: before.ms, end: loop(plan, { ...before }, p - K, K, maskRate) };
}
const planOf = (optimizer: Optimizer<unknown>): Plan =>
  Array.from({ length: p }, (_, t) => [carrying, optimizer, t === 0] as const);
const few = { numRuns: 2 };

describe('a lower level with an optimizer, and a state that is carried', () => {
  for (const [name, optimizer] of Object.entries(optimizers))
    it(`has the gradient of the whole loop, and of its last steps: ${name}`, () => {
      fc.assert(
        fc.property(problems, fc.constantFrom(1, 2, p), (given, K) => {
          const { got, f, at, end } = both({ lower: carrying, optimizer }, planOf(optimizer), given, K);
          near([got.theta, got.state.carried], [end.theta, end.c]);
          near(got.state.optimizers![0], end.o);
          near(got.value, f(at));
          near(got.dMs, grad(f)(at), 1e-10);
        }),
        few,
      );
    });

  it('agrees with differences of the whole loop', () => {
    const [given] = fc.sample(problems, { numRuns: 1, seed: 4 }) as [Given];
    const optimizer = optimizers['adam with a schedule']!;
    const { got, f } = both({ lower: carrying, optimizer }, planOf(optimizer), given);
    near(
      got.dMs,
      differences((m) => value(f(m)), given.ms),
      1e-6,
    );
  });

  it('moves masks at a rate beside the optimizer', () => {
    fc.assert(
      fc.property(problems, (given) => {
        const optimizer = optimizers.adamw!;
        const { got, f, end } = both(
          { lower: carrying, optimizer, lowerMask: 0.07 },
          planOf(optimizer),
          given,
          p,
          0.07,
        );
        near(got.ms, end.ms);
        near(got.dMs, grad(f)(given.ms), 1e-10);
      }),
      few,
    );
  });

  it('goes through phases of other losses, rates and optimizers', () => {
    fc.assert(
      fc.property(problems, fc.constantFrom(2, 3, p), (given, K) => {
        const plain = sgd({ learningRate: 0.2 });
        const phases = [
          { loss: carrying, steps: 1, learningRate: 0.2 },
          { loss: other, steps: 2, optimizer: homing },
          { loss: carrying, steps: 1 }, // of the problem
        ];
        const plan: Plan = [
          [carrying, plain, true],
          [other, homing, true],
          [other, homing, false],
          [carrying, optimizers.adamw!, true],
        ];
        const { got, f, at } = both({ lower: phases, optimizer: optimizers.adamw! }, plan, given, K);
        near(got.value, f(at));
        near(got.dMs, grad(f)(at), 1e-10);
        assert.equal(got.state.optimizers!.length, 3);
      }),
      few,
    );
  });

  it('goes on where the call before stopped', () => {
    const [{ theta, ms, mt }] = fc.sample(problems, { numRuns: 1, seed: 7 }) as [Given];
    const problem = hypergradient({ lower: carrying, upper: above, optimizer: optimizers.adamw! });
    const run = (w: Theta, data: Batch[], state: object) =>
      problem(w, { ms, mt }, { lower: data, upper: all.upper }, state);
    const whole = run(theta, all.lower, { carried: start });
    const half = run(theta, all.lower.slice(0, 2), { carried: start });
    const rest = run(half.theta, all.lower.slice(2), half.state);
    near([rest.theta, rest.value, rest.state], [whole.theta, whole.value, whole.state], 1e-13);
    near(
      rest.dMs,
      hypergradient({ lower: carrying, upper: above, optimizer: optimizers.adamw!, mode: { truncated: 2 } })(
        theta,
        { ms, mt },
        all,
        { carried: start },
      ).dMs,
      1e-12,
    );
  });

  it('is summed where losses do not see that theta depends on anything', () => {
    fc.assert(
      fc.property(problems, ({ theta, ms, mt }) => {
        const optimizer = optimizers['sgd with momentum']!;
        const { dMs } = hypergradient({ lower: carrying, upper: above, optimizer, mode: 'summed' })(
          theta,
          { ms, mt },
          all,
          { carried: start },
        );
        const states = Array.from({ length: p }, (_, t) =>
          stopGradient(loop(planOf(optimizer), { theta, ms, c: start, o: undefined }, 0, t).theta),
        );
        const f = (m: Ms): Tensor => {
          let [w, o, c] = [theta, optimizer.init(theta), start];
          for (let t = 0; t < p; t++) {
            const g = grad((x: Theta) => carrying(x, m, all.lower[t]!, c)[0])(states[t]!);
            const next = carrying(states[t]!, m, all.lower[t]!, c)[1];
            [w, o] = optimizer.update(g, o, w);
            c = next;
          }
          return finalLoss({ theta: w, ms: m, c, o }, mt);
        };
        near(dMs, grad(f)(ms), 1e-10);
      }),
      few,
    );
  });

  it('is differentiated and compiled like any function', () => {
    const [{ theta, ms, mt }] = fc.sample(problems, { numRuns: 1, seed: 8 }) as [Given];
    const two = { ...all, lower: all.lower.slice(0, 2) };
    const problem = hypergradient({ lower: carrying, upper: above, optimizer: optimizers.adamw! });
    const f = (m: Ms): Ms => problem(theta, { ms: m, mt }, two, { carried: start }).dMs;
    near(compile(f)(ms), f(ms), 1e-12);
    const along = (h: number): Tensor => dot(f({ first: add(ms.first, h) }), ms);
    const slope = sum(grad((m: Ms) => dot(f(m), stopGradient(ms)))(ms).first);
    near(value(slope), (value(along(1e-4)) - value(along(-1e-4))) / 2e-4, 1e-6);
  });

  it('has finite gradients where weights have gradients of 0: those of the loop', () => {
    // The second weight has none below, and the first has none in the first step.
    const lowerLoss = (w: Tensor, m: Tensor, on: Tensor) =>
      [sum(mul(square(sub(w, m)), mul(on, f64([1, 0])))), null] as const;
    const run = (m: Tensor, optimizer: Optimizer<unknown>) =>
      hypergradient({ lower: lowerLoss, upper: (w: Tensor) => [sum(square(w)), null], optimizer })(
        f64([1, 2]),
        { ms: m, mt: undefined },
        { lower: [f64(0), f64(1), f64(1)], upper: null },
      );
    for (const make of [adam, rmsprop, adagrad]) {
      const optimizer = make({ learningRate: 0.1, eps: 1e-3 }) as Optimizer<unknown>;
      const { dMs } = run(f64([0.4, 0.3]), optimizer);
      near(
        dMs,
        differences((m) => value(run(m, optimizer).value), f64([0.4, 0.3])),
        1e-6,
      );
      assert.notEqual(dMs.readSync()[0], 0);
    }
  });

  it('carries the statistics of a batch norm to an upper level that evaluates with them', () => {
    const net = sequential([conv(1, 2, 2), batchNorm2d(2, { momentum: 0.3 }), flatten, linear(8, 1)]);
    const w = net.init(randomKey(2), { dtype: 'float64' });
    const stats = net.initState(w);
    type W = typeof w;
    const data = (i: number): Batch => ({ x: wave([3, 1, 3, 3], i), y: wave([3, 1], 2 * i) });
    const ms = f64([0.5, -0.3]);
    const loss =
      (training: boolean) =>
      (v: W, scale: Tensor, { x, y }: Batch, s: typeof stats) => {
        const [out, next] = net.apply(v, x, s, { training });
        return [add(meanSquaredError(out, y), mul(dot(scale, scale), sum(square(v[0].weight)))), next] as const;
      };
    const evaluate = (v: W, masks: { ms: Tensor }, b: Batch, s: typeof stats) =>
      [loss(false)(v, zerosLike(masks.ms), b, s)[0], null] as const;
    const below = [data(1), data(2)];
    const trained = (m: Tensor): [W, typeof stats] =>
      below.reduce<[W, typeof stats]>(
        ([v, s], b) => {
          const [[, next], g] = valueAndGrad((u: W) => loss(true)(u, m, b, s), { hasAux: true })(v);
          return [mapTree((x, d) => sub(x, mul(d, 0.1)), v, g), next];
        },
        [w, stats],
      );
    const whole = (m: Tensor): Tensor => {
      const [v, s] = trained(m);
      return evaluate(v, { ms: m }, data(3), s)[0];
    };
    const {
      value: v,
      dMs,
      state,
      aux,
    } = hypergradient({ lower: loss(true), upper: evaluate, learningRate: 0.1 })(
      w,
      { ms, mt: undefined },
      { lower: below, upper: data(3) },
      { carried: stats },
    );
    near(v, whole(ms));
    near(dMs, grad(whole)(ms), 1e-11);
    near(state.carried, trained(ms)[1]);
    near(state.carried, aux.lower[1], 0);
  });

  it('pays nothing for what is carried where the upper level does not read it', () => {
    const cosines = (reads: boolean): number => {
      let count = 0;
      const run: Backend['run'] = (op, ...rest) => {
        if (op.name === 'sin') count++; // of the derivative of cos
        return reference.run(op, ...rest);
      };
      const x = tensor([0.3, 0.4], { device: { ...reference, name: 'counting', run } });
      hypergradient({
        lower: (w: Tensor, s: Tensor, _: null, __: Tensor) => [sum(mul(s, square(w))), cos(w)],
        upper: (w: Tensor, _: object, __: null, c: Tensor) => [sum(reads ? mul(w, c) : w), null],
        learningRate: 0.1,
      })(x, { ms: x, mt: x }, { lower: [null, null], upper: null }, { carried: onesLike(x) });
      return count;
    };
    assert.deepEqual([cosines(false), cosines(true)], [0, 1]);
  });
});

describe('hypergradient refuses by name', () => {
  const [{ theta, ms, mt }] = fc.sample(problems, { numRuns: 1, seed: 1 }) as [Given];
  const base = { lower, upper, optimizer: sgd({ learningRate: 0.1, momentum: 0.9 }) };
  const run = (problem: object, state?: object) =>
    hypergradient({ ...base, ...problem } as never)(theta, { ms, mt }, all, state);
  const updating = (update: unknown) => ({ optimizer: { init: () => ({ v: f64([1, 2]) }), update } });
  const phase = { loss: lower, steps: 4 };
  const calls: Record<string, [() => unknown, typeof RangeError | typeof TypeError, ...string[]]> = {
    'a rate and an optimizer': [() => run({ learningRate: 0.1 }), TypeError, 'learningRate or optimizer', 'both'],
    'an optimizer that is none': [
      () => run({ optimizer: { init: 3 } }),
      TypeError,
      'an optimizer with init and update',
    ],
    'masks at the rate of an optimizer': [() => run({ lowerMask: true }), RangeError, 'a rate beside an optimizer'],
    'a step without a pair': [() => run(updating(() => 3)), TypeError, '[params, state]', 'number 3'],
    'a step that changes a shape': [
      () => run(updating((_: unknown, s: unknown) => [{ ...theta, first: f64([1, 2]) }, s])),
      RangeError,
      'a weight after a lower step of shape [3,2], got [2]',
    ],
    'a step that loses a weight': [
      () => run(updating((_: unknown, s: unknown) => [{ first: theta.first }, s])),
      TypeError,
      'a weight after a lower step for each before it, 2, got 1',
    ],
    'a step that changes its state': [
      () => run(updating((_: unknown, __: unknown, w: unknown) => [w, { v: f64(1) }])),
      RangeError,
      "a tensor in the optimizer's state after a lower step of shape [2], got []",
    ],
    'a loss that changes what is carried': [
      () => run({}, { carried: { residual: f64([1]) } }),
      RangeError,
      'a carried tensor after a lower step of shape [1], got [4]',
    ],
    'a state of another optimizer': [() => run({}, { optimizers: [3] }), TypeError, 'sgd: expected the state'],
    'states for other phases': [() => run({}, { optimizers: [] }), RangeError, '1 states of optimizers', 'got 0'],
    'states of no list': [() => run({}, { optimizers: 3 }), TypeError, 'the states of optimizers as a list'],
    'a state with other parts': [() => run({}, { aux: 1 }), TypeError, 'no options but optimizers, carried'],
    'no phase': [() => run({ lower: [] }), RangeError, 'at least one phase'],
    'a phase without steps': [() => run({ lower: [{ ...phase, steps: 0 }] }), RangeError, 'steps to be a positive'],
    'phases for more batches': [
      () => run({ lower: [phase, { ...phase, steps: 2 }] }),
      RangeError,
      '6 lower batches for phases of 4 and 2 steps, got 4',
    ],
    'a phase without a loss': [() => run({ lower: [{ steps: 4 }] }), TypeError, 'lower to be a function', 'undefined'],
    'a phase with other options': [() => run({ lower: [{ ...phase, p: 1 }] }), TypeError, 'no options but loss'],
  };
  for (const [what, [call, kind, ...words]] of Object.entries(calls))
    it(what, () => {
      refuses(call, kind, what.startsWith('a state of another') ? 'expected' : 'hypergradient: expected', ...words);
    });
});
