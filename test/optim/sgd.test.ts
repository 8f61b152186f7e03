import assert from 'node:assert/strict';
import fc from 'fast-check';
import { add, grad, mul, square, sub, sum, type Tensor } from 'bigrad';
import { constantSchedule, sgd, stepDecay, type Optimizer } from 'bigrad/optim';
import { checkGrads } from 'bigrad/testing';
import { f64, list, number, value } from '../support/numbers.js';
import { near, values } from '../support/close.js';
import { refuses } from '../support/refuses.js';

/** A user's parameters: an interface, without an index signature. */
interface Params {
  a: Tensor;
  nested: { b: Tensor }[];
}
const params: Params = { a: f64([0.5, -1.5]), nested: [{ b: f64(2) }] };
const gradients = (i: number): Params => ({
  a: f64([Math.sin(i), 2 * Math.cos(3 * i)]),
  nested: [{ b: f64(Math.sin(i * i) + 0.1) }],
});
const flat = ({ a, nested }: Params): number[] => [...values(a), ...values(nested[0]!.b)];

/** All parameters after each of 100 steps. */
function run<S>({ init, update }: Optimizer<S>): number[][] {
  let [p, state] = [params, init(params)];
  return Array.from({ length: 100 }, (_, i) => {
    [p, state] = update(gradients(i), state, p);
    return flat(p);
  });
}

describe('sgd', () => {
  const rate = number(0, 0.5);
  const options = fc.record({
    learningRate: rate,
    momentum: fc.constantFrom(0, 0.5, 0.9),
    nesterov: fc.boolean(),
    weightDecay: fc.constantFrom(0, 0.01, 0.3),
  });

  it('follows the published formulas for 100 steps', () => {
    fc.assert(
      fc.property(options, ({ learningRate, momentum, nesterov: wanted, weightDecay }) => {
        const nesterov = wanted && momentum > 0;
        // Sutskever et al. 2013, in the form of PyTorch's documentation: b = momentum b + g from b
        // = g on.
        let p = flat(params);
        let b: number[] | undefined;
        const expected = Array.from({ length: 100 }, (_, i) => {
          const g = flat(gradients(i)).map((x, k) => x + weightDecay * p[k]!);
          b = b ? b.map((x, k) => momentum * x + g[k]!) : g;
          const direction = nesterov ? g.map((x, k) => x + momentum * b![k]!) : b;
          p = p.map((x, k) => x - learningRate * (momentum > 0 ? direction[k]! : g[k]!));
          return p;
        });
        near(run(sgd({ learningRate, momentum, nesterov, weightDecay })), expected);
      }),
      { numRuns: 25 },
    );
  });

  it('reads its rate from a schedule, at step 0 first', () => {
    const scheduled = run(sgd({ learningRate: stepDecay({ initial: 0.5, every: 3, factor: 0.5 }) }));
    let p = flat(params);
    scheduled.forEach((got, i) => {
      p = p.map((x, k) => x - 0.5 * 0.5 ** Math.floor(i / 3) * flat(gradients(i))[k]!);
      near(got, p);
    });
    near(run(sgd({ learningRate: constantSchedule(0.1) })), run(sgd({ learningRate: 0.1 })));
  });

  it('minimises a quadratic at the rate of theory: x_k = (1 - lr h)^k x_0', () => {
    fc.assert(
      fc.property(number(0.1, 2), number(), number(0.05, 0.9), (h, start, learningRate) => {
        const { init, update } = sgd({ learningRate });
        let [x, state] = [f64(start), init(f64(start))];
        for (let i = 0; i < 10; i++) [x, state] = update(grad((y: Tensor) => mul(square(y), h / 2))(x), state, x);
        near(x, (1 - learningRate * h) ** 10 * start);
        assert.equal(value(state.step), 10);
      }),
    );
  });

  it('changes neither its arguments nor its state, and gives the same for the same', () => {
    const { init, update } = sgd({ learningRate: 0.1, momentum: 0.9, weightDecay: 0.1 });
    const state = update(gradients(0), init(params), params)[1];
    const [step, velocity] = [value(state.step), flat(state.velocity as Params)];
    const first = update(gradients(1), state, params);
    assert.deepEqual([value(state.step), flat(state.velocity as Params)], [step, velocity]);
    assert.deepEqual(flat(params), [0.5, -1.5, 2]);
    near(update(gradients(1), state, params), first, 0);
  });

  it('leaves parameters without a gradient alone, velocity and all, and keeps other leaves', () => {
    const { init, update } = sgd({ learningRate: 0.1, momentum: 0.9, weightDecay: 0.1 });
    const all = { w: f64([1, 2]), b: f64(3), name: 'layer' };
    const [, state] = update({ w: f64([1, 1]), b: f64(1), name: undefined }, init(all), all);
    const [moved, next] = update({ b: f64(1) } as never, state, all);
    assert.equal(moved.w, all.w);
    assert.equal(moved.name, 'layer');
    assert.equal((next.velocity as typeof all).w, (state.velocity as typeof all).w);
    near(moved.b, 3 - 0.1 * (0.9 * 1.3 + 1.3));
  });

  it('can be differentiated through, velocity included', () => {
    const { init, update } = sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.1 });
    const loss = (p: Tensor): Tensor => sum(mul(square(p), square(sub(p, 1))));
    checkGrads(
      (p: Tensor) => {
        let [x, state] = [p, init(p)];
        for (let i = 0; i < 3; i++) [x, state] = update(grad(loss)(x), state, x);
        return add(loss(x), 0);
      },
      [f64([0.4, -0.3])],
    );
  });

  it('keeps the dtype of every parameter', () => {
    fc.assert(
      fc.property(list(2), ([x, y]) => {
        const { init, update } = sgd({ learningRate: constantSchedule(0.5), momentum: 0.5 });
        const single = mul(f64(x!), 1);
        const [moved] = update(f64(y!), init(single), single);
        assert.equal(moved.dtype, 'float64');
        near(moved, x! - 0.5 * y!);
      }),
      { numRuns: 20 },
    );
  });

  it('refuses gradients of another shape or structure', () => {
    const { init, update } = sgd({ learningRate: 0.1 });
    const w = { w: f64([1, 2]) };
    refuses(() => update({ w: f64([[1, 2]]) }, init(w), w), RangeError, 'sgd', '[2]', '[1,2]');
    refuses(() => update({ w: [f64(1)] } as never, init(w), w), TypeError, 'sgd', 'one structure', '.w');
  });
});
