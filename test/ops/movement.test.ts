import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  add,
  broadcastTo,
  cast,
  concat,
  cpu,
  dot,
  expandDims,
  flip,
  fromTypedArray,
  grad,
  pad,
  reshape,
  slice,
  split,
  squeeze,
  stack,
  sum,
  take,
  tensor,
  toArray,
  transpose,
  type Nested,
  type Tensor,
} from 'bigrad';
import { shapes, sources, views } from '../support/arbitraries.js';
import { close, values } from '../support/close.js';

const anyTensor = shapes(4, 4)
  .chain((shape) => views(shape))
  .map((s) => s.make(cpu));
/** A tensor with an axis of it. */
const withAxis = shapes(4, 4)
  .filter((s) => s.length > 0)
  .chain((shape) => fc.tuple(views(shape), fc.nat(shape.length - 1)))
  .map(([s, axis]): [Tensor, number] => [s.make(cpu), axis]);
/** A part of a shape: start, size, step. */
const part = (shape: readonly number[]) =>
  fc.tuple(...shape.map((d) => fc.tuple(fc.nat(d), fc.nat(d), fc.integer({ min: 1, max: 3 })))).map((all) => ({
    start: all.map(([s]) => s),
    step: all.map(([, , k]) => k),
    size: all.map(([s, n, k], i) => Math.min(n, Math.max(0, Math.ceil((shape[i]! - s) / k)))),
  }));
const same = (a: Tensor, b: Tensor): void => {
  close(a, b, 0);
};
const each = (x: Tensor, visit: (at: number[], v: number) => void): void => {
  values(x).forEach((v, k) => {
    visit(
      x.shape.map((d, i) => Math.floor(k / x.shape.slice(i + 1).reduce((n, m) => n * m, 1)) % d),
      v,
    );
  });
};
const element = (x: Tensor, at: readonly number[]): number =>
  values(x)[x.shape.reduce((o, d, i) => o * d + at[i]!, 0)]!;

describe('movement ops', () => {
  it('undo one another: transpose, flip, reshape, expandDims and squeeze', () => {
    fc.assert(
      fc.property(withAxis, fc.integer(), ([x, axis], seed) => {
        const perm = x.shape.map((_, i) => (i + Math.abs(seed)) % x.shape.length);
        const back = perm.map((_, i) => perm.indexOf(i));
        same(transpose(transpose(x, perm), back), x);
        same(transpose(transpose(x)), x);
        same(flip(flip(x, axis), axis), x);
        same(reshape(reshape(x, [x.size]), x.shape), x);
        same(squeeze(expandDims(x, axis), axis), x);
        same(
          transpose(
            x,
            perm.map((p) => p - x.shape.length),
          ),
          transpose(x, perm),
        );
      }),
    );
  });

  it('put elements where they say: transpose, flip and slice', () => {
    const cases = shapes(3, 4).chain((shape) => fc.tuple(views(shape), part(shape)));
    fc.assert(
      fc.property(cases, ([source, { start, size, step }]) => {
        const x = source.make(cpu);
        each(slice(x, start, size, step), (at, v) => {
          assert.equal(
            v,
            element(
              x,
              at.map((i, axis) => start[axis]! + i * step[axis]!),
            ),
          );
        });
        each(transpose(x), (at, v) => {
          assert.equal(v, element(x, [...at].reverse()));
        });
        each(flip(x), (at, v) => {
          assert.equal(
            v,
            element(
              x,
              at.map((i, axis) => x.shape[axis]! - 1 - i),
            ),
          );
        });
      }),
    );
  });

  it("are linear and adjoint to their rules: <u, f(x)> = <f'(u), x>", () => {
    const cases = shapes(3, 4).chain((shape) => fc.tuple(sources(shape), part(shape)));
    fc.assert(
      fc.property(cases, fc.nat(3), ([source, p], lo) => {
        const x = source.make(cpu);
        const fs: ((t: Tensor) => Tensor)[] = [
          (t) => transpose(t),
          (t) => flip(t),
          (t) => slice(t, p.start, p.size, p.step),
          (t) =>
            pad(
              t,
              t.shape.map((_, i) => [lo, i]),
            ),
          (t) => reshape(t, [t.size]),
          (t) => broadcastTo(t, [2, ...t.shape]),
          (t) => concat([flip(expandDims(t, 0)), expandDims(t, 0)]),
        ];
        for (const f of fs) {
          const y = f(x);
          const u = fromTypedArray(
            Float64Array.from({ length: y.size }, (_, i) => Math.cos(i)),
            y.shape,
          );
          const adjoint = grad((t: Tensor) => dot(u, f(t)))(x);
          close(dot(u, y), dot(adjoint, x), 1e-12);
          close(grad((t: Tensor) => dot(u, f(t)))(add(x, 1)), adjoint, 0);
        }
      }),
    );
  });

  it('concat and split are inverse, and so are stack and its slices', () => {
    fc.assert(
      fc.property(withAxis, fc.integer({ min: 1, max: 3 }), ([x, axis], n) => {
        const d = x.shape[axis]!;
        const cut = Math.floor(d / n);
        same(concat(split(x, [cut, d - cut], axis), axis), x);
        same(concat(split(x, d === 0 ? 1 : d, axis - x.shape.length), axis), x);
        const copies = stack(new Array<Tensor>(n).fill(x), axis);
        assert.deepEqual(copies.shape, [...x.shape.slice(0, axis), n, ...x.shape.slice(axis)]);
        for (const one of split(copies, n, axis)) same(squeeze(one, axis), x);
      }),
    );
  });

  it('pad is undone by slice, and fills with its value', () => {
    fc.assert(
      fc.property(anyTensor, fc.nat(2), fc.nat(2), fc.integer(), (x, lo, hi, value) => {
        const padded = pad(
          x,
          x.shape.map(() => [lo, hi]),
          value,
        );
        same(
          slice(
            padded,
            x.shape.map(() => lo),
            x.shape,
          ),
          x,
        );
        close(sum(padded), values(x).reduce((a, b) => a + b, 0) + value * (padded.size - x.size), 1e-9);
      }),
    );
  });

  it('pad keeps the sign of zero, before runs long and short', () => {
    for (const n of [1, 40])
      for (const [sign, zero] of [
        [-Infinity, -0],
        [Infinity, 0],
      ] as const)
        assert.equal(1 / pad(tensor(new Array<number>(n).fill(1)), [[1, 0]], zero).readSync()[0]!, sign);
  });

  it('take picks rows, as slices would, repeats and negatives included', () => {
    const cases = withAxis.filter(([x, axis]) => x.shape[axis]! > 0);
    fc.assert(
      fc.property(cases, fc.array(fc.integer(), { maxLength: 5 }), ([x, axis], picks) => {
        const d = x.shape[axis]!;
        const list = picks.map((p) => p % d);
        const got = take(x, fromTypedArray(Int32Array.from(list), [list.length]), axis);
        const rows = list.map((p) =>
          slice(
            x,
            x.shape.map((_, i) => (i === axis ? p : 0)),
            x.shape.map((n, i) => (i === axis ? 1 : n)),
          ),
        );
        if (rows.length > 0) same(got, concat(rows, axis));
        else assert.equal(got.size, 0);
      }),
    );
  });

  it('toArray and tensor are inverse', async () => {
    await fc.assert(
      fc.asyncProperty(anyTensor, async (x) => {
        const nested = (await toArray(x)) as Nested;
        if (x.size > 0) same(tensor(nested, { dtype: 'float64' }), x);
      }),
    );
  });

  it('cast keeps what fits, and float64 holds float32 exactly', () => {
    fc.assert(
      fc.property(anyTensor, (x) => {
        same(cast(cast(x, 'float32'), 'float64'), x); // sixteenths are exact
        const whole = values(cast(x, 'int32')).map((v) => v + 0);
        assert.deepEqual(
          whole,
          values(x).map((v) => Math.trunc(v) + 0),
        );
      }),
    );
  });
});

describe('shapes at their edges', () => {
  const x = tensor([
    [1, 2, 3],
    [4, 5, 6],
  ]);

  it('squeeze drops all axes of length 1 where none is named', () => {
    assert.deepEqual(squeeze(reshape(x, [1, 2, 1, 3, 1])).shape, [2, 3]);
    assert.deepEqual(squeeze(reshape(x, [1, 2, 1, 3, 1]), 2).shape, [1, 2, 3, 1]);
  });

  it('reshape of nothing finds its unknown length', () => {
    assert.deepEqual(reshape(tensor([[], []]), [-1, 2]).shape, [0, 2]);
    assert.deepEqual(reshape(tensor([[], []]), [0, -1]).shape, [0, 0]);
  });

  it('transpose by no permutation is the tensor itself', () => {
    assert.equal(transpose(x, [0, 1]), x);
  });

  it('slice may begin where an axis ends, if it takes nothing, and step to the last element', () => {
    assert.deepEqual(slice(x, [0, 3], [2, 0]).shape, [2, 0]);
    close(
      slice(x, [0, 0], [2, 2], [1, 2]),
      tensor([
        [1, 3],
        [4, 6],
      ]),
    );
    assert.equal(slice(x, [0, 0], [2, 0], [1, 9]).size, 0);
  });

  it('split makes as many parts of nothing as are asked for', () => {
    assert.equal(split(tensor([]), 3).length, 3);
  });
});
