import assert from 'node:assert/strict';
import fc from 'fast-check';
import { cast, grad, mul, square, sub, sum, tensor, type Tensor } from 'bigrad';
import { adam, cosine } from 'bigrad/optim';
import { checkGrads } from 'bigrad/testing';
import { differences, f64, number, value } from '../support/numbers.js';
import { flat, near } from '../support/close.js';
import { refuses } from '../support/refuses.js';
import { gradients, params, type Params } from './two-params.js';

describe('adam', () => {
  const options = fc.record({
    learningRate: number(0, 0.2),
    beta1: fc.constantFrom(0, 0.5, 0.9),
    beta2: fc.constantFrom(0.5, 0.9, 0.999), // at 0, with decay, rounding errors grow wherever a gradient changes sign
    eps: fc.constantFrom(1e-8, 1e-3),
    epsRoot: fc.constantFrom(0, 1e-6, 0.1),
    weightDecay: fc.constantFrom(0, 0.05),
  });

  it('follows algorithm 1 of Kingma and Ba for 100 steps', () => {
    fc.assert(
      fc.property(options, fc.boolean(), (o, scheduled) => {
        const { learningRate, beta1, beta2, eps, epsRoot, weightDecay } = o;
        const decay = cosine({ initial: learningRate, steps: 60, final: 0.001 });
        const { init, update } = adam({ ...o, learningRate: scheduled ? decay : learningRate });
        let [p, state] = [params, init(params)];
        let [w, m, v] = [flat(params), [0, 0, 0], [0, 0, 0]];
        for (let t = 1; t <= 100; t++) {
          [p, state] = update(gradients(t), state, p);
          const cosineRate =
            0.001 + ((learningRate - 0.001) * (1 + Math.cos((Math.PI * Math.min(t - 1, 60)) / 60))) / 2;
          const g = flat(gradients(t)).map((x, k) => x + weightDecay * w[k]!);
          m = m.map((x, k) => beta1 * x + (1 - beta1) * g[k]!);
          v = v.map((x, k) => beta2 * x + (1 - beta2) * g[k]! ** 2);
          w = w.map((x, k) => {
            const [mHat, vHat] = [m[k]! / (1 - beta1 ** t), v[k]! / (1 - beta2 ** t)];
            return x - ((scheduled ? cosineRate : learningRate) * mHat) / (Math.sqrt(vHat + epsRoot) + eps);
          });
          near(flat(p), w);
        }
        assert.equal(value(state.step), 100);
      }),
      { numRuns: 25 },
    );
  });

  it('has a first step of the length of its rate, to the last digits of float32', () => {
    const { init, update } = adam({ learningRate: 1, eps: 0 });
    for (const dtype of ['float32', 'float64'] as const) {
      const p = cast(f64([0, 0, 0]), dtype);
      const [moved] = update(tensor([3, -1e-3, 1e3], { dtype }), init(p), p);
      near(moved, [-1, 1, -1], dtype === 'float32' ? 5e-7 : 1e-13);
    }
  });

  it('does not depend on the scale of the gradient when eps is 0', () => {
    const { init, update } = adam({ learningRate: 0.1, eps: 0 });
    fc.assert(
      fc.property(number(0.01, 2), number(0.01, 2), number(0.1, 2), (g1, g2, scale) => {
        const run = (s: number): Tensor => {
          const start = f64(0);
          const [p, state] = update(f64(s * g1), init(start), start);
          return update(f64(s * g2), state, p)[0];
        };
        near(run(scale), run(1), 1e-11);
      }),
    );
  });

  it('has a finite derivative at zero gradient when epsRoot is above 0: -lr / (sqrt(epsRoot) + eps)', () => {
    fc.assert(
      fc.property(number(-1, 1), fc.constantFrom(1e-3, 0.1, 1), fc.constantFrom(1e-8, 0.01), (p, epsRoot, eps) => {
        const { init, update } = adam({ learningRate: 0.3, epsRoot, eps });
        const step = (g: Tensor): Tensor => update(g, init(f64(p)), f64(p))[0];
        near(grad(step)(f64(0)), -0.3 / (Math.sqrt(epsRoot) + eps), 1e-11);
        near(
          grad(step)(f64(0)),
          differences((g) => value(step(g)), f64(0), 1e-4 * Math.sqrt(epsRoot)),
          1e-7,
        );
        near(grad(grad(step))(f64(0)), 0); // odd in the gradient
      }),
    );
  });

  it('has one without epsRoot too, in the gradient, both moments and the rate: of three steps at 0', () => {
    const steps = (g: Tensor, rate: Tensor): Tensor => {
      const { init, update } = adam({ learningRate: () => rate, eps: 1e-3 });
      let [p, state] = [f64(0), init(f64(0))];
      for (let i = 0; i < 3; i++) [p, state] = update(g, state, p);
      return p;
    };
    near(grad(steps)(f64(0), f64(0.3)), (-0.3 * 3) / 1e-3, 1e-11);
    near(grad((rate: Tensor) => steps(f64(0), rate))(f64(0.3)), 0, 0);
    assert.ok(Number.isFinite(value(grad((g: Tensor) => grad(steps)(g, f64(0.3)))(f64(0)))));
  });

  it('can be differentiated through several steps from a stationary point', () => {
    const { init, update } = adam({ learningRate: 0.1, epsRoot: 1 });
    const loss = (p: Tensor, target: Tensor): Tensor => sum(square(mul(sub(p, target), sub(p, 2))));
    checkGrads(
      (p: Tensor, target: Tensor) => {
        let [x, state] = [p, init(p)];
        for (let i = 0; i < 3; i++) [x, state] = update(grad(loss)(x, target), state, x);
        return x;
      },
      [f64([2, 0.5]), f64([0.5, 0.5])], // both gradients are 0 at first
      { tolerance: 1e-5 },
    );
  });

  it('changes neither its arguments nor its state', () => {
    const { init, update } = adam({ learningRate: 0.1, weightDecay: 0.1 });
    const state = update(gradients(1), init(params), params)[1];
    const before = [value(state.step), flat(state.m), flat(state.v)];
    const first = update(gradients(2), state, params);
    assert.deepEqual([value(state.step), flat(state.m as Params), flat(state.v as Params)], before);
    assert.deepEqual(flat(params), [0.5, -1.5, 2]);
    near(update(gradients(2), state, params), first, 0);
  });

  it('leaves parameters without a gradient alone, moments and all', () => {
    const { init, update } = adam({ learningRate: 0.1, weightDecay: 0.1 });
    const all = { a: f64([1, 2]), b: { c: f64(3) }, count: tensor(4, { dtype: 'int32' }) };
    const state = init(all);
    const [moved, next] = update({ b: { c: f64(1) } } as never, state, all);
    assert.equal(moved.a, all.a);
    assert.equal(moved.count, all.count);
    assert.equal((next.m as typeof all).a, (state.m as typeof all).a);
    assert.equal((next.v as typeof all).a, (state.v as typeof all).a);
    near(moved.b.c, 2.9, 1e-7);
  });

  it('refuses gradients of another shape or structure', () => {
    const { init, update } = adam({ learningRate: 0.1 });
    const w = { w: f64([1, 2]) };
    refuses(() => update({ w: f64(1) }, init(w), w), RangeError, 'adam', '[2]', '[]');
    refuses(() => update([f64(1)] as never, init(w), w), TypeError, 'adam', 'one structure');
  });
});
