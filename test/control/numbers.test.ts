import assert from 'node:assert/strict';
import {
  add,
  compile,
  cond,
  grad,
  greater,
  less,
  mul,
  reference,
  scan,
  sum,
  tensor,
  to,
  vmap,
  whileLoop,
  type Tensor,
} from 'bigrad';
import fc from 'fast-check';
import { near, values } from '../support/close.js';
import { f64 } from '../support/numbers.js';

interface P {
  readonly h: Tensor;
  readonly k: number;
}

/** Asserts that a tensor is like another, and that the number beside it is the same. */
const same = (got: P, expected: P): void => {
  assert.equal(got.k, expected.k);
  near(got.h, expected.h, 0);
};

const mapValues = <T, U>(record: Readonly<Record<string, T>>, f: (value: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value)]));

describe('a number among the arguments of a compiled function', () => {
  it('may be what a side of cond returns', () => {
    const f = (x: Tensor, a: number, b: number) =>
      mul(
        x,
        cond(
          greater(sum(x), 0),
          () => a,
          () => b,
        ),
      );
    const g = (x: Tensor, a: number) =>
      mul(
        x,
        cond(
          greater(sum(x), 0),
          () => a as unknown as Tensor,
          () => mul(sum(x), a),
        ),
      );
    for (const x of [tensor([1, 2]), tensor([-1, -2])])
      for (const there of [x, to(x, reference)]) {
        assert.deepEqual(values(compile(f)(there, 3, 5)), values(f(there, 3, 5)));
        assert.deepEqual(values(compile(g)(there, 3)), values(mul(x, values(x)[0]! > 0 ? 3 : -9)));
      }
  });

  it('stays a number where both sides of cond return it', () => {
    const f = (p: P) =>
      cond(
        greater(sum(p.h), 0),
        (q: P) => q,
        (q) => ({ k: q.k, h: mul(q.h, 2) }),
        p,
      );
    const batch = (p: { h: Tensor; k: number }) => vmap(f, { in: [{ h: 0, k: null }] })(p);
    for (const h of [f64([1, 2]), f64([-1, -2])])
      for (const there of [h, to(h, reference)])
        for (const g of [f, batch]) same(compile(g)({ h: there, k: 4 }), g({ h: there, k: 4 }));
  });

  it('stays a number in the carry of a loop whose step chooses', () => {
    const step = (c: P, x: Tensor): P =>
      cond(
        greater(x, 0),
        (q: P) => ({ ...q, h: add(mul(q.h, q.k), x) }),
        (q) => q,
        c,
      );
    const scanned = (p: P, xs: Tensor) => scan((c: P, x: Tensor) => [step(c, x), null], p, xs)[0];
    const grown = (p: P, xs: Tensor) =>
      whileLoop(
        (c: P) => less(c.h, 10),
        (c) => step(c, sum(xs)),
        p,
        { maxSteps: 5 },
      );
    for (const f of [scanned, grown]) {
      const slope = (p: P, xs: Tensor) => grad((h: Tensor) => f({ ...p, h }, xs).h)(p.h);
      const args = [{ h: f64(1), k: 0.5 }, f64([1, -1, 2])] as const;
      same(compile(f)(...args), f(...args));
      near(compile(slope)(...args), slope(...args), 1e-12);
    }
    same(compile(scanned)({ h: f64(1), k: 0.5 }, f64([1, -1, 2])), { h: f64(2.75), k: 0.5 });
  });

  it('is what it is in eager mode in any tree that a scan of conds carries', () => {
    const kinds = fc.constantFrom<'same' | 'other' | 'tensor'>('same', 'other', 'tensor');
    const trees = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.tuple(fc.integer(), kinds), { minKeys: 1 });
    const property = fc.property(trees, fc.boolean(), (tree, flip) => {
      const start = { h: f64(0), deep: [mapValues(tree, ([k]) => k / 8)] };
      type C = typeof start;
      const f = (p: C, xs: Tensor) => {
        // Numbers that stay, and numbers that a side replaces, among what a cond gives.
        const choose = (c: C, x: Tensor): C & { made: Record<string, unknown> } => {
          const one = (q: C) => ({ ...q, h: add(q.h, x), made: mapValues(q.deep[0]!, (k) => k) });
          const two = (q: C) => {
            const made = Object.entries(q.deep[0]!).map(([key, k]) => {
              const kind = tree[key]![1];
              return [key, kind === 'same' ? k : kind === 'other' ? p.deep[0]![Object.keys(tree)[0]!] : mul(x, k)];
            });
            return { made: Object.fromEntries(made.reverse()) as Record<string, number>, deep: q.deep, h: q.h };
          };
          return flip ? cond(greater(x, 0), two, one, c) : cond(greater(x, 0), one, two, c);
        };
        const use = (made: object): Tensor => Object.values(made).reduce((a: Tensor, k: number) => add(a, k), f64(0));
        return scan(
          (c: C, x: Tensor) => {
            const { made, ...next } = choose(c, x);
            return [{ ...next, h: add(next.h, use(made)) }, null];
          },
          p,
          xs,
        )[0];
      };
      const xs = f64([1, -1, 2]);
      const [got, expected] = [compile(f)(start, xs), f(start, xs)];
      near(got.h, expected.h, 1e-9);
      assert.deepEqual(got.deep, start.deep);
    });
    fc.assert(property, { numRuns: 20 });
  });

  it('makes a chain of conds run its sides no more often than each cond in turn', () => {
    let ran = 0;
    const chain = (p: P, depth: number): P =>
      depth === 0
        ? (ran++, p)
        : cond(
            greater(p.h, depth),
            (q: P) => q,
            (q) => chain(q, depth - 1),
            p,
          );
    same(compile((p: P) => chain(p, 8))({ h: f64(3), k: 2 }), { h: f64(3), k: 2 });
    assert.ok(ran <= 9, `ran ${ran} times`);
  });

  it('may be what each step of scan returns', () => {
    const f = compile((xs: Tensor, k: number) => scan((s: Tensor, x: Tensor) => [add(s, x), { k }], tensor(0), xs));
    assert.deepEqual(values(f(tensor([1, 2]), 3)[1].k), [3, 3]);
  });

  it('stays what it is in what a loop carries', () => {
    const step = (c: { x: Tensor; by: number }) => ({ ...c, x: mul(c.x, c.by) });
    const f = (c: { x: Tensor; by: number }) => whileLoop((at) => less(sum(at.x), 50), step, c, { maxSteps: 9 });
    const start = { x: tensor([1]), by: 3 };
    const [a, b] = [compile(f)(start), f(start)];
    assert.deepEqual([values(a.x), a.by], [values(b.x), b.by]);
    assert.throws(
      () => compile((xs: Tensor, k: number) => scan((s, x: Tensor) => [add(s, x) as never, x], k, xs))(tensor([1]), 3),
      /^TypeError: scan: expected step to return a carry like the one that it got, got a number and a Tensor/,
    );
  });
});
