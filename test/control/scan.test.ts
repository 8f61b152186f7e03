import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  add,
  compile,
  cumprod,
  cumsum,
  exp,
  flip,
  grad,
  hvp,
  matmul,
  mul,
  scan,
  sin,
  stack,
  sub,
  sum,
  tanh,
  tensor,
  vmap,
  type ScanOptions,
  type Tensor,
} from 'bigrad';
import { checkGrads } from 'bigrad/testing';
import { near, values } from '../support/close.js';
import { f64, list, tensors, wave } from '../support/numbers.js';

/** A small recurrent network: all that it uses is captured or carried. */
const network =
  (options: ScanOptions = {}) =>
  (w: Tensor, h: Tensor, xs: Tensor): Tensor[] => {
    const twice = mul(w, 2); // captured, and made outside of the steps
    return scan(
      (state: Tensor, x: Tensor) => {
        const next = tanh(add(matmul(state, mul(w, twice)), x));
        return [next, mul(next, sin(x))];
      },
      h,
      xs,
      options,
    );
  };

/** The same as a loop over lists of numbers. */
const options = fc.record({
  reverse: fc.boolean(),
  checkpoint: fc.oneof(fc.boolean(), fc.integer({ min: 1, max: 9 })),
});

describe('scan', () => {
  it('is the loop over the slices, from either end, in segments or not', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }).chain((n) => list(n)),
        options,
        (numbers, how) => {
          const [last, seen] = scan(
            (c: { s: Tensor; p: Tensor[] }, x: Tensor) =>
              [{ s: add(c.s, x), p: [mul(c.p[0]!, x)] }, [c.s, { x }]] as const,
            { s: f64(0), p: [f64(1)] },
            f64(numbers),
            how,
          );
          let [s, p] = [0, 1];
          const before = numbers.map(() => 0);
          for (const k of how.reverse ? [...numbers.keys()].reverse() : numbers.keys()) {
            before[k] = s;
            [s, p] = [s + numbers[k]!, p * numbers[k]!];
          }
          assert.deepEqual([values(last.s), values(last.p[0]!)], [[s], [p]]);
          assert.deepEqual([values(seen[0]), values(seen[1].x)], [before, numbers]);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('makes cumulative sums and products, with their derivatives', () => {
    fc.assert(
      fc.property(tensors([5]), fc.boolean(), (x, reverse) => {
        const turned = (t: Tensor) => (reverse ? flip(t) : t);
        for (const [op, start, whole] of [
          [add, 0, cumsum],
          [mul, 1, cumprod],
        ] as const) {
          const [last, all] = scan((c: Tensor, v: Tensor) => [op(c, v), op(c, v)], f64(start), x, { reverse });
          const expected = turned(whole(turned(x)));
          near(all, expected);
          near(last, values(expected)[reverse ? 0 : 4]!);
          const weights = wave([5]);
          near(
            grad((t) =>
              sum(mul(scan((c: Tensor, v: Tensor) => [op(c, v), op(c, v)], f64(start), t, { reverse })[1], weights)),
            )(x),
            grad((t) => sum(mul(turned(whole(turned(t))), weights)))(x),
          );
        }
      }),
      { numRuns: 5 },
    );
  });

  const inputs = [wave([2, 2]), wave([1, 2], 5), wave([4, 1, 2], 9)] as const;
  for (const how of [{}, { reverse: true }, { checkpoint: true }, { checkpoint: 3, reverse: true }])
    it(`has derivatives to third order in carry, slices and captures with ${JSON.stringify(how)}`, () => {
      const f = (...args: Tensor[]): Tensor =>
        network(how)(...(args as [Tensor, Tensor, Tensor]))
          .map((t) => sum(t))
          .reduce((a, b) => add(a, b));
      checkGrads(f, [...inputs], { order: 3, fast: true });
    });

  it('gives an example of a batch what it gives alone, whatever is batched', () => {
    for (let which = 1; which < 8; which++) {
      const batched = inputs.map((_, i) => (which >> i) % 2 === 1);
      const all = inputs.map((x, i) => (batched[i] ? stack([x, mul(x, -0.5), sin(x)]) : x)) as [Tensor, Tensor, Tensor];
      const alone = [0, 1, 2].map((k) => {
        const [w, h, xs] = inputs.map((x, i) => (batched[i] && k > 0 ? (k === 1 ? mul(x, -0.5) : sin(x)) : x));
        return network()(w!, h!, xs!);
      });
      const axes = batched.map((b) => (b ? 0 : null));
      const got = vmap(network(), { in: axes })(...all);
      near(
        got,
        [0, 1].map((part) => stack(alone.map((parts) => parts[part]!))),
      );
    }
  });

  it('gives examples of a batch gradients of their own', () => {
    const [w, h, xs] = inputs;
    const loss = (v: Tensor, x: Tensor) => sum(network({ checkpoint: true })(v, h, x)[1]!);
    const batch = stack([xs, mul(xs, -1)]);
    near(vmap(grad(loss), { in: [null, 0] })(w, batch), stack([grad(loss)(w, xs), grad(loss)(w, mul(xs, -1))]));
    near(
      grad((v: Tensor) => sum(vmap((x: Tensor) => loss(v, x))(batch)))(w),
      grad((v: Tensor) => add(loss(v, xs), loss(v, mul(xs, -1))))(w),
    );
  });

  it('goes on without xs, and takes what is no tensor along', () => {
    const [x, none] = scan(
      (c: { x: Tensor; how: string }, nothing: null) => {
        assert.equal(nothing, null);
        return [{ x: mul(c.x, c.how === 'twice' ? 2 : 1), how: c.how }, null];
      },
      { x: tensor([1, 3]), how: 'twice' },
      null,
      { length: 5 },
    );
    assert.deepEqual([values(x.x), x.how, none], [[32, 96], 'twice', null]);
  });

  it('takes a y without tensors as it is', () => {
    const y = { a: undefined, b: null };
    assert.deepEqual(scan((c: Tensor, v: Tensor) => [add(c, v), y], f64(0), wave([3]))[1], y);
  });

  it('gives copies to the step, which may write into them', () => {
    const carry = { x: tensor(1) };
    const [last] = scan(
      (c: { x: Tensor }, v: Tensor[]) => {
        c.x = mul(c.x, v[0]!);
        v.pop();
        return [c, null];
      },
      carry,
      [tensor([2, 3])],
    );
    assert.deepEqual([values(last.x), values(carry.x)], [[6], [1]]);
  });

  it('takes only the time and memory of its slices in the backward pass', () => {
    let nodes = 0;
    const n = 2000;
    const f = (x: Tensor) => scan((c: Tensor, v: Tensor) => (nodes++, [add(c, v), null]), f64(0), x)[0];
    near(
      grad(f)(wave([n])),
      Array.from({ length: n }, () => 1),
    );
    assert.equal(nodes, n);
  });

  it('runs each step once, and once more for the derivative of segments', () => {
    for (const [how, times] of [
      [{}, 1],
      [{ checkpoint: false }, 1],
      [{ checkpoint: true }, 2],
      [{ checkpoint: 3 }, 2],
    ] as const) {
      let runs = 0;
      grad((x) => scan((c: Tensor, v: Tensor) => (runs++, [mul(c, v), null]), f64(1), x, how)[0])(wave([7]));
      assert.equal(runs, 7 * times);
    }
  });

  it('is the same inside compile', () => {
    const [w, h, x] = inputs;
    const loss = (v: Tensor, s: Tensor) => sum(network({ checkpoint: true })(v, s, x)[1]!);
    near(compile(loss)(w, h), loss(w, h));
    near(compile(grad(loss))(w, h), grad(loss)(w, h));
    const product = (v: Tensor) => hvp((t: Tensor) => loss(t, h), v, exp(sub(v, 1)));
    near(compile(product)(w), product(w));
  });
});
