import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  abs,
  add,
  arange,
  cpu,
  div,
  full,
  grad,
  hvp,
  matmul,
  neg,
  relu,
  reshape,
  square,
  sub,
  sum,
  tensor,
  transpose,
  type Tensor,
} from 'bigrad';
import { integer, number, sources } from '../support/arbitraries.js';
import { ran } from '../support/ran.js';

describe('a product that is needed transposed', () => {
  const swapped = (t: Tensor) =>
    transpose(
      t,
      [...t.shape.keys()].map((i, _, { length: r }) => (i < r - 2 ? i : 2 * r - 3 - i)),
    );

  it('is made so, batched or not, whoever reads it, bit for bit', () => {
    const cases = fc
      .record({
        lead: fc.array(fc.nat(3), { maxLength: 2 }),
        m: fc.nat(5),
        k: fc.nat(5),
        n: fc.nat(5),
        dtype: fc.constantFrom('float32' as const, 'float64' as const),
        also: fc.constantFrom('', 'relu', 'result', 'twice'),
      })
      .chain(({ lead, m, k, n, dtype, also }) => {
        const of = dtype === 'float32' ? integer() : number();
        return fc.tuple(fc.constant(also), sources([...lead, m, k], of, dtype), sources([k, n], of, dtype));
      });
    fc.assert(
      fc.property(cases, ([also, ...made]) => {
        const f = (p?: Tensor, q?: Tensor) => {
          const t = matmul(p!, q!);
          const turned = neg(swapped(t));
          return {
            turned,
            also: also === 'relu' ? relu(t) : also === 'result' ? t : also === 'twice' ? abs(swapped(t)) : 0,
          };
        };
        const { ops } = ran(
          f,
          made.map((s) => s.make(cpu)),
        );
        assert.equal(ops['matmul'], 1);
        assert.equal(ops['copy'], undefined);
      }),
    );
  });

  const [p, q] = [
    tensor([
      [1, 2],
      [3, -1],
      [0, 2],
    ]),
    tensor([
      [1, -1, 2],
      [0, 3, 1],
    ]),
  ];

  it('joins what follows: a bias for each of its rows, a reshape, a product', () => {
    const bias = tensor([1, 2, 3]);
    assert.deepEqual(ran((a, b, c) => add(transpose(matmul(a, b)), c), [p, q, bias]).ops, { matmul: 1 });
    assert.deepEqual(ran((a, b) => reshape(transpose(matmul(a, b)), [9]), [p, q]).ops, { matmul: 1 });
    assert.deepEqual(ran((a, b) => transpose(matmul(transpose(matmul(a, b)), a)), [p, q]).ops, { matmul: 2 });
    assert.deepEqual(ran((a) => transpose(matmul(transpose(a), a)), [p]).ops, { matmul: 1 });
  });

  it('may be a term of a sum, and of what other elementwise ops make of products', () => {
    const flat = (t: Tensor) => reshape(transpose(t), [9]);
    const [square2, other] = [matmul(p, q), (t: Tensor) => transpose(matmul(transpose(q), transpose(t)))];
    const forms: [(a: Tensor, b: Tensor) => Tensor, Record<string, number>][] = [
      [(a, b) => flat(add(matmul(a, b), matmul(neg(a), b))), { matmul: 2, add: 1, neg: 1 }],
      [(a, b) => flat(add(matmul(a, b), other(a))), { matmul: 2, add: 1 }],
      [(a, b) => flat(sub(relu(matmul(a, b)), other(a))), { matmul: 2, sub: 1, relu: 1 }],
      [(a, b) => flat(add(matmul(a, b), square2)), { matmul: 1, add: 1, copy: 1 }],
    ];
    for (const [form, ops] of forms) assert.deepEqual(ran((a, b) => form(a, b), [p, q]).ops, ops);
    const twice = ran(
      (a, b) => {
        const t = matmul(a, b);
        return [sum(t), flat(add(t, matmul(neg(a), b)))];
      },
      [p, q],
    );
    assert.deepEqual(twice.ops, { matmul: 2, add: 1, neg: 1, sum: 1, copy: 1 });
  });

  it('stays as it is where something else reads it too, or other axes are exchanged', () => {
    const copy = { matmul: 1, copy: 1 };
    const turned = (t: Tensor) => reshape(transpose(t), [9]);
    assert.deepEqual(
      ran(
        (a, b) => {
          const t = matmul(a, b);
          return [t, turned(t)];
        },
        [p, q],
      ).ops,
      copy,
    );
    assert.deepEqual(
      ran(
        (a, b) => {
          const t = matmul(a, b);
          return [sum(t), turned(t)];
        },
        [p, q],
      ).ops,
      { ...copy, sum: 1 },
    );
    const batch = [full([2, 3, 2], 2), full([2, 2, 3], 3)];
    assert.deepEqual(ran((a, b) => reshape(transpose(matmul(a, b), [2, 0, 1]), [18]), batch).ops, copy);
    assert.deepEqual(ran((a, b) => reshape(transpose(matmul(a, b), [0, 2, 1]), [18]), batch).ops, { matmul: 1 });
    assert.deepEqual(ran((a, b) => reshape(transpose(matmul(a, b), [1, 0, 2]), [18]), batch).ops, copy);
  });

  it('is the only thing that is: other ops on two matrices are transposed as they are', () => {
    const [a, b] = [p, transpose(q)];
    for (const op of [sub, div]) ran((s, t) => neg(transpose(op(s, t))), [a, b]);
  });
});

describe('a transposition', () => {
  const orders = fc.array(fc.shuffledSubarray([0, 1, 2], { minLength: 3, maxLength: 3 }), { maxLength: 5 });

  it('goes where it turns back what another has turned, and no other does', () => {
    const x = reshape(arange(24), [2, 3, 4]);
    fc.assert(
      fc.property(orders, (all) => {
        ran((t) => all.reduce((y, order) => transpose(y, order), add(t, 1)), [x]);
      }),
    );
    const [there, back] = [
      [1, 2, 0],
      [2, 0, 1],
    ];
    const turned = (t: Tensor, ...perms: number[][]) =>
      reshape(
        perms.reduce((y, perm) => transpose(y, perm), t),
        [24],
      );
    assert.deepEqual(ran((t) => turned(t, there, back), [x]).ops, {});
    assert.deepEqual(ran((t) => turned(t, there, there), [x]).ops, { copy: 1 });
    assert.deepEqual(ran((t) => transpose(transpose(t, there), back), [x]).ops, {});
  });

  it('of a weight costs a product with the Hessian nothing', () => {
    const [x, u, v] = [reshape(arange(6), [2, 3]), reshape(arange(12), [4, 3]), reshape(arange(8), [2, 4])];
    const loss = (w: { u: Tensor; v: Tensor }) =>
      sum(square(matmul(square(matmul(x, transpose(w.u))), transpose(w.v))));
    const { ops } = ran(
      (a, b) => {
        const h = hvp(loss, { u: a, v: b }, { u: a, v: b });
        return [reshape(h.u, [12]), reshape(h.v, [8])];
      },
      [u, v],
      1e-6,
    );
    assert.equal(ops['copy'], undefined);
  });

  it('of a weight costs its gradient nothing', () => {
    const [x, w] = [reshape(arange(6), [2, 3]), reshape(arange(12), [4, 3])];
    const loss = (v: Tensor) => sum(square(matmul(x, transpose(v))));
    const { ops } = ran((v) => reshape(grad(loss)(v), [12]), [w]);
    assert.deepEqual([ops['matmul'], ops['copy']], [2, undefined]);
  });
});
