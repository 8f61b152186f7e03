import assert from 'node:assert/strict';
import {
  add,
  checkpoint,
  compile,
  cpu,
  customRoot,
  customVjp,
  exp,
  expandDims,
  grad,
  hvp,
  leaves,
  matmul,
  maxPool2d,
  mul,
  ones,
  randomKey,
  randomNormal,
  softmaxCrossEntropy,
  splitKey,
  square,
  stack,
  stopGradient,
  sub,
  sum,
  take,
  tanh,
  tensor,
  transpose,
  vjp,
  vmap,
  where,
  zeros,
  zerosLike,
  type Tensor,
} from 'bigrad';
import { maker, type OpCase } from '../../src/testing/op-case.js';
import { opTable } from '../../src/testing/op-table.js';
import { resultsOf, type Results } from '../../src/testing/parity.js';
import { close } from '../support/close.js';
import { f64 } from '../support/numbers.js';

const EXAMPLES = 3;

/** Inputs of each example, all drawn anew. */
const examplesOf = (c: OpCase): Tensor[][] =>
  Array.from({ length: EXAMPLES }, (_, i) => c.inputs(maker(cpu, 'float64', 7 + i)));

/** Every choice of at least one input. */
const choices = (n: number): boolean[][] =>
  Array.from({ length: 2 ** n - 1 }, (_, k) => Array.from({ length: n }, (_, i) => ((k + 1) >> i) % 2 === 1));

/** Ops that run example by example: the draws of each key, and searches in lists of their own. */
const BY_EXAMPLE = ['randomBits', 'randomUniform', 'randomNormal', 'randomPermutation'];

const stacked = (results: readonly Results[]): Tensor[] => {
  const lists = results.map((r) => leaves(r));
  return lists[0]!.map((_, k) => stack(lists.map((list) => list[k]!)));
};

describe('vmap', () => {
  for (const { op, cases, order } of opTable)
    for (const c of cases) {
      const examples = examplesOf(c);
      for (const chosen of choices(examples[0]!.length))
        it(`${op}, ${c.title}: is a stack of calls, with two derivatives, over inputs ${chosen.map(Number).join('')}`, () => {
          const inputs = chosen.map((own, k) => (own ? stack(examples.map((xs) => xs[k]!)) : examples[0]![k]!));
          const f = vmap((...xs: Tensor[]) => resultsOf(c.f, xs, order), { in: chosen.map((own) => (own ? 0 : null)) });
          const got = leaves(f(...inputs));
          const expected = stacked(
            examples.map((xs) =>
              resultsOf(
                c.f,
                xs.map((x, k) => (chosen[k] ? x : examples[0]![k]!)),
                order,
              ),
            ),
          );
          assert.equal(got.length, expected.length);
          got.forEach((x, i) => {
            assert.deepEqual([x.shape, x.dtype], [expected[i]!.shape, expected[i]!.dtype]);
            close(x, expected[i]!, 1e-9);
          });
          for (const name of Object.keys(f.slices)) assert.ok(BY_EXAMPLE.includes(name), `${name} has no rule`);
        });
    }
});

describe('vmap in other transforms', () => {
  const xs = f64([
    [1, 2],
    [3, 4],
    [5, 6],
  ]);
  const w = f64([0.3, -0.2]);
  const rows = [0, 1, 2].map((i) => take(xs, tensor(i, { dtype: 'int32' })));

  it('gives each example the gradient of what they share', () => {
    const perExample = vmap((x: Tensor) => grad((v: Tensor) => sum(square(mul(v, x))))(w))(xs);
    close(perExample, mul(mul(square(xs), w), 2)); // d (v x)^2 / dv = 2 v x^2
  });

  it('sums the gradients of what they share, behind it', () => {
    const f = (v: Tensor) => sum(vmap((x: Tensor) => sum(square(mul(v, x))))(xs));
    close(grad(f)(w), sum(mul(mul(square(xs), w), 2), 0));
  });

  it('has derivatives of the second and third order, of tensors that f captures too', () => {
    const batch = (v: Tensor) => sum(vmap((x: Tensor) => tanh(sum(mul(v, x))))(xs));
    const whole = (v: Tensor) => sum(tanh(matmul(xs, v)));
    close(hvp(batch, w, w), hvp(whole, w, w));
    const third = (f: (v: Tensor) => Tensor) => grad((v: Tensor) => sum(hvp(f, v, v)));
    close(third(batch)(w), third(whole)(w));
    const outer = vmap((x: Tensor) => hvp((v: Tensor) => tanh(sum(mul(v, x))), w, w))(xs);
    rows.forEach((x, i) => {
      close(
        take(outer, tensor(i, { dtype: 'int32' })),
        hvp((v: Tensor) => tanh(sum(mul(v, x))), w, w),
      );
    });
  });

  it('keeps what a function does to its history', () => {
    const f = (g: (y: Tensor) => Tensor) => grad((x: Tensor) => sum(vmap(g)(x)))(xs);
    close(
      f((y) => mul(y, stopGradient(y))),
      xs,
    );
    close(
      f(
        customVjp(
          (y: Tensor) => mul(y, 2),
          (g: Tensor) => mul(g, 100),
        ),
      ),
      mul(ones([3, 2], { dtype: 'float64' }), 100),
    );
  });

  it('runs a checkpoint again, also one with a gradient in it', () => {
    const f = (g: (x: Tensor, v: Tensor) => Tensor) => grad((v: Tensor) => sum(vmap((x: Tensor) => g(x, v))(xs)))(w);
    close(f(checkpoint((x: Tensor, v: Tensor) => sum(square(mul(v, x))))), sum(mul(mul(square(xs), w), 2), 0));
    // d/dv of 2 v x, summed over examples
    const inner = (x: Tensor, v: Tensor) => sum(grad((u: Tensor) => sum(mul(square(u), x)))(v));
    close(f(checkpoint(inner)), mul(sum(xs, 0), 2));
  });

  it('nests: an outer product, and its gradients in both', () => {
    const outer = (x: Tensor, y: Tensor) => vmap((a: Tensor) => vmap((b: Tensor) => mul(square(a), b))(y))(x);
    const [x, y] = [f64([1, 10]), w];
    close(outer(x, y), [0.3, -0.2, 30, -20]);
    close(grad((v: Tensor) => sum(outer(x, v)))(y), [101, 101]);
    close(grad((v: Tensor) => sum(outer(v, y)))(x), [0.2, 2]);
  });

  it('takes cotangents in a batch: a pullback that was made outside of it', () => {
    const [, pull] = vjp(exp, w);
    const jacobian = vmap(pull)(
      f64([
        [1, 0],
        [0, 1],
      ]),
    );
    close(jacobian, [Math.exp(0.3), 0, 0, Math.exp(-0.2)]);
  });

  it('is summed where it meets what has no batch on the way back', () => {
    // v is used by the examples and beside them.
    const f = (v: Tensor) => add(sum(vmap((x: Tensor) => mul(square(v), x))(xs)), sum(square(v)));
    close(grad(f)(w), mul(mul(w, 2), add(sum(xs, 0), 1)));
    const g = (v: Tensor) => {
      const u = square(v);
      return add(sum(vmap((x: Tensor) => mul(u, x))(xs)), sum(u));
    };
    close(grad(g)(w), mul(mul(w, 2), add(sum(xs, 0), 1)));
  });

  it('sums once where tensors with and without a batch meet in one node, or in nested batches', () => {
    const [ys, v] = [f64([[1], [2]]), f64([3])];
    // sum over x of v^2 + (v^2 x)^2: 4 v + 4 v^3 (1 + 4)
    const both = checkpoint((x: Tensor, u: Tensor) => [square(u), mul(square(u), x)] as const);
    const meets = (u: Tensor) => {
      const [a, b] = vmap((x: Tensor) => both(x, u))(ys);
      return add(sum(a), sum(mul(b, b)));
    };
    close(grad(meets)(v), [4 * 3 + 4 * 27 * 5]);
    // sum over x of 2 v + v x
    const own = customVjp(
      ([a, x]: readonly [Tensor, Tensor]) => [mul(a, 2), mul(x, a)] as const,
      ([g, h], [a, x]) => [add(mul(g, 2), mul(h, x)), mul(h, a)] as const,
    );
    const mixed = (u: Tensor) => {
      const [a, b] = vmap((x: Tensor) => own([u, x]))(ys);
      return add(sum(a), sum(b));
    };
    close(grad(mixed)(v), [7]);
    // sum over y and x of v x + v x y
    const nested = (u: Tensor) =>
      sum(
        vmap((y: Tensor) => {
          const [a, b] = vmap((x: Tensor) => [x, mul(x, y)] as const)(mul(ys, u));
          return add(sum(a), sum(b));
        })(f64([1, 2, 3])),
      );
    close(grad(nested)(v), [27]);
  });

  it('is compiled, and runs compiled functions', () => {
    const f = vmap((x: Tensor) => sum(mul(x, w)));
    close(compile(f)(xs), f(xs));
    close(vmap(compile((x: Tensor) => sum(mul(x, w))))(xs), f(xs));
  });

  it('draws from keys of a batch what each key draws alone', () => {
    const keys = splitKey(randomKey(3), 3);
    const f = (key: Tensor) => randomNormal(key, [4]);
    const batch = vmap(f);
    close(batch(stack(keys)), stack(keys.map(f)));
    assert.deepEqual(batch.slices, { randomNormal: 1 });
  });

  it('takes axes by argument and by part of a tree, and puts results where out says', () => {
    const f = ({ a, b }: { a: Tensor; b: Tensor }, c: Tensor) => [add(mul(a, b), c)] as const;
    const [y] = vmap(f, { in: [{ a: 0, b: null }, 1], out: 1 })({ a: xs, b: w }, transpose(xs));
    close(y, transpose(add(mul(xs, w), xs)));
  });

  it('needs no axes for what is no tensor', () => {
    const f = ({ a, n }: { a: Tensor; n?: number }) => mul(a, n ?? 2);
    close(vmap(f, { in: [{ a: 0 }] })({ a: xs, n: 3 }), mul(xs, 3));
    const named = vmap((t: Record<string, Tensor>) => t['constructor']!, { in: [{ constructor: 0 }] });
    close(named({ constructor: xs }), xs);
  });

  it('takes no examples at all', () => {
    const none = zeros([0, 2, 4, 4]);
    assert.deepEqual(vmap((t: Tensor) => maxPool2d(t, 2), { in: 0 })(expandDims(none, 1)).shape, [0, 1, 2, 2, 2]);
    const labels = tensor([0, 1], { dtype: 'int32' });
    assert.deepEqual(vmap((t: Tensor) => softmaxCrossEntropy(t, labels))(zeros([0, 2, 3])).shape, [0, 2]);
    assert.deepEqual(vmap(square, { in: null, size: 0 })(w).shape, [0, 2]);
  });

  it('solves for each example where solve gives one x for all', () => {
    // x a = v - u, so that dx/dv = 1 / a, for a of each example.
    const root = (a: Tensor, v: Tensor) =>
      customRoot(
        (y: Tensor) => sub(mul(y, a), v),
        () => ({ x: zerosLike(w) }),
        { failure: 'report' },
      )().x;
    const slope = grad((v: Tensor) => sum(vmap((a: Tensor) => root(a, v))(xs)))(w);
    close(slope, [1 + 1 / 3 + 1 / 5, 1 / 2 + 1 / 4 + 1 / 6]);
  });

  it('has as many examples as size says, where nothing is batched', () => {
    close(vmap(square, { in: null, size: 2 })(w), [0.09, 0.04, 0.09, 0.04]);
  });
});

describe('vmap refuses', () => {
  const x = ones([3, 2]);
  const refuses = (f: () => unknown, message: RegExp): void => {
    assert.throws(f, message);
  };

  it('arguments of different lengths, and none that is batched', () => {
    refuses(
      () => vmap(add)(x, ones([4, 2])),
      /^RangeError: vmap: expected one number of examples in all arguments, got 3 and 4$/,
    );
    refuses(
      () => vmap(square, { in: null })(x),
      /^TypeError: vmap: expected an argument with a batch axis, or the option size, got neither$/,
    );
    refuses(() => vmap(square, { size: 4 })(x), /^RangeError: vmap: .* got 4 and 3$/);
  });

  it('what has no batch axis, cycles, and promises', async () => {
    refuses(
      () => vmap(square)(tensor(1)),
      /^RangeError: vmap: expected a tensor with a batch axis, got a scalar; say null/,
    );
    const cycle: unknown[] = [];
    cycle.push(cycle);
    refuses(() => vmap(square, { in: cycle as never }), /^TypeError: vmap: expected a tree of at most 1000 levels/);
    refuses(() => vmap((_: Tensor) => cycle)(x), /^TypeError: vmap: expected a tree of at most 1000 levels/);
    const late = Promise.resolve(x);
    refuses(() => vmap((_: Tensor) => late)(x), /^TypeError: vmap: expected f to return tensors, got a Promise$/);
    await late;
  });

  it('an index that is outside of its example, by its own numbers', () => {
    const rows = tensor([[0], [3], [1]], { dtype: 'int32' });
    refuses(
      () => vmap((a: Tensor, i: Tensor) => take(a, i))(x, rows),
      /^RangeError: take: expected indices from -2 to 1, got 3$/,
    );
  });

  it('axes that do not fit', () => {
    refuses(() => vmap(square, { in: 2 })(x), /^RangeError: vmap: expected an axis from -2 to 1 for rank 2, got 2$/);
    refuses(() => vmap(square, { in: [0, 0] })(x), /^TypeError: vmap: expected in like the tree that it is for/);
    refuses(
      () => vmap(square, { in: 'a' as never })(x),
      /^TypeError: vmap: expected in as an axis or null, or a tree of these, got the string "a"$/,
    );
    refuses(
      () => vmap(square, { out: null as never })(x),
      /^TypeError: vmap: expected out as an axis, or a tree of these, got null$/,
    );
  });

  it('a look at values that differ between examples', () => {
    refuses(
      () => vmap((y: Tensor) => (y.readSync()[0]! > 0 ? y : where(y, y, y)))(x),
      /^TypeError: vmap: expected a function that does not look at values of one example/,
    );
  });

  it('with strict, an op without a rule', () => {
    const keys = stack(splitKey(randomKey(3), 3));
    refuses(
      () => vmap((key: Tensor) => randomNormal(key, [2]), { strict: true })(keys),
      /^TypeError: vmap: expected ops that run on a batch at once, got randomNormal/,
    );
  });
});
