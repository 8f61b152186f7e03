import assert from 'node:assert/strict';
import {
  add,
  checkpoint,
  compile,
  cond,
  exp,
  grad,
  greater,
  hvp,
  less,
  log,
  mul,
  neg,
  reference,
  scan,
  sin,
  sqrt,
  square,
  stack,
  sum,
  take,
  tensor,
  to,
  vmap,
  type Tensor,
} from 'bigrad';
import { defineOp, type One } from 'bigrad/extend';
import { checkGrads } from 'bigrad/testing';
import fc from 'fast-check';
import { near, values } from '../support/close.js';
import { f64, wave } from '../support/numbers.js';

const k = f64([0.3, -0.4]);
/** One of two functions of x and a captured tensor, by the sign of the sum. */
const choice = (x: Tensor, c: Tensor = k): { y: Tensor } =>
  cond(
    greater(sum(x), 0),
    (v: Tensor) => ({ y: mul(sin(v), c) }),
    (v: Tensor) => ({ y: exp(mul(square(v), c)) }),
    x,
  );

describe('cond', () => {
  it('runs the one function that the condition names', () => {
    for (const [condition, side] of [
      [tensor(1), 'true'],
      [tensor(0), 'false'],
      [tensor(-0.5), 'true'],
      [tensor(3, { dtype: 'int32' }), 'true'],
      [true, 'true'],
      [false, 'false'],
      [0, 'false'],
      [2, 'true'],
    ] as const) {
      const ran: string[] = [];
      const got = cond(
        condition,
        (x: Tensor) => (ran.push('true'), x),
        (x) => (ran.push('false'), neg(x)),
        tensor(5),
      );
      assert.deepEqual([ran, values(got)], [[side], [side === 'true' ? 5 : -5]]);
    }
  });

  it('has the derivatives of the function that it ran, in captures too, to third order', () => {
    for (const x of [f64([0.5, 0.2]), f64([-0.5, 0.2])])
      checkGrads((v: Tensor, c: Tensor) => choice(v, c).y, [x, k], { order: 3 });
  });

  it('chooses for each example of a batch', () => {
    const x = wave([4, 2]);
    const rows = [0, 1, 2, 3].map((i) => f64([...x.readSync().slice(2 * i, 2 * i + 2)]));
    near(vmap((v: Tensor) => choice(v))(x), stack(rows.map((v) => choice(v).y)));
    const slope = grad((v: Tensor) => sum(choice(v).y));
    near(vmap(slope)(x), stack(rows.map(slope)));
  });

  it('runs one function for all examples where they share the condition', () => {
    const f = vmap((x: Tensor) =>
      cond(
        tensor(1),
        (v: Tensor) => mul(v, 2),
        () => assert.fail('not this one'),
        x,
      ),
    );
    near(f(tensor([1, 2])), [2, 4]);
  });

  it('is the same inside compile', () => {
    const f = compile((x: Tensor) => choice(x).y);
    const slope = compile(grad((x: Tensor) => sum(choice(x).y)));
    for (const x of [f64([0.5, 0.2]), f64([-0.5, 0.2])]) {
      near(f(x), choice(x).y);
      near(slope(x), grad((v: Tensor) => sum(choice(v).y))(x));
    }
    assert.equal(f.traces, 1);
  });
});

/** Sides of x and a captured c; the last of each list is singular where the others are taken. */
const both: readonly ((x: Tensor, c: Tensor) => Tensor)[] = [
  (x, c) => mul(sin(x), c),
  (_, c) => mul(c, c),
  (x) => x,
  (x, c) => scan((s: Tensor) => [sin(mul(s, c)), null], x, null, { length: 2 })[0],
  (x, c) => checkpoint((v: Tensor) => cond(less(sum(square(v)), 0.3), (u: Tensor) => mul(u, c), sin, v))(x),
];
const above = [...both, (x: Tensor, c: Tensor) => mul(sqrt(x), c)];
const below = [...both, (x: Tensor, c: Tensor) => add(log(neg(x)), c)];

/** A value of a program with its gradient and a product with its Hessian. */
const twice = (f: (x: Tensor, c: Tensor) => Tensor, x: Tensor, c: Tensor): Tensor[] => {
  const loss = ([v, w]: Tensor[]): Tensor => sum(square(f(v!, w!)));
  return [f(x, c), ...grad(loss)([x, c]), ...hvp(loss, [x, c], [c, x])] as Tensor[];
};

/** A sum of x with a side that fits its sign. */
const singular = (x: Tensor, c: Tensor): Tensor =>
  cond(
    greater(sum(x), 0),
    (v: Tensor) => above.at(-1)!(v, c),
    (v) => below.at(-1)!(v, c),
    x,
  );

describe('cond in a plan', () => {
  const number = fc.double({ min: 0.1, max: 1, noNaN: true });

  it('gives what it gives alone, with two derivatives, whatever the side that is not taken', () => {
    const [first, second] = [above, below].map((sides) => fc.nat(sides.length - 1));
    fc.assert(
      fc.property(number, number, fc.boolean(), first!, second!, (a, b, positive, i, j) => {
        const x = f64([a, b].map((v) => (positive ? v : -v)));
        const f = (v: Tensor, c: Tensor) =>
          cond(
            greater(sum(v), 0),
            (u: Tensor) => above[i]!(u, c),
            (u) => below[j]!(u, c),
            v,
          );
        const expected = twice(f, x, k);
        assert.ok(expected.every((y) => values(y).every(Number.isFinite)));
        near(compile((v: Tensor, c: Tensor) => twice(f, v, c))(x, k), expected, 1e-9);
      }),
      { numRuns: 12 },
    );
  });

  it('chooses for each example of a batch, around it and in a step of a scan', () => {
    const x = f64([
      [0.3, 0.9],
      [-0.5, -0.2],
      [0.7, 0.1],
    ]);
    const rows = [0, 1, 2].map((i) => f64([...x.readSync().slice(2 * i, 2 * i + 2)]));
    const stepped = (v: Tensor, c: Tensor) =>
      scan((s: Tensor, e: Tensor) => [add(s, singular(e, c)), null], c, stack([v, neg(v)]))[0];
    for (const f of [singular, stepped]) {
      const all = compile((v: Tensor) => vmap((row: Tensor) => twice(f, row, k))(v))(x);
      near(
        all,
        [0, 1, 2, 3, 4].map((n) => stack(rows.map((row) => twice(f, row, k)[n]!))),
        1e-10,
      );
    }
  });

  it('runs one side for a batch that shares the condition', () => {
    const f = (v: Tensor, p: Tensor): Tensor =>
      cond(
        p,
        (u: Tensor) => sum(mul(u, sqrt(u))),
        (u) => take(u, tensor(5, { dtype: 'int32' })),
        v,
      );
    const slope = (v: Tensor, p: Tensor) => grad((u: Tensor) => sum(f(u, p)))(v);
    const all = compile((v: Tensor, p: Tensor) => vmap(slope, { in: [0, null] })(v, p));
    near(
      all(
        f64([
          [4, 9],
          [16, 25],
        ]),
        f64(1),
      ),
      [3, 4.5, 6, 7.5],
    );
    assert.throws(
      () =>
        all(
          f64([
            [4, 9],
            [16, 25],
          ]),
          f64(0),
        ),
      /take/,
    );
    near(all(f64([[4, 9, 1, 1, 1, 1]]), f64(0)), [0, 0, 0, 0, 0, 1]);
  });

  it('runs one side, in derivatives too', () => {
    const ran = { true: 0, false: 0 };
    const counted =
      (name: 'true' | 'false') =>
      (x: Tensor): Tensor =>
        defineOp<One, null>({
          name: `counted ${name}`,
          shape: ([s]) => s,
          dtype: ([d]) => d,
          ref: (out, [{ data }]) => {
            ran[name]++;
            out.data.set(data);
          },
          vjp: [(g) => counted(name)(g)],
        })([x], null);
    const f = compile((x: Tensor) =>
      [(v: Tensor) => cond(greater(sum(v), 0), counted('true'), counted('false'), v)].flatMap((g) => [
        g(x),
        grad((v: Tensor) => sum(square(g(v))))(x),
      ]),
    );
    near(f(f64([1, 2])), [1, 2, 2, 4]);
    assert.deepEqual([ran.true > 1, ran.false], [true, 0]);
    ran.true = 0;
    near(f(f64([-1, -2])), [-1, -2, -2, -4]);
    assert.deepEqual([ran.true, ran.false > 1], [0, true]);
  });

  it('does not fail where the side that is not taken would', () => {
    const f = compile((x: Tensor, i: Tensor) =>
      cond(
        less(i, 3),
        (v: Tensor) => take(v, i),
        (v) => mul(sum(v), 0),
        x,
      ),
    );
    const x = f64([1, 2, 3]);
    const at = (i: number) => f(x, tensor(i, { dtype: 'int32' }));
    near([at(2), at(7)], [3, 0]);
    assert.throws(() => at(-9), /take/);
  });

  it('gives trees and integers, and what it captures as it is', () => {
    const f = compile((x: Tensor) =>
      cond(
        greater(x, 0),
        () => ({ n: tensor([1, 2], { dtype: 'int32' }), k, name: 'one' }),
        () => ({ n: tensor([3, 4], { dtype: 'int32' }), k: neg(k), name: 'one' }),
      ),
    );
    for (const [x, n, sign] of [
      [1, [1, 2], 1],
      [-1, [3, 4], -1],
    ] as const) {
      const got = f(f64(x));
      assert.deepEqual([got.n.dtype, values(got.n), got.name], ['int32', n, 'one']);
      near(got.k, mul(k, sign));
    }
  });

  it('takes any number but 0 as true, NaN too', () => {
    const f = compile((c: Tensor) =>
      cond(
        c,
        () => tensor(1),
        () => tensor(2),
      ),
    );
    near(
      [0, -0, 0.5, -3, NaN, Infinity].map((c) => f(tensor(c))),
      [2, 2, 1, 1, 1, 1],
    );
  });

  it('chooses on devices whose plans have no loops', () => {
    const f = compile((x: Tensor, c: Tensor) => choice(x, c).y);
    for (const x of [f64([0.5, 0.2]), f64([-0.5, 0.2])]) near(f(to(x, reference), to(k, reference)), choice(x).y);
    assert.equal(f.stats!.ops['scan'], undefined);
  });

  it('is named in the error about a tensor that a side kept', () => {
    let kept: Tensor | undefined;
    const f = compile((x: Tensor) =>
      add(
        cond(
          greater(x, 0),
          (v: Tensor) => (kept = neg(v)),
          (v) => v,
          x,
        ),
        kept!,
      ),
    );
    assert.throws(() => f(f64(1)), { message: /^cond: expected functions without side effects, got a tensor that/ });
  });
});
