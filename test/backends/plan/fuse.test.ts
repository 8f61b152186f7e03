import assert from 'node:assert/strict';
import {
  abs,
  add,
  broadcastTo,
  cast,
  compile,
  exp,
  flip,
  max,
  mul,
  neg,
  relu,
  reshape,
  slice,
  sqrt,
  square,
  sub,
  sum,
  tensor,
  transpose,
  where,
  zeros,
  type Tensor,
} from 'bigrad';
import { createCpu } from '../../../src/backends/cpu/device.js';
import { fuse } from '../../../src/backends/plan/fuse.js';
import { layout } from '../../../src/backends/plan/layout.js';
import type { Step } from '../../../src/backends/plan/step.js';
import type { AnyOp } from '../../../src/core/tensor.js';
import { ran } from '../../support/ran.js';
import { same } from '../../support/same.js';

const stepsOf = (f: (...xs: Tensor[]) => unknown, ...xs: Tensor[]): number => ran(f, xs).steps;

// Small integers stay exact in sums and products, in whatever order these are made.

const x = tensor([
  [0.5, -1, 2],
  [1, 3, -2],
]);
const y = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);

describe('elementwise steps become one', () => {
  it('where one reads what the other wrote, and count as what they are', () => {
    const { steps, ops, buffers } = ran((a, b) => relu(add(mul(a, b), transpose(transpose(a)))), [x, y]);
    assert.deepEqual([steps, ops], [1, { mul: 1, add: 1, relu: 1 }]);
    assert.equal(buffers, 3); // what is in between never reaches memory
  });

  it('when values are needed in between, as results or by others', () => {
    const f = (a?: Tensor, b?: Tensor) => {
      const [p, q] = [mul(a!, b!), add(a!, b!)];
      const r = sub(p, q);
      return [r, p, sum(q), transpose(abs(r))];
    };
    assert.equal(stepsOf(f, x, y), 2);
  });

  it('when a reshape stands between that is none', () => {
    assert.equal(
      stepsOf((a) => neg(reshape(reshape(square(a), [6]), [2, 3])), x),
      1,
    );
    assert.equal(
      stepsOf((a) => neg(reshape(square(a), [3, 2])), x),
      2,
    );
  });

  it('with an operand that is computed but repeated, read twice, or of the other sign', () => {
    assert.equal(
      stepsOf((a, b) => mul(neg(a), broadcastTo(slice(b, [0, 1], [2, 1]), [2, 3])), x, y),
      1,
    );
    assert.equal(
      stepsOf((a) => mul(square(a), square(a)), x),
      1,
    );
    assert.equal(
      stepsOf((a) => sub(neg(a), flip(a)), x),
      1,
    );
  });

  it('but not with what is read at other positions', () => {
    for (const other of [transpose, (a: Tensor) => flip(a, 0), (a: Tensor) => flip(a)])
      assert.equal(
        stepsOf(
          (a) => add(square(a), other(square(a))),
          tensor([
            [1, 2],
            [3, 4],
          ]),
        ),
        2,
      );
    assert.equal(
      stepsOf((a) => neg(slice(square(a), [1, 0], [1, 3])), x),
      2,
    );
    assert.equal(
      stepsOf((a) => neg(slice(square(a), [0, 0], [1, 3])), x),
      2,
    );
    assert.equal(
      stepsOf((a) => add(neg(a), broadcastTo(neg(slice(a, [0, 0], [1, 3])), [2, 3])), x),
      2,
    );
  });

  it('but not around a step that needs the one and is needed by the other', () => {
    const f = (a?: Tensor, b?: Tensor) => {
      const r = square(a!);
      return mul(neg(r), add(b!, sum(neg(r))));
    };
    assert.equal(stepsOf(f, x, y), 3); // square and neg, sum, add and mul
    const far = (a?: Tensor, b?: Tensor) => {
      const r = square(a!);
      const s = add(max(r), sum(mul(r, b!)));
      return add(r, broadcastTo(sqrt(abs(sum(broadcastTo(s, [2, 3])))), [2, 3]));
    };
    same(compile(far)(x, y), far(x, y), 1e-6);
    const crossed = (a?: Tensor, b?: Tensor) => {
      const r = square(a!);
      const s = sum(r);
      const t = neg(b!);
      const u = add(r, sum(t)); // one with r, on which the total s waits for that of t
      return [u, add(t, s)];
    };
    assert.equal(stepsOf(crossed, x, y), 5);
  });

  it('but not of other dtypes, nor functions of few elements, nor of none', () => {
    assert.equal(
      stepsOf((a) => neg(square(a)), cast(x, 'float64')),
      2,
    );
    assert.equal(
      stepsOf((a) => neg(square(a)), cast(x, 'int32')),
      2,
    );
    assert.equal(
      stepsOf((a) => where(a, x, neg(x)), cast(x, 'int32')),
      1,
    ); // of constants
    assert.equal(
      stepsOf((a, b) => where(a, b, neg(b)), cast(x, 'int32'), y),
      2,
    );
    assert.equal(
      stepsOf((a) => neg(exp(a)), x),
      2,
    );
    assert.equal(
      stepsOf((a) => neg(square(a)), zeros([0, 3])),
      2,
    );
  });

  it('but not more than 48 of them', () => {
    const chain = (length: number) => (a?: Tensor) => Array.from({ length }).reduce((t: Tensor) => add(t, 1), a!);
    assert.deepEqual(
      [1, 48, 49, 96, 97].map((n) => stepsOf(chain(n), x)),
      [1, 1, 2, 2, 3],
    );
  });

  it('on no device without SIMD kernels', () => {
    const plain = createCpu({ simd: 'none' });
    assert.equal(
      stepsOf((a) => neg(square(a)), tensor([1, 2], { device: plain })),
      2,
    );
  });
});

describe('steps, each with a buffer of its own,', () => {
  const op = { name: 'step', infer: () => [], vjp: null } as unknown as AnyOp;
  const step = (out: number, ...ins: number[]): Step => ({
    calls: [{ op, ins, outs: [out], attrs: null }],
    ins,
    outs: [out],
  });
  /** The chains of steps, by what their calls write; those of `alone` are no elementwise ones. */
  const chains = (steps: readonly Step[], results: readonly number[], alone: readonly number[] = []) => {
    const ids = [...Array(100).keys()];
    const places = new Map(ids.map((id) => [id, { root: id, view: layout([2]) }]));
    return fuse(steps, places, new Set(results), ({ outs }) => !alone.includes(outs[0]!));
  };
  const written = (steps: readonly Step[]): number[][] => steps.map(({ calls }) => calls.flatMap(({ outs }) => outs));

  it('join once, however many paths lead from one to the other', () => {
    const [chain, ...rest] = chains([step(1, 0), step(2, 1), step(3, 1, 2)], [3]);
    assert.deepEqual([written([chain!]), rest], [[[1, 2, 3]], []]);
    assert.deepEqual([chain!.ins, chain!.outs], [[0], [3]]);
  });

  it('write nothing that nobody reads', () => {
    const [chain] = chains([step(1, 0), step(2, 1)], [1]);
    assert.deepEqual(chain!.outs, [1]);
  });

  it('join across at most twenty steps', () => {
    for (const [between, count] of [
      [19, 20],
      [20, 22],
    ] as const) {
      const alone = Array.from({ length: between }, (_, i) => 10 + i);
      const steps = [step(1, 0), ...alone.map((id) => step(id, 0)), step(2, 1)];
      assert.equal(chains(steps, [2, ...alone], alone).length, count);
    }
  });
});
