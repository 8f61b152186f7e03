import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import {
  add,
  cast,
  checkpoint,
  compile,
  cond,
  cpu,
  customVjp,
  div,
  exp,
  fixedPoint,
  fromTypedArray,
  grad,
  greater,
  jvp,
  leaves,
  linearSolve,
  log,
  matmul,
  mean,
  mul,
  nanMean,
  ones,
  pow,
  reference,
  sqrt,
  reshape,
  square,
  sub,
  sum,
  tanh,
  tensor,
  transpose,
  vjp,
  vmap,
  where,
  zeros,
  type Tensor,
} from 'bigrad';
import { findNaN, type NaNReport } from 'bigrad/debug';
import { linear, sequential } from 'bigrad/nn';
import { unary } from 'bigrad/extend';
import { opTable } from 'bigrad/testing';
import { maker } from '../../src/testing/op-case.js';
import { programs, SHAPE } from '../support/random-programs.js';

const source = readFileSync(new URL(import.meta.url), 'utf8').split('\n');

/** The text of this file from a place on; stacks have the places of the sources. */
const codeAt = (at: NaNReport['at']): string => {
  assert.match(at!.file, /find-nan\.test\.ts$/);
  return source[at!.line - 1]!.slice(at!.column - 1);
};
const first = (report: NaNReport | undefined): NaNReport => {
  assert.ok(report);
  return report;
};

/** Finite up to the derivative of an order, which has a NaN wherever its argument is. */
const plants = [
  (r: Tensor): Tensor => log(sub(-1, square(r))),
  (r: Tensor): Tensor => sqrt(mul(r, 0)),
  (r: Tensor): Tensor => pow(mul(r, 0), 1.5),
];
const planted = [['log'], ['sqrt', 'mul'], ['pow', 'mul']];

/** The sum of second derivatives of a scalar function. */
const twice = (f: (x: Tensor) => Tensor) => grad((x: Tensor) => sum(square(grad(f)(x))));
const tensors = (n: number): fc.Arbitrary<Tensor[]> =>
  fc.array(
    fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 6, maxLength: 6 }).map((v) =>
      fromTypedArray(
        Float64Array.from(v, (e) => e / 8),
        SHAPE,
      ),
    ),
    { minLength: n, maxLength: n },
  );

/** Ways to run a function of a tensor. */
const ways: Readonly<Record<string, (f: (x: Tensor) => Tensor) => (x: Tensor) => Tensor>> = {
  'as it is': (f) => f,
  compiled: (f) => compile(f),
  'in a checkpoint': (f) => checkpoint(f),
  'in a vmap': (f) => {
    const batch = vmap((x: Tensor) => f(x));
    return (x) => mean(batch(add(zeros([2, ...SHAPE], { dtype: 'float64' }), x)), 0);
  },
};

describe('findNaN in random programs', () => {
  for (const order of [0, 1, 2])
    for (const [way, how] of Object.entries(ways))
      it(`finds a NaN that derivative ${order} begins with, ${way}`, () => {
        fc.assert(
          fc.property(programs(2), programs(2), tensors(2), (before, beside, [x, y]) => {
            const plant = how((r) => sum(plants[order]!(r)));
            const f = (v: Tensor): Tensor => add(sum(beside.run([v, y!])), plant(add(before.run([v, y!]), v)));
            assert.equal(findNaN((v: Tensor) => sum(beside.run([v, y!])))(x!), undefined);
            const found = first(findNaN([f, grad(f), twice(f)][order]!)(x!));
            assert.equal(found.order, order);
            assert.equal(found.direction, ['value', 'pullback', 'pullback of the pullback'][order]);
            assert.ok(found.reachesResult);
            assert.deepEqual(found.shape.slice(-2), SHAPE);
            const user = found.derivativeOf.at(-1)?.op ?? found.op!;
            assert.ok(planted[order]!.includes(user), String(found));
            assert.ok(codeAt(found.at).startsWith(`${user}(`), String(found));
            assert.equal(found.derivativeOf.length > 0, order > 0);
          }),
          { numRuns: 5 },
        );
      });
});

describe('findNaN over the op table', () => {
  const total = (tree: unknown): Tensor =>
    leaves(tree).reduce<Tensor>(
      (s, t) => (t.dtype === 'int32' ? s : add(s, sum(cast(t, 'float64')))),
      zeros([], { dtype: 'float64' }),
    );

  it('finds a NaN before any op, and none in gradients where there is none', () => {
    let found = 0;
    for (const { op, cases, order } of opTable) {
      const { inputs, f } = cases[0]!;
      const xs = inputs(maker(cpu, 'float64'));
      const [x, ...rest] = xs;
      // These leave NaN out, and make their own where nothing else is left.
      if (op.startsWith('nan') || order === 0 || x?.dtype !== 'float64' || x.size === 0) continue;
      const loss = (v: Tensor): Tensor => total(f(v, ...rest));
      assert.equal(findNaN(grad(loss))(x), undefined, op);
      const bad = (v: Tensor): Tensor => loss(plants[0]!(v));
      const report = first(findNaN(bad)(x));
      assert.deepEqual([report.op, report.order, report.index], ['log', 0, x.shape.map(() => 0)], op);
      found++;
    }
    assert.ok(found > 100, `${found} ops`);
  });
});

describe('findNaN', () => {
  const x = tensor([0, 4]);

  it('says what began, where, and from what', () => {
    const found = first(findNaN((v: Tensor, w: { b: Tensor }) => mean(log(sub(v, w.b))))(x, { b: tensor([-1, 5]) }));
    assert.deepEqual(found.inputs, [{ shape: [2], dtype: 'float32', value: -1 }]);
    assert.deepEqual([found.op, found.index, found.shape, found.order], ['log', [1], [2], 0]);
    assert.ok(codeAt(found.at).startsWith('log(sub(v'));
    assert.match(
      `${found}`,
      /^log gives NaN at \[1\] of its result \[2\], from float32 \[2\] with -1 there\. It runs in the value \(order 0\), called at \S+find-nan\.test\.ts:\d+:\d+\.$/,
    );
    assert.match(found.stack, /find-nan\.test\.ts/);
  });

  it('says which of several began first', () => {
    const f = (turned: boolean) => (v: Tensor) => {
      const [early, late] = [log(sub(v, 9)), sqrt(sub(v, 9))];
      return turned ? add(late, early) : add(early, late);
    };
    for (const turned of [false, true]) assert.equal(first(findNaN(f(turned))(x)).op, 'log');
  });

  it('says nothing where there is nothing', () => {
    assert.equal(findNaN((v) => sum(sqrt(v)))(x), undefined);
    assert.equal(findNaN(grad((v) => sum(exp(v))))(x), undefined);
    assert.equal(first(findNaN((v: Tensor) => [v, tensor([1, NaN])])(x)).source, 'a captured tensor');
    // The derivative of sqrt at 0 is infinite, which times 0 alone is NaN.
    assert.equal(findNaN((v: Tensor) => jvp((w: Tensor) => sqrt(w), v, ones([2]))[1])(tensor([0, 1])), undefined);
    assert.equal(findNaN((v) => sum(log(v)))(x), undefined);
  });

  it('finds infinities on request', () => {
    const found = first(findNaN((v) => sum(log(v)), { infinities: true })(x));
    assert.deepEqual([found.op, found.value, found.index], ['log', -Infinity, [0]]);
    const slope = first(
      findNaN(
        grad((v) => sum(sqrt(v))),
        { infinities: true },
      )(x),
    );
    assert.deepEqual([slope.op, slope.order, slope.derivativeOf[0]!.op], ['div', 1, 'sqrt']);
  });

  it('names arguments, captured tensors and numbers that have it', () => {
    const bad = tensor([1, NaN]);
    const sourceOf = (f: (v: Tensor, w: unknown) => Tensor, ...args: [Tensor, unknown]) =>
      first(findNaN(f)(...args)).source;
    assert.equal(
      sourceOf((v) => sum(v), bad, {}),
      'argument 0',
    );
    assert.equal(
      sourceOf((v, w) => sum(mul(v, (w as { b: Tensor[] }).b[0]!)), x, { b: [bad] }),
      'argument 1.b.0',
    );
    assert.equal(
      sourceOf((v) => sum(mul(v, bad)), x, {}),
      'a captured tensor',
    );
    assert.equal(
      sourceOf((v) => mul(v, fromTypedArray(Float32Array.of(NaN), [1], { device: v.device })), x, {}),
      'a number that f wrote',
    );
    assert.equal(first(findNaN((v) => mul(v, NaN))(x)).op, 'full');
    assert.equal(String(findNaN((v) => sum(v))(bad)), 'argument 0 has NaN at [1] of its shape [2].');
    assert.equal(findNaN((v) => nanMean(v))(bad), undefined);
  });

  it('explains a where whose other branch has an infinite slope', () => {
    const root = (v: Tensor): Tensor => sum(mul(where(greater(v, 1), sqrt(v), v), 3));
    for (const f of [grad(root), compile(grad(root)), vmap(grad((v: Tensor) => where(greater(v, 1), sqrt(v), v)))]) {
      const { advice, derivativeOf } = first(findNaN(f)(x));
      assert.equal(derivativeOf[0]!.op, 'sqrt');
      assert.match(
        advice!,
        /^where at \S+find-nan\.test\.ts:\d+:\d+ chooses the other branch there, and passes 0 back to this one\. The derivative of sqrt makes NaN of 0\. Make its input safe first: sqrt\(where\(condition, x, 1\)\)\.$/,
      );
    }
    assert.equal(findNaN(grad((v) => sum(where(greater(v, 1), sqrt(where(greater(v, 1), v, 1)), v))))(x), undefined);
    // Ops between the two pass the 0 on.
    const far = (v: Tensor): Tensor => sum(where(greater(v, 1), exp(mul(log(v), 2)), v));
    assert.match(first(findNaN(grad(far))(x)).advice!, /Make its input safe first: log\(/);
  });

  it('explains a where whose other branch is NaN itself', () => {
    const f = (v: Tensor): Tensor => sum(where(greater(v, 1), sqrt(sub(v, 1)), v));
    const found = first(findNaN(grad(f))(x));
    assert.deepEqual([found.op, found.order, found.reachesResult], ['sqrt', 0, true]);
    assert.match(
      found.advice!,
      /^where at \S+ chooses the other branch there, but a gradient has the derivative of sqrt/,
    );
    const hidden = first(findNaN(f)(x));
    assert.deepEqual([hidden.op, hidden.reachesResult], ['sqrt', false]);
    assert.match(String(hidden), /No result of f has it\. where at/);
  });

  it('gives no advice where a NaN has another reason', () => {
    assert.equal(first(findNaN((v) => div(v, v))(x)).advice, undefined);
    assert.equal(first(findNaN(grad((v) => sum(sqrt(mul(v, 0)))))(x)).advice, undefined);
  });

  it('looks into layers, products, solves and jvp', () => {
    const net = sequential([linear(2, 2), (v) => sqrt(v), linear(2, 1)]);
    const params: Parameters<typeof net.apply>[0] = [
      { weight: ones([2, 2]), bias: tensor([-9, 0]) },
      undefined,
      { weight: ones([1, 2]), bias: zeros([1]) },
    ];
    const inNet = first(findNaN((p: typeof params) => net.apply(p, ones([1, 2])))(params));
    assert.deepEqual([inNet.op, inNet.index, inNet.inputs[0]!.value], ['sqrt', [0, 0], -7]);
    const big = tensor([[1e38, 1e38]], { device: reference });
    const product = first(findNaN((v) => matmul(v, transpose(v)), { infinities: true })(big));
    assert.deepEqual(
      [product.op, product.inputs],
      [
        'matmul',
        [
          { shape: [1, 2], dtype: 'float32' },
          { shape: [2, 1], dtype: 'float32' },
        ],
      ],
    );
    // The side that is not taken does not run, as outside.
    const side = (v: Tensor): Tensor => cond(greater(sum(v), 0), exp, (w) => log(sub(w, 9)), v);
    assert.equal(findNaN(side)(x), undefined);
    const root = first(
      findNaN((v) => fixedPoint(() => log(sub(mul(v, 0), 1)), v, { maxSteps: 2, failure: 'report' }).x)(x),
    );
    assert.equal(root.op, 'log');
    const solve = grad((v: Tensor) => sum(linearSolve((w) => mul(w, sqrt(v)), ones([2]), { method: 'dense' }).x));
    assert.equal(first(findNaN(solve)(tensor([-1, 4]))).op, 'sqrt');
    assert.equal(
      first(findNaN((v) => jvp((w) => sqrt(mul(w, 0)), v, ones([2]))[1])(x)).derivativeOf.at(-1)!.op,
      'sqrt',
    );
  });

  it('looks into derivatives that the user has written', () => {
    const own = customVjp(
      (v: Tensor) => tanh(v),
      (g, v) => mul(g, log(sub(mul(v, 0), 1))),
    );
    const found = first(findNaN(grad((v) => sum(own(v))))(x));
    assert.deepEqual([found.op, found.order, found.derivativeOf.map((d) => d.op)], ['log', 1, ['customVjp']]);
    assert.ok(codeAt(found.at).startsWith('tanh('));
    const inner = customVjp(
      (v: Tensor) => sqrt(mul(v, 0)),
      (g, v) => vjp((w: Tensor) => sqrt(mul(w, 0)), v)[1](g),
    );
    const deep = first(findNaN(grad((v) => sum(inner(v))))(x));
    assert.deepEqual([deep.order, deep.derivativeOf.map((d) => d.op)], [1, ['mul', 'customVjp']]);
    assert.match(String(deep), /in the derivative of mul, in that of customVjp, called at/);
  });

  it('says whose derivative an error is of, and where that op was called', () => {
    const broken = unary('broken', Math.sin, (g) => reshape(g, [7]));
    const message = 'reshape: expected a shape of 2 elements for [2], got [7]; in the derivative of broken';
    assert.throws(() => grad((v) => sum(broken(v)))(x), { message });
    assert.throws(
      () => findNaN(grad((v) => sum(broken(v))))(x),
      (error: Error) => {
        const at = /^(.*), called at \S*find-nan\.test\.ts:(\d+):(\d+)$/.exec(error.message);
        assert.equal(at?.[1], message);
        return source[Number(at[2]) - 1]!.slice(Number(at[3]) - 1).startsWith('broken(v)');
      },
    );
    const own = customVjp(
      (v: Tensor) => tanh(v),
      () => ones([3]),
    );
    assert.throws(() => grad((v) => sum(own(v)))(x), {
      message: /^customVjp: expected the pullback.*got float32 \[3\]$/,
    });
  });

  it('says of a NaN before an error that both happened, and passes other errors on', () => {
    const f = (v: Tensor): Tensor => reshape(log(sub(v, 9)), [7]);
    assert.match(String(findNaN(f)(x)), /^log gives NaN.* No result of f has it\. Then f threw: reshape: expected/);
    assert.throws(() => findNaN((v) => reshape(v, [7]))(x), /^RangeError: reshape: expected/);
  });

  it('refuses what it cannot run', () => {
    const throws = (f: () => unknown, message: RegExp): void => {
      assert.throws(f, { name: 'TypeError', message });
    };
    throws(() => findNaN(3 as never), /^findNaN: expected a function, got the number 3$/);
    throws(() => findNaN((v) => v, { infinity: true } as never), /^findNaN: expected no options but infinities/);
    throws(() => findNaN(() => ones([1]))(), /^findNaN: expected a tensor among the arguments, got none$/);
    throws(
      () => findNaN((v: Tensor) => Promise.resolve(v))(x),
      /^findNaN: expected f to return tensors, got a Promise$/,
    );
    throws(
      () => findNaN((v: Tensor) => add(v, ones([2], { device: reference })))(x),
      /tensors on one device, got cpu and reference/,
    );
    throws(
      () => compile((v) => (findNaN((w) => w)(v), v))(x),
      /^findNaN: expected tensors with values, got one of a trace for cpu/,
    );
    throws(
      () => findNaN((...v: Tensor[]) => v[0])(x, ones([2], { device: reference })),
      /one device, got cpu and reference/,
    );
  });
});
