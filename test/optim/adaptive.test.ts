import assert from 'node:assert/strict';
import fc from 'fast-check';
import { cast, grad, mul, square, sub, sum, tensor, type Tensor } from 'bigrad';
import { adagrad, adam, adamw, exponentialDecay, rmsprop, type LearningRate, type Optimizer } from 'bigrad/optim';
import { checkGrads } from 'bigrad/testing';
import { differences, f64, number, value } from '../support/numbers.js';
import { flat, near, values } from '../support/close.js';
import { refuses } from '../support/refuses.js';
import { gradients, params, type Params } from './two-params.js';

type Numbers = Partial<
  Record<'beta1' | 'beta2' | 'eps' | 'epsRoot' | 'weightDecay' | 'decay' | 'momentum' | 'initial', number>
>;
interface Case {
  make: (o: Numbers & { learningRate: LearningRate }) => Optimizer<{ readonly step: Tensor }>;
  options: Record<string, readonly number[]>;
  /**
   * One parameter's steps in plain numbers, from PyTorch's documentation: takes p, g, the rate and
   * t = 1, 2, ...
   */
  plain: (o: Numbers) => (p: number, g: number, rate: number, t: number) => number;
  /** d p / d g of the first step at g = 0 for rate 1. */
  slope: (o: Numbers) => number;
}
const roots = { eps: [1e-8, 1e-3], epsRoot: [0, 1e-6, 0.1] };
const cases: Record<string, Case> = {
  adamw: {
    make: (o) => adamw(o),
    options: { ...roots, beta1: [0, 0.9], beta2: [0, 0.9, 0.999], weightDecay: [0, 0.05, 0.5] },
    plain: (o) => {
      let [m, v] = [0, 0];
      return (p, g, rate, t) => {
        p -= rate * o.weightDecay! * p;
        m = o.beta1! * m + (1 - o.beta1!) * g;
        v = o.beta2! * v + (1 - o.beta2!) * g * g;
        const [mHat, vHat] = [m / (1 - o.beta1! ** t), v / (1 - o.beta2! ** t)];
        return p - (rate * mHat) / (Math.sqrt(vHat + o.epsRoot!) + o.eps!);
      };
    },
    slope: (o) => -1 / (Math.sqrt(o.epsRoot!) + o.eps!),
  },
  rmsprop: {
    make: (o) => rmsprop(o),
    options: { ...roots, decay: [0, 0.9, 0.99], momentum: [0, 0.5, 0.9] },
    plain: (o) => {
      let [v, b] = [0, 0];
      return (p, g, rate) => {
        v = o.decay! * v + (1 - o.decay!) * g * g;
        b = o.momentum! * b + g / (Math.sqrt(v + o.epsRoot!) + o.eps!);
        return p - rate * b;
      };
    },
    slope: (o) => -1 / (Math.sqrt(o.epsRoot!) + o.eps!),
  },
  adagrad: {
    make: (o) => adagrad(o),
    options: { ...roots, initial: [0, 0.3] },
    plain: (o) => {
      let v = o.initial!;
      return (p, g, rate) => {
        v += g * g;
        return p - (rate * g) / (Math.sqrt(v + o.epsRoot!) + o.eps!);
      };
    },
    slope: (o) => -1 / (Math.sqrt(o.initial! + o.epsRoot!) + o.eps!),
  },
};

for (const [name, { make: exact, options, plain, slope }] of Object.entries(cases))
  describe(name, () => {
    /** Of options that serve all cases, those that this one has. */
    const make: Case['make'] = ({ learningRate, ...others }) =>
      exact({ learningRate, ...Object.fromEntries(Object.entries(others).filter(([k]) => k in options)) });
    const drawn = fc.record(
      Object.fromEntries(Object.entries(options).map(([k, list]) => [k, fc.constantFrom(...list)])),
    );
    const fixed = make({ learningRate: 0.1, weightDecay: 0.1, momentum: 0.5 });
    /** Some steps down a loss with two valleys. */
    const descend = (o: Numbers, start: Tensor, target: Tensor): Tensor => {
      const loss = (p: Tensor): Tensor => sum(square(mul(sub(p, target), sub(p, 2))));
      const { init, update } = make({ learningRate: 0.1, epsRoot: 1, ...o });
      let [x, state] = [start, init(start)];
      for (let i = 0; i < 3; i++) [x, state] = update(grad(loss)(x), state, x);
      return x;
    };

    it('follows the published formulas for 100 steps, at a rate or a schedule', () => {
      fc.assert(
        fc.property(drawn, number(0.01, 0.2), fc.boolean(), (o, rate, scheduled) => {
          const learningRate = scheduled ? exponentialDecay({ initial: rate, every: 10, factor: 0.7 }) : rate;
          const { init, update } = make({ ...o, learningRate });
          let [p, state] = [params, init(params)];
          let w = flat(params);
          const steps = w.map(() => plain(o));
          for (let t = 1; t <= 100; t++) {
            [p, state] = update(gradients(t), state, p);
            const g = flat(gradients(t));
            w = w.map((x, k) => steps[k]!(x, g[k]!, scheduled ? rate * 0.7 ** ((t - 1) / 10) : rate, t));
            near(flat(p), w);
          }
          assert.equal(value(state.step), 100);
        }),
        { numRuns: 15 },
      );
    });

    it('follows them in float32 to its digits, in the dtype of each parameter', () => {
      const o: Numbers = lasts(options);
      const { init, update } = make({ ...o, learningRate: 0.1 });
      let [p, state] = [cast(params.a, 'float32'), init(cast(params.a, 'float32'))];
      let w = values(params.a);
      const steps = w.map(() => plain(o));
      for (let t = 1; t <= 20; t++) {
        [p, state] = update(cast(gradients(t).a, 'float32'), state, p);
        w = w.map((x, k) => steps[k]!(x, values(gradients(t).a)[k]!, 0.1, t));
      }
      assert.equal(p.dtype, 'float32');
      near(p, w, 2e-5);
    });

    it('has a finite derivative at zero gradient when epsRoot is above 0, the one of differences', () => {
      fc.assert(
        fc.property(drawn, fc.constantFrom(1e-3, 0.1, 1), number(-1, 1), (drawnOptions, epsRoot, p) => {
          const o = { ...drawnOptions, epsRoot };
          const { init, update } = make({ ...o, learningRate: 1 });
          const step = (g: Tensor): Tensor => update(g, init(f64(p)), f64(p))[0];
          near(grad(step)(f64(0)), slope(o), 1e-11);
          near(
            grad(step)(f64(0)),
            differences((g) => value(step(g)), f64(0), 1e-4 * Math.sqrt(epsRoot)),
            1e-7,
          );
          near(grad(grad(step))(f64(0)), 0); // odd in the gradient
        }),
      );
    });

    it('has one without epsRoot too: that of g / (|g| + eps), and 0 as derivative in a mean of squares of 0', () => {
      const { init, update } = make({ learningRate: 1, eps: 1e-3 });
      const step = (g: Tensor): Tensor => update(g, init(f64(0)), f64(0))[0];
      near(grad(step)(f64(0)), slope({ eps: 1e-3, epsRoot: 0, initial: 0 }), 1e-11);
      const inState = grad((s: { v: unknown; step: Tensor }) => update(f64(0), s as never, f64(0))[0]);
      near(inState(init(f64(0)) as never).v, 0, 0);
      for (const g of [0, 0.5]) {
        const twice = grad((x: Tensor) => mul(grad(step)(mul(x, g)), 1))(f64(1));
        assert.ok(Number.isFinite(value(twice)), String(twice));
      }
    });

    it('can be differentiated through several steps, from a stationary point and elsewhere', () => {
      for (const o of [{}, { momentum: 0.9, weightDecay: 0.2, initial: 0.1 }])
        checkGrads((p: Tensor, target: Tensor) => descend(o, p, target), [f64([2, 0.5, 1]), f64([0.5, 0.5, 0.2])], {
          tolerance: 1e-5,
        });
    });

    it('can be differentiated through its state', () => {
      const { init, update } = make({ learningRate: 0.1, momentum: 0.9, epsRoot: 1, beta2: 0.5 });
      const [, state] = update(f64([0.5, 1]), init(params.a), params.a);
      checkGrads((g: Tensor, s: typeof state) => update(g, s, params.a)[0], [f64([0.3, -0.7]), state]);
    });

    it('changes neither its arguments nor its state, and gives the same for the same', () => {
      const state = fixed.update(gradients(1), fixed.init(params), params)[1];
      const before = flat(state);
      const first = fixed.update(gradients(2), state, params);
      assert.deepEqual(flat(state), before);
      assert.deepEqual(flat(params), [0.5, -1.5, 2]);
      near(fixed.update(gradients(2), state, params), first, 0);
    });

    it('leaves parameters without a gradient alone, state and all, and keeps other leaves', () => {
      const all = { a: f64([1, 2]), b: { c: f64(3) }, count: tensor(4, { dtype: 'int32' }), name: 'layer' };
      const state = fixed.update({ a: f64([1, 1]), b: { c: f64(1) } } as never, fixed.init(all), all)[1];
      const [moved, next] = fixed.update({ b: { c: f64(1) } } as never, state, all);
      assert.equal(moved.a, all.a);
      assert.equal(moved.count, all.count);
      assert.equal(moved.name, 'layer');
      for (const [part, trees] of Object.entries(state))
        if (part !== 'step')
          assert.equal((next as never as Record<string, typeof all>)[part]!.a, (trees as never as typeof all).a, part);
      assert.ok(value(moved.b.c) < 3);
    });

    it('refuses gradients of another shape or structure, and parameters without a tensor', () => {
      const w = { w: f64([1, 2]) };
      refuses(() => fixed.update({ w: f64(1) }, fixed.init(w), w), RangeError, `${name}:`, '[2]', '[]');
      refuses(() => fixed.update([f64(1)] as never, fixed.init(w), w), TypeError, `${name}:`, 'one structure', 'array');
      refuses(() => fixed.update({ w: 3 } as never, fixed.init(w), w), TypeError, `${name}:`, '.w', '3');
      refuses(() => fixed.init({ a: 3 }), TypeError, `${name}:`, 'at least one tensor');
    });
  });

/** The last of each option's values. */
const lasts = (options: Record<string, readonly number[]>): Record<string, number> =>
  Object.fromEntries(Object.entries(options).map(([k, list]) => [k, list.at(-1)!]));

describe('adamw', () => {
  it('is adam without decay, and decays by 0.01 unless told otherwise', () => {
    const one = <S>({ init, update }: Optimizer<S>): Params => update(gradients(1), init(params), params)[0];
    near(one(adamw({ learningRate: 0.1, weightDecay: 0 })), one(adam({ learningRate: 0.1 })), 0);
    near(one(adamw({ learningRate: 0.1 })), one(adamw({ learningRate: 0.1, weightDecay: 0.01 })), 0);
    const shrunk = flat(one(adam({ learningRate: 0.1 }))).map((p, i) => p - 0.1 * 0.01 * flat(params)[i]!);
    near(one(adamw({ learningRate: 0.1 })), shrunk);
  });

  it('decays by the same share whatever the gradient, unlike adam', () => {
    const drop = (make: typeof adam, scale: number): number => {
      const moved = (weightDecay: number): number => {
        const { init, update } = make({ learningRate: 0.1, weightDecay, eps: 0 });
        return value(update(f64(scale), init(f64(2)), f64(2))[0]);
      };
      return moved(0) - moved(0.5);
    };
    for (const scale of [1e-3, 1, 1e3]) {
      near(drop(adamw, scale), 0.1 * 0.5 * 2);
      near(drop(adam, scale), 0, 1e-12); // the first step of adam has the length of its rate
    }
  });
});

describe('rmsprop', () => {
  it('has no velocity without momentum', () => {
    assert.deepEqual(Object.keys(rmsprop({ learningRate: 0.1 }).init(params)), ['step', 'v']);
    assert.deepEqual(Object.keys(rmsprop({ learningRate: 0.1, momentum: 0.5 }).init(params)), [
      'step',
      'v',
      'velocity',
    ]);
  });
});
