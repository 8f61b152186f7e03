import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  abs,
  add,
  broadcastTo,
  cast,
  clamp,
  cpu,
  div,
  equal,
  exp,
  flip,
  fromTypedArray,
  gate,
  grad,
  greater,
  greaterEqual,
  less,
  lessEqual,
  log,
  matmul,
  max,
  maximum,
  minimum,
  mul,
  neg,
  notEqual,
  pad,
  reciprocal,
  relu,
  reshape,
  rsqrt,
  sigmoid,
  sign,
  slice,
  sqrt,
  square,
  sub,
  sum,
  tanh,
  tensor,
  transpose,
  where,
  type Tensor,
} from 'bigrad';
import { integer, number, sources, special } from '../../../../support/arbitraries.js';
import { ran } from '../../../../support/ran.js';
import { operands, programs, runProgram, shapes, type Op } from './chain-programs.js';

/** Ops that are the same to the last bit wherever they run. */
const exact: Readonly<Record<string, Op>> = {
  abs,
  add,
  sub,
  mul,
  div,
  neg,
  sqrt,
  square,
  relu,
  reciprocal,
  sign,
  minimum,
  maximum,
  equal,
  notEqual,
  less,
  greater,
  lessEqual,
  greaterEqual,
  where,
  'add 1.5': (a) => add(a, 1.5),
  'minus itself': (a) => sub(a, a),
};

describe('a chain of elementwise ops gives what they give one by one', () => {
  it('bit for bit, whatever the shape and however its operands run through memory, NaN, infinities and -0 among them', () => {
    const cases = shapes.chain((shape) =>
      fc.tuple(fc.array(operands(shape, special()), { minLength: 1, maxLength: 4 }), programs(exact, 25)),
    );
    fc.assert(
      fc.property(cases, ([made, program]) => {
        const f = (...xs: Tensor[]) =>
          runProgram(
            exact,
            program,
            xs.map((x, i) => made[i]!.window(x)),
          );
        ran(
          f,
          made.map(({ source }) => source.make(cpu)),
        );
      }),
    );
  });

  it('bit for bit on either side of a value of another dtype', () => {
    const through: Readonly<Record<string, Op>> = {
      ...exact,
      'through int32': (a, b) => cast(add(cast(a, 'int32'), cast(b, 'int32')), 'float32'),
      'through float64': (a, b) => cast(mul(cast(a, 'float64'), cast(b, 'float64')), 'float32'),
      'int32 condition': (a, b, c) => cast(where(cast(a, 'int32'), cast(b, 'int32'), cast(c, 'int32')), 'float32'),
      'float64 condition': (a, b, c) => where(cast(a, 'float64'), b, c),
    };
    const cases = shapes.chain((shape) =>
      fc.tuple(operands(shape, special()), operands(shape, number()), programs(through, 12)),
    );
    fc.assert(
      fc.property(cases, ([x, y, program]) => {
        const f = (a?: Tensor, b?: Tensor) => runProgram(through, program, [x.window(a!), y.window(b!)]);
        ran(
          f,
          [x, y].map(({ source }) => source.make(cpu)),
        );
      }),
    );
  });

  it('to 1e-6 where functions are approximated, which are those of large tensors', () => {
    const functions: Readonly<Record<string, Op>> = {
      exp: (a) => exp(a),
      log: (a) => log(abs(a)),
      tanh: (a) => tanh(a),
      sigmoid: (a) => sigmoid(a),
      rsqrt: (a) => rsqrt(abs(a)),
      gate: (a, b) => gate(a, add(abs(b), 0.25)),
      'slope of gate': (a, b) => grad((t: Tensor) => sum(gate(t, add(abs(b), 0.25))))(a),
    };
    for (const [rows, columns] of [
      [5, 205],
      [4, 256],
      [3, 343],
    ] as const)
      for (const [name, op] of Object.entries(functions)) {
        const [x, y] = [1, 0.3].map((t) =>
          fromTypedArray(
            Float32Array.from({ length: rows * columns }, (_, i) => 3 * Math.sin(t * i)),
            [columns, rows],
          ),
        );
        for (const window of [(t: Tensor) => t, (t: Tensor) => transpose(flip(t, 1))])
          assert.equal(ran((a, b) => neg(op(window(a), window(b), a)), [x!, y!], 1e-6).steps, 1, name);
      }
  });
});

// Small integers stay exact in sums and products, in whatever order these are made.
const small = (x: Tensor): Tensor => clamp(x, -3, 3);
const shifted = (a: Tensor, by: number): Tensor =>
  slice(
    pad(a, [
      [1, 1],
      [0, 0],
    ]),
    [by, 0],
    a.shape,
  );
const mixed: Readonly<Record<string, Op>> = {
  add: (a, b) => minimum(add(a, b), 3),
  sub: (a, b) => maximum(minimum(sub(a, b), 3), -3),
  mul: (a, b) => maximum(minimum(mul(a, b), 3), -3),
  relu: (a) => relu(a),
  where: (a, b, c) => where(greater(a, 0), b, c),
  total: (a) => broadcastTo(small(sum(a)), a.shape),
  rows: (a) => broadcastTo(small(sum(a, 1, { keepDims: true })), a.shape),
  columns: (a) => broadcastTo(sum(a, 0), a.shape),
  highest: (a) => broadcastTo(max(a, 0), a.shape),
  product: (a, b, c) => small(matmul(matmul(a, transpose(b)), c)),
  biased: (a, b, c) => small(add(matmul(matmul(a, transpose(b)), c), slice(b, [0, 0], [1, b.shape[1]!]))),
  turned: (a, b) => small(transpose(matmul(transpose(b), matmul(a, transpose(b))))),
  flip: (a) => flip(a, 1),
  other: (a) => reshape(transpose(a), a.shape),
  down: (a) => shifted(a, 0),
  up: (a) => shifted(a, 2),
  int32: (a) => cast(cast(a, 'int32'), 'float32'),
};

describe('chains and what stands between them', () => {
  const cases = (longest: number) =>
    fc
      .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 6 }))
      .chain((shape) =>
        fc.tuple(sources(shape, integer(), 'float32'), sources(shape, integer(), 'float32'), programs(mixed, longest)),
      );

  it('give what they give eagerly, bit for bit, in whatever way values leave a chain and come back', () => {
    fc.assert(
      fc.property(cases(40), ([x, y, program]) => {
        ran(
          (...xs) =>
            runProgram(
              mixed,
              program,
              xs.map((t) => minimum(t, 3)),
            ),
          [x.make(cpu), y.make(cpu)],
        );
      }),
    );
  });

  it('give it in programs of hundreds of ops', () => {
    fc.assert(
      fc.property(cases(400), ([x, y, program]) => {
        ran((...xs) => runProgram(mixed, program, xs), [x.make(cpu), y.make(cpu)]);
      }),
      { numRuns: 8 },
    );
  });

  it('are made and run without ado, five thousand of them', function () {
    this.timeout(20_000);
    const f = (x?: Tensor): Tensor => {
      let [y, early] = [x!, x!];
      for (let i = 0; i < 1250; i++) {
        const total = small(sum(y)); // no chain goes past it
        if (i % 50 === 0) early = y;
        y = minimum(add(y, mul(total, early)), 2);
        y = maximum(y, -2);
      }
      return y;
    };
    const { steps } = ran(f, [tensor([1, -2, 1, 0, 2])]);
    assert.ok(steps > 2000 && steps < 5000, `${steps} steps`);
  });
});
