import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compile, grad, hvp, mapTree, mul, randomKey, square, stack, sum, tensor, vmap, type Tensor } from 'bigrad';
import { unroll } from 'bigrad/bilevel';
import { linear, sequential } from 'bigrad/nn';
import {
  adam,
  adamw,
  chain,
  clipByValue,
  partition,
  proximal,
  sgd,
  softThreshold,
  type AdamState,
  type Optimizer,
} from 'bigrad/optim';
import { checkGrads } from 'bigrad/testing';
import { f64, number, value } from '../support/numbers.js';
import { flat, near } from '../support/close.js';
import { refuses } from '../support/refuses.js';

const params = { a: f64([0.5, -1.5]), b: [f64([[2]]), f64(3)] };
const gradients = (i: number): typeof params => ({
  a: f64([Math.sin(i), 2 * Math.cos(3 * i)]),
  b: [f64([[Math.sin(i * i)]]), f64(Math.cos(i))],
});

/** Parameters after some steps. */
function run<S, P>({ init, update }: Optimizer<S>, start: P, of: (i: number) => P): P {
  let [p, state] = [start, init(start)];
  for (let i = 0; i < 4; i++) [p, state] = update(of(i) as never, state, p);
  return p;
}

describe('partition', () => {
  const makers = {
    adam: () => adam({ learningRate: 0.1, weightDecay: 0.1 }),
    adamw: () => adamw({ learningRate: 0.2, weightDecay: 0.3 }),
    sgd: () => sgd({ learningRate: 0.05, momentum: 0.9 }),
    sparse: () => proximal(chain(clipByValue(0.5), sgd({ learningRate: 0.1 })), (w) => softThreshold(w, 0.01)),
  };
  type Name = keyof typeof makers;
  const names = fc.constantFrom<Name | undefined>('adam', 'adamw', 'sgd', 'sparse', undefined);

  it('moves each parameter as its own optimizer does alone, and leaves those without one', () => {
    fc.assert(
      fc.property(names, names, names, (first, second, third) => {
        const optimizers = { adam: makers.adam(), adamw: makers.adamw(), sgd: makers.sgd(), sparse: makers.sparse() };
        const nameOf: Record<string, Name | undefined> = { a: first, 'b.0': second, 'b.1': third };
        const got = run(
          partition(optimizers, (_, path) => nameOf[path]),
          params,
          gradients,
        );
        const alone = <P>(name: Name | undefined, start: P, of: (i: number) => P): P =>
          name === undefined ? start : run<unknown, P>(optimizers[name], start, of);
        near(
          got.a,
          alone(first, params.a, (i) => gradients(i).a),
          0,
        );
        near(
          got.b[0],
          alone(second, params.b[0], (i) => gradients(i).b[0]),
          0,
        );
        near(
          got.b[1],
          alone(third, params.b[1], (i) => gradients(i).b[1]),
          0,
        );
      }),
      { numRuns: 20 },
    );
  });

  const byRank = (p: Tensor): 'decayed' | 'plain' => (p.shape.length > 1 ? 'decayed' : 'plain');
  const decay = partition(
    { decayed: adamw({ learningRate: 0.1, weightDecay: 0.5 }), plain: adam({ learningRate: 0.1 }) },
    byRank,
  );

  it('keeps weight decay off biases: with gradients of 0 only matrices shrink, by 1 - rate decay', () => {
    const model = sequential([linear(2, 3), linear(3, 1)]);
    const start = model.init(randomKey(0));
    const zero = (p: Tensor): Tensor => mul(p, 0);
    const [moved] = decay.update(mapTree(zero, start), decay.init(start), start);
    near(moved[0].weight, mul(start[0].weight, 0.95), 1e-7);
    near(moved[1].weight, mul(start[1].weight, 0.95), 1e-7);
    near([moved[0].bias!, moved[1].bias!], [start[0].bias!, start[1].bias!], 0);
  });

  it('holds a state by name, for the parameters of that name alone; none where there is none', () => {
    const state = decay.init(params);
    assert.deepEqual(Object.keys(state), ['decayed', 'plain']);
    assert.deepEqual(flat((state.decayed as AdamState).m), [0]);
    assert.deepEqual(flat((state.plain as AdamState).m), [0, 0, 0]);
    const [, next] = decay.update(gradients(1), state, params);
    assert.deepEqual([value(next.decayed!.step), value(next.plain!.step)], [1, 1]);
    assert.deepEqual(Object.keys(decay.init({ bias: f64([1]) })), ['plain']);
    assert.deepEqual(
      Object.keys(decay.update({ bias: f64([1]) }, decay.init({ bias: f64([1]) }), { bias: f64([1]) })[1]),
      ['plain'],
    );
  });

  it('leaves parameters without a gradient, and what is no tensor', () => {
    const all = { ...params, name: 'layer', count: tensor(4, { dtype: 'int32' }) };
    const [moved] = decay.update({ a: f64([1, 1]) } as never, decay.init(all), all);
    near(moved.a, [0.4, -1.6], 1e-7);
    assert.deepEqual([moved.b[0], moved.b[1], moved.name, moved.count], [all.b[0], all.b[1], 'layer', all.count]);
  });

  const loss = (p: { w: Tensor; b: Tensor }): Tensor => sum(square(mul(p.w, p.b)));
  const small = { w: f64([[1, -2]]), b: f64([0.5]) };
  const smooth = partition(
    { decayed: adamw({ learningRate: 0.1, epsRoot: 0.1 }), plain: sgd({ learningRate: 0.1, momentum: 0.5 }) },
    byRank,
  );
  const after = (p: typeof small): typeof small => {
    let [x, state] = [p, smooth.init(p)];
    for (let i = 0; i < 2; i++) [x, state] = smooth.update(grad(loss)(x), state, x);
    return x;
  };

  it('gives the same in a plan with donated state, and for each example of a vmap', () => {
    const step = compile((p: typeof small, s: ReturnType<typeof smooth.init>) => smooth.update(grad(loss)(p), s, p), {
      donate: [0, 1],
    });
    const copy = (): typeof small => ({ w: mul(small.w, 1), b: mul(small.b, 1) });
    near(step(...step(copy(), smooth.init(small)))[0], after(small), 1e-14);
    const batch = { w: stack([small.w, mul(small.w, 2)]), b: stack([small.b, small.b]) };
    near(
      flat(vmap(after)(batch).w),
      [...flat(after(small).w), ...flat(after({ ...small, w: mul(small.w, 2) }).w)],
      1e-14,
    );
  });

  it('can be differentiated twice through several steps, in unroll too', () => {
    const once = (w: Tensor) => smooth.update({ w, b: w }, smooth.init({ w, b: w }), { w, b: w })[0];
    checkGrads(once, [f64([[1, -2]])], { tolerance: 1e-5 });
    const end = (w: Tensor): Tensor => {
      const start = { w, b: small.b };
      const step = (s: { p: typeof small; state: ReturnType<typeof smooth.init> }) => {
        const [p, state] = smooth.update(grad(loss)(s.p), s.state, s.p);
        return { p, state };
      };
      return loss(unroll(step, { p: start, state: smooth.init(start) }, 2).p);
    };
    const direct = (w: Tensor): Tensor => loss(after({ w, b: small.b }));
    near(hvp(end, small.w, small.w), hvp(direct, small.w, small.w), 1e-12);
  });

  it('stands in a chain, which clips all gradients together', () => {
    fc.assert(
      fc.property(number(-3, 3), (g) => {
        const one = partition({ plain: sgd({ learningRate: 1 }) }, () => 'plain');
        const clipped = chain(clipByValue(1), one);
        near(clipped.update(f64(g), clipped.init(f64(0)), f64(0))[0], -Math.max(-1, Math.min(1, g)));
      }),
    );
  });

  it('refuses what is no record of optimizers, no function, and names that are not known', () => {
    const good = sgd({ learningRate: 0.1 });
    for (const bad of [undefined, null, 3, [good], good.init])
      refuses(() => partition(bad as never, byRank as never), TypeError, 'partition: expected optimizers by name');
    refuses(() => partition({ a: 3 as never }, () => 'a'), TypeError, 'partition: expected an optimizer as a', '3');
    refuses(() => partition({ a: good }, 'a' as never), TypeError, 'partition: expected which to be a function');
    const wrong = partition({ a: good, c: good }, () => 'b' as never);
    refuses(() => wrong.init(params), TypeError, 'partition: expected which', 'undefined or one of a, c', '"b"');
    refuses(() => decay.init({ a: 3 }), TypeError, 'partition: expected parameters with at least one tensor');
  });

  it('refuses gradients and states that do not fit', () => {
    const state = decay.init(params);
    for (const none of [undefined, null])
      refuses(() => decay.update(none as never, state, params), TypeError, 'partition: expected gradients like');
    const extra = { ...gradients(1), c: f64(1) };
    refuses(() => decay.update(extra, state, params), TypeError, 'partition: expected trees of one structure');
    refuses(() => decay.update({ a: f64(1) } as never, state, params), RangeError, 'adam: expected a gradient');
    for (const none of [undefined, null, {}])
      refuses(() => decay.update(gradients(1), none as never, params), TypeError, 'adamw: expected the state');
    const broken = partition({ a: { ...sgd({ learningRate: 1 }), update: () => 3 as never } }, () => 'a');
    refuses(
      () => broken.update(gradients(1), broken.init(params), params),
      TypeError,
      'partition: expected the optimizer to give',
    );
  });
});
