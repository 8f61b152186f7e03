import assert from 'node:assert/strict';
import fc from 'fast-check';
import { cast, mul, tensor, type Tensor } from 'bigrad';
import {
  adagrad,
  adam,
  adamw,
  chain,
  clipByGlobalNorm,
  clipByValue,
  partition,
  projectBox,
  proximal,
  rmsprop,
  sgd,
  softThreshold,
  type Optimizer,
} from 'bigrad/optim';
import { checkGrads } from 'bigrad/testing';
import { f64, list, number, value } from '../support/numbers.js';
import { norm } from './vectors.js';
import { flat, near, values } from '../support/close.js';
import { refuses } from '../support/refuses.js';

const optimizers: Record<string, Optimizer<unknown>> = {
  sgd: sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true }),
  adam: adam({ learningRate: 0.1 }),
  adamw: adamw({ learningRate: 0.1 }),
  rmsprop: rmsprop({ learningRate: 0.1, momentum: 0.5 }),
  adagrad: adagrad({ learningRate: 0.1 }),
  partition: partition({ a: adam({ learningRate: 0.1 }), b: sgd({ learningRate: 0.2 }) }, (p) =>
    p.shape.length > 1 ? 'a' : 'b',
  ),
};
const start = { w: f64([0.5, -1.5]), b: f64([[2]]) };
const gradients = (i: number): typeof start => ({
  w: f64([3 * Math.sin(i), 2 * Math.cos(3 * i)]),
  b: f64([[Math.sin(i * i)]]),
});

/** 100 steps of an optimizer, or of one by hand, which gets the list of parameters after it. */
function run<S>(
  { init, update }: Optimizer<S>,
  clip: (g: number[]) => number[] = (g) => g,
  after = (p: number[]): number[] => p,
): number[][] {
  const treeOf = ([x, y, z]: number[]): typeof start => ({ w: f64([x!, y!]), b: f64([[z!]]) });
  let [p, state] = [start, init(start)];
  return Array.from({ length: 100 }, (_, i) => {
    [p, state] = update(treeOf(clip(flat(gradients(i)))), state, p);
    p = treeOf(after(flat(p)));
    return flat(p);
  });
}

describe('chain', () => {
  const byNorm = (g: number[]): number[] => g.map((x) => x * Math.min(1, 1 / norm(g)));
  const byValue = (g: number[]): number[] => g.map((x) => Math.max(-0.6, Math.min(0.6, x)));

  for (const [name, optimizer] of Object.entries(optimizers))
    it(`${name}: gets gradients clipped in the order given, for 100 steps`, () => {
      const [global, each] = [clipByGlobalNorm(1), clipByValue(0.6)];
      near(run(chain(global, optimizer)), run(optimizer, byNorm));
      near(
        run(chain(global, each, optimizer)),
        run(optimizer, (g) => byValue(byNorm(g))),
      );
      near(
        run(chain(each, global, optimizer)),
        run(optimizer, (g) => byNorm(byValue(g))),
      );
      near(run(chain(optimizer)), run(optimizer), 0);
    });

  it('takes the place of an optimizer, so it nests, and passes absent gradients on', () => {
    const twice = (g: unknown): never => mul(g as Tensor, 2) as never;
    const { init, update } = chain(twice, chain(clipByValue(1), sgd({ learningRate: 1 })));
    near(update(f64([0.3, 5]), init(f64([0, 0])), f64([0, 0]))[0], [-0.6, -1]);
    const partial = chain(clipByGlobalNorm(1), adam({ learningRate: 0.1 }));
    const [moved] = partial.update({ b: f64([[2]]) } as never, partial.init(start), start);
    assert.equal(moved.w, start.w);
    near(moved.b, 1.9, 1e-7);
  });

  it('can be differentiated through', () => {
    const { init, update } = chain(clipByGlobalNorm(1), adam({ learningRate: 0.1, epsRoot: 0.1 }));
    checkGrads((g: Tensor, p: Tensor) => update(g, init(p), p)[0], [f64([3, -2]), f64([1, 2])]);
  });
});

describe('proximal', () => {
  const soft = (p: number[]): number[] => p.map((x) => Math.sign(x) * Math.max(Math.abs(x) - 0.02, 0));

  for (const [name, optimizer] of Object.entries(optimizers))
    it(`${name}: every step ends with the proximal one, for 100 steps`, () => {
      const step = proximal(optimizer, (w) => softThreshold(w, 0.02));
      near(run(step), run(optimizer, undefined, soft));
      near(
        run(chain(clipByValue(0.6), step)),
        run(proximal(chain(clipByValue(0.6), optimizer), (w) => softThreshold(w, 0.02))),
        0,
      );
    });

  it('with sgd finds the minimum of |x - c|^2 / 2 + t |x|: the soft threshold of c', () => {
    fc.assert(
      fc.property(list(3, number(-3, 3)), number(0, 2), (c, t) => {
        const { init, update } = proximal(sgd({ learningRate: 0.5 }), (w) => softThreshold(w, 0.5 * t));
        let [x, state] = [f64([0, 0, 0]), init(f64([0, 0, 0]))];
        for (let i = 0; i < 60; i++) [x, state] = update(f64(values(x).map((v, k) => v - c[k]!)), state, x);
        near(x, softThreshold(f64(c), t));
      }),
      { numRuns: 30 },
    );
  });

  it('moves parameters without a gradient too, but not whole numbers', () => {
    const { init, update } = proximal(sgd({ learningRate: 0.1 }), (w) => projectBox(w, -0.5, 0.5));
    const all = { ...start, count: tensor(4, { dtype: 'int32' }), name: 'layer' };
    const [moved, state] = update({} as never, init(all), all);
    near([moved.w, moved.b], [0.5, -0.5, 0.5], 0);
    assert.equal(moved.count, all.count);
    assert.deepEqual([moved.name, value(state.step)], ['layer', 1]);
  });

  it('can be differentiated through', () => {
    const { init, update } = proximal(rmsprop({ learningRate: 0.1, epsRoot: 0.1 }), (w) => softThreshold(w, 0.3));
    checkGrads((g: Tensor, p: Tensor) => update(g, init(p), p)[0], [f64([3, -2, 0]), f64([1, -2, 0.1])]);
  });
});

describe('composing refuses', () => {
  const good = sgd({ learningRate: 0.1 });
  it('chain: an end that is no optimizer, and parts that are no transforms', () => {
    refuses(() => chain(clipByValue(1) as never), TypeError, 'chain:', 'optimizer at the end', 'function');
    refuses(() => chain(...([] as never)), TypeError, 'chain:', 'optimizer', 'undefined');
    refuses(() => chain(3 as never, good), TypeError, 'chain:', 'transforms', '3');
    refuses(() => chain(good as never, good), TypeError, 'chain:', 'transforms', 'object');
  });
  it('proximal: what is no optimizer, and what is no function', () => {
    refuses(() => proximal(undefined as never, (w) => w), TypeError, 'proximal:', 'optimizer', 'undefined');
    refuses(() => proximal(good, 3 as never), TypeError, 'proximal:', 'function', '3');
  });
  it('proximal: an optimizer that gives no pair', () => {
    const { update } = proximal({ ...good, update: () => 3 as never }, (w) => w);
    refuses(() => update(start, good.init(start), start), TypeError, 'proximal: expected the optimizer to give', '3');
  });
  it('proximal: a result that is no tensor, or of another shape or dtype', () => {
    const step = (prox: unknown) => () => {
      const { init, update } = proximal(good, prox as (w: Tensor) => Tensor);
      return update(start, init(start), start);
    };
    refuses(
      step(() => 3),
      TypeError,
      'proximal:',
      'a tensor',
      '3',
    );
    refuses(
      step(() => f64([1])),
      RangeError,
      'proximal:',
      'float64 [2]',
      'float64 [1]',
    );
    refuses(
      step((w: Tensor) => cast(w, 'float32')),
      RangeError,
      'proximal:',
      'float64 [2]',
      'float32 [2]',
    );
  });
  it('gradients of another structure, under the name of the optimizer', () => {
    const { init, update } = proximal(chain(clipByValue(1), good), (w) => w);
    refuses(() => update({ w: f64(1) } as never, init(start), start), RangeError, 'sgd:', '[2]', '[]');
  });
});
