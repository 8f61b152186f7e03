import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  add,
  broadcastTo,
  cast,
  conv2d,
  cpu,
  flip,
  fromTypedArray,
  matmul,
  mul,
  relu,
  reshape,
  slice,
  square,
  sub,
  sum,
  tensor,
  transpose,
  type Shape,
  type Tensor,
} from 'bigrad';
import { createCpu } from '../../../../src/backends/cpu/device.js';
import { integer, sources } from '../../../support/arbitraries.js';
import { ran } from '../../../support/ran.js';

/** True where a bias runs along one axis of a product and is repeated along the others. */
const runsAlong = (axis: number, product: Shape, bias: Shape): boolean => {
  const own = [...product.map(() => 1), ...bias].slice(-product.length);
  return product.every((d, i) => d === 1 || (i === axis ? own[i] === d : own[i] === 1));
};

const y = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);

describe('a product starts at its bias', () => {
  const length = fc.integer({ min: 1, max: 4 });
  const integers = (shape: Shape) => sources(shape, integer(), 'float32');

  it('of whatever shape: exactly where that is one number for each column', () => {
    const cases = fc
      .record({
        lead: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }),
        m: length,
        k: fc.nat(4),
        n: length,
        drop: fc.nat(4),
        ones: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
        turned: fc.boolean(),
        first: fc.boolean(),
      })
      .chain(({ lead, m, k, n, drop, ones, turned, first }) => {
        const out = [...lead, m, n];
        const bias = out.map((d, i) => (ones[i] ? 1 : d)).slice(drop);
        const a = turned ? [...lead, k, m] : [...lead, m, k];
        return fc.tuple(fc.constant({ out, bias, turned, first }), integers(a), integers([k, n]), integers(bias));
      });
    fc.assert(
      fc.property(cases, ([{ out, bias, turned, first }, ...made]) => {
        const last = (t: Tensor) =>
          transpose(
            t,
            [...t.shape.keys()].map((i, _, { length: r }) => (i < r - 2 ? i : 2 * r - 3 - i)),
          );
        const f = (a?: Tensor, w?: Tensor, b?: Tensor) => {
          const product = matmul(turned ? last(a!) : a!, w!);
          return first ? add(product, b!) : add(b!, product);
        };
        const { ops } = ran(
          f,
          made.map((s) => s.make(cpu)),
        );
        assert.deepEqual(ops, runsAlong(out.length - 1, out, bias) ? { matmul: 1 } : { matmul: 1, add: 1 });
      }),
    );
  });

  it('of a convolution: exactly where that is one number for each channel, and the kernel takes the filters', () => {
    const cases = fc
      .record({
        n: fc.integer({ min: 1, max: 3 }),
        groups: fc.integer({ min: 1, max: 3 }),
        c: fc.integer({ min: 1, max: 2 }),
        o: fc.integer({ min: 1, max: 3 }),
        padding: fc.nat(2),
        ones: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
        channels: fc.boolean(),
        turned: fc.boolean(),
      })
      .chain(({ n, groups, c, o, padding, ones, channels, turned }) => {
        const out = [n, groups * o, 2 + 2 * padding, 3 + 2 * padding];
        const bias = channels ? [groups * o, 1, 1] : out.map((d, i) => (ones[i] ? 1 : d));
        return fc.tuple(
          fc.constant({ out, bias, turned, groups, padding }),
          integers([n, groups * c, 3, 4]),
          integers([groups * o, c, 2, 2]),
          integers(bias),
        );
      });
    fc.assert(
      fc.property(cases, ([{ out, bias, turned, ...options }, ...made]) => {
        const { ops } = ran(
          (a, w, b) => add(conv2d(a, turned ? flip(w) : w, options), b),
          made.map((s) => s.make(cpu)),
        );
        assert.deepEqual(ops, runsAlong(1, out, bias) && !turned ? { conv2d: 1 } : { conv2d: 1, add: 1 });
      }),
    );
  });

  const [a, w, b] = [
    tensor([
      [1, 2],
      [3, -1],
    ]),
    tensor([
      [1, -1, 2],
      [0, 3, 1],
    ]),
    tensor([5, 7, -9]),
  ];
  const product = (p?: Tensor, q?: Tensor) => matmul(p!, q!);
  const opsOf = (f: (...xs: Tensor[]) => unknown, ...xs: Tensor[]) => ran(f, xs).ops;

  it('unless somebody else needs the product', () => {
    const all = { matmul: 1, add: 1 };
    assert.deepEqual(
      opsOf((p, q, r) => [add(product(p, q), r), product(p, q)], a, w, b),
      all,
    );
    assert.deepEqual(
      opsOf((p, q, r) => [add(product(p, q), r), flip(product(p, q))], a, w, b),
      all,
    );
    assert.deepEqual(
      opsOf((p, q, r) => [add(product(p, q), r), relu(product(p, q))], a, w, b),
      { ...all, relu: 1 },
    );
    assert.deepEqual(
      opsOf((p, q, r) => add(product(p, q), add(r, sum(product(p, q), 0))), a, w, b),
      { matmul: 1, sum: 1, add: 2 },
    );
  });

  it('unless that is the product itself, or is not added to it as it stands', () => {
    assert.deepEqual(
      opsOf((p, q) => add(product(p, q), product(p, q)), a, w),
      { matmul: 1, add: 1 },
    );
    const row = (p?: Tensor, q?: Tensor) => matmul(slice(p!, [0, 0], [1, 2]), q!);
    assert.deepEqual(
      opsOf((p, q) => add(row(p, q), row(p, q)), a, w),
      { matmul: 1, add: 1 },
    );
    assert.deepEqual(
      opsOf((p, q) => add(row(p, q), flip(row(p, q))), a, w),
      { matmul: 1, add: 1 },
    );
    const squares = (p?: Tensor) => add(matmul(p!, p!), transpose(matmul(p!, p!)));
    assert.deepEqual(opsOf(squares, a), { matmul: 1, add: 1 });
    assert.deepEqual(
      opsOf((p, q, r) => sub(product(p, q), r), a, w, b),
      { matmul: 1, sub: 1 },
    );
    assert.deepEqual(
      opsOf((p, q, r) => add(flip(product(p, q), 1), r), a, w, b),
      { matmul: 1, add: 1 },
    );
    assert.deepEqual(
      opsOf((p, q, r) => add(slice(product(p, q), [0, 0], [1, 3]), r), a, w, b),
      { matmul: 1, add: 1 },
    );
    assert.deepEqual(
      opsOf((p, q, r) => add(broadcastTo(product(p, q), [2, 2, 3]), r), a, w, b),
      { matmul: 1, add: 1 },
    );
    assert.deepEqual(
      opsOf((p, q, r) => add(reshape(product(p, q), [3, 2]), r), a, w, tensor([1, 2])),
      { matmul: 1, add: 1 },
    );
  });

  it('which may be a window on something, if it runs forwards in steps of one', () => {
    const wide = tensor([
      [9, 9, 9, 9, 9, 9, 9],
      [9, 5, 6, 7, 8, 9, 9],
    ]);
    const part =
      (start: number[], length: number[], step = 1) =>
      (r: Tensor) =>
        slice(r, start, length, [1, step]);
    const bias = (window: (r: Tensor) => Tensor) => opsOf((p, q, r) => add(product(p, q), window(r)), a, w, wide);
    assert.deepEqual(bias(part([1, 1], [1, 3])), { matmul: 1 });
    assert.deepEqual(bias(part([1, 1], [1, 3], 2)), { matmul: 1, add: 1 });
    assert.deepEqual(
      bias((r) => flip(part([1, 1], [1, 3])(r))),
      { matmul: 1, add: 1 },
    );
    assert.deepEqual(
      bias((r) => reshape(transpose(part([1, 1], [1, 3])(r)), [3])),
      { matmul: 1 },
    );
    assert.deepEqual(bias(part([0, 2], [2, 3])), { matmul: 1, add: 1 });
  });

  it('which may be computed after the product, and of which the product may be one of two', () => {
    assert.deepEqual(
      opsOf(
        (p, q, r) => {
          const t = product(p, q);
          return add(t, square(r));
        },
        a,
        w,
        b,
      ),
      { matmul: 1, square: 1 },
    );
    const rows = [
      tensor([[1, 2]]),
      w,
      tensor([[3, -2]]),
      tensor([
        [0, 1, 1],
        [2, 2, 5],
      ]),
      tensor([[4, 4, 1]]),
    ];
    assert.deepEqual(
      opsOf((p, q, r, s) => add(product(p, q), product(r, s)), ...rows),
      { matmul: 2 },
    );
    assert.deepEqual(
      opsOf((p, q, r, s, t) => add(t, add(product(p, q), product(r, s))), ...rows),
      { matmul: 2, add: 1 },
    );
    assert.deepEqual(
      opsOf((p, q, r, s) => add(add(product(p, q), product(r, s)), product(p, s)), ...rows),
      { matmul: 3 },
    );
    const pixel = (t: Tensor, by: number) => conv2d(mul(reshape(t, [1, 6, 1, 1]), by), reshape(y, [1, 6, 1, 1]));
    assert.deepEqual(
      opsOf((t) => add(pixel(t, 1), pixel(t, 2)), y),
      { conv2d: 2, mul: 2 },
    );
  });

  it('in float32 alone, and with SIMD kernels', () => {
    const f = (p?: Tensor, q?: Tensor, r?: Tensor) => add(product(p, q), r!);
    assert.deepEqual(opsOf(f, cast(a, 'float64'), cast(w, 'float64'), cast(b, 'float64')), { matmul: 1, add: 1 });
    const plain = createCpu({ simd: 'none' });
    const there = [a, w, b].map((t) => fromTypedArray(t.readSync(), t.shape, { device: plain }));
    assert.deepEqual(opsOf(f, ...there), { matmul: 1, add: 1 });
  });
});
