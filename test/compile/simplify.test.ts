import assert from 'node:assert/strict';
import {
  add,
  cast,
  clamp,
  compile,
  exp,
  full,
  matmul,
  mul,
  pad,
  pow,
  reference,
  slice,
  split,
  tanh,
  tensor,
  to,
  transpose,
  type DType,
  type Tensor,
} from 'bigrad';
import { simplify } from '../../src/compile/simplify.js';
import type { AnyOp, Program } from '../../src/core/tensor.js';
import { same } from '../support/same.js';
import { ran, stepsOf } from '../support/ran.js';

const x = tensor([
  [0.5, -1, 2],
  [1, 3, -2],
]);

describe('a program of calls', () => {
  it('leaves out what no result needs', () => {
    const f = (t: Tensor): Tensor => {
      exp(matmul(t, transpose(t)));
      return tanh(t);
    };
    assert.deepEqual(ran(f, [x], 1e-6).ops, { tanh: 1 });
    assert.equal(
      stepsOf((t: Tensor) => [t, 'a', 3], x),
      0,
    );
    assert.equal(
      stepsOf((_: Tensor) => undefined, x),
      0,
    );
  });

  it('does once what is written twice', () => {
    assert.deepEqual(ran((t: Tensor) => [tanh(t), tanh(t), mul(tanh(t), 2), mul(tanh(t), 2)], [x], 1e-6).ops, {
      tanh: 1,
      mul: 1,
    });
    assert.equal(ran((t: Tensor) => tanh(tanh(t)), [x], 1e-6).ops['tanh'], 2);
  });

  it('tells calls apart by all of their attributes, zeros of either sign and NaN among them', () => {
    const results = (t: Tensor) => {
      const like = (shape: number[], value: number, dtype?: DType) => full(shape, value, { dtype, device: t.device });
      return [
        ...[0, -0, NaN, 1, Infinity].map((value) =>
          pad(
            t,
            [
              [1, 0],
              [0, 0],
            ],
            value,
          ),
        ),
        ...[0, -0, NaN, Infinity, -Infinity].map((value) => mul(t, value)),
        ...[0, -0, NaN, Infinity, -Infinity].map((value) => like([2], value)),
        ...[0, -0].map((value) => pow(like([1], value), -1)),
        like([2], 1, 'int32'),
        like([2], 1),
        like([2, 1], 1),
        slice(t, [0, 0], [1, 2]),
        slice(t, [0, 0], [2, 1]),
        clamp(t, 0, 1),
        clamp(t, -1, 1),
        cast(t, 'float64'),
        cast(t, 'int32'),
        ...split(t, 3, 1),
      ];
    };
    for (const t of [x, to(x, reference)]) same(compile(results)(t), results(t));
  });

  it('tells calls apart by their inputs, however many there are', () => {
    const all = Array.from({ length: 13 }, (_, i) => tensor(2 ** i, { dtype: 'float64' }));
    const pairs = (ts: Tensor[]) => ts.flatMap((a) => ts.map((b) => add(a, b)));
    same(compile(pairs)(all), pairs(all));
  });

  it('keeps a call of whose results one is needed, and forgets what only unused calls read', () => {
    const op = { name: 'custom', vjp: null } as unknown as AnyOp;
    const scalar = { shape: [], dtype: 'float32' } as const;
    const program: Program = {
      values: Array.from({ length: 6 }, () => scalar),
      inputs: [0],
      constants: new Map([
        [1, 'used'],
        [2, 'not used'],
      ]),
      calls: [
        { op, ins: [0, 1], outs: [3, 4], attrs: null },
        { op, ins: [2], outs: [5], attrs: null },
      ],
      outputs: [4],
    };
    const { calls, constants } = simplify(program);
    assert.deepEqual(calls, program.calls.slice(0, 1));
    assert.deepEqual(constants, new Map([[1, 'used']]));
  });

  it('takes functions and instances among attributes for what they are, not for what JSON makes of them', () => {
    const op = { name: 'custom', vjp: null } as unknown as AnyOp;
    const attrs = [
      () => 1,
      () => 2,
      new Map([[1, 1]]),
      new Map(),
      { n: 1 },
      { n: '#1' },
      { n: undefined },
      undefined,
      null,
      [],
      {},
    ];
    const calls = [...attrs, ...attrs].map((a, i) => ({ op, ins: [0], outs: [i + 1], attrs: a }));
    const program: Program = {
      values: Array.from({ length: calls.length + 1 }, () => ({ shape: [], dtype: 'float32' })),
      inputs: [0],
      constants: new Map(),
      calls,
      outputs: calls.map(({ outs }) => outs[0]!),
    };
    const { calls: left, outputs } = simplify(program);
    assert.equal(left.length, attrs.length);
    assert.deepEqual(
      outputs,
      [...attrs, ...attrs].map((_, i) => (i % attrs.length) + 1),
    );
  });
});
