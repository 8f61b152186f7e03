import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  abs,
  add,
  broadcastTo,
  cast,
  clamp,
  compile,
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
  zeros,
  type Shape,
  type Tensor,
} from 'bigrad';
import { createCpu } from '../../../../../src/backends/cpu/device.js';
import { number, sources, special, type Source } from '../../../../testing/arbitraries.js';
import { ran } from '../../../../compile/ran.js';
import { same } from '../../../../compile/same.js';

type Op = (a: Tensor, b: Tensor, c: Tensor) => Tensor;

const stepsOf = (f: (...xs: Tensor[]) => unknown, ...xs: Tensor[]): number => ran(f, xs).steps;

/**
 * Shapes of up to five axes and a few hundred elements, among them those that four does not divide,
 * and empty ones.
 */
const shapes: fc.Arbitrary<number[]> = fc
  .array(fc.oneof({ arbitrary: fc.integer({ min: 1, max: 9 }), weight: 20 }, fc.constant(0)), { maxLength: 5 })
  .map((dims) => dims.reduce<number[]>((s, d) => [...s, s.reduce((a, b) => a * b, d) > 500 ? 1 : d], []));

/** How an axis of an operand runs through memory. */
type Run = 'on' | 'back' | 'every second' | 'the middle' | 'repeated';
const LENGTH: Readonly<Record<Run, (d: number) => number>> = {
  on: (d) => d,
  back: (d) => d,
  'every second': (d) => 2 * d + 1,
  'the middle': (d) => d + 2,
  repeated: () => 1,
};

/** An argument, and a window of the wanted shape on it. */
interface Operand {
  readonly source: Source;
  readonly window: (x: Tensor) => Tensor;
  toString(): string;
}
function operands(shape: Shape, of: fc.Arbitrary<number>): fc.Arbitrary<Operand> {
  const axes = [...shape.keys()];
  const run: fc.Arbitrary<Run> = fc.constantFrom('on', 'on', 'back', 'every second', 'the middle', 'repeated');
  const layout = fc.tuple(fc.shuffledSubarray(axes, { minLength: axes.length }), fc.tuple(...axes.map(() => run)));
  return layout.chain(([order, runs]) => {
    const base = shape.map((d, i) => LENGTH[runs[i]!](d));
    const window = (x: Tensor): Tensor => {
      const own = transpose(
        x,
        axes.map((i) => order.indexOf(i)),
      );
      const [starts, steps] = [
        runs.map((r) => +(r === 'every second' || r === 'the middle')),
        runs.map((r) => (r === 'every second' ? 2 : 1)),
      ];
      const cut = slice(
        own,
        starts,
        shape.map((d, i) => (runs[i] === 'repeated' ? 1 : d)),
        steps,
      );
      return broadcastTo(
        flip(
          cut,
          axes.filter((i) => runs[i] === 'back'),
        ),
        shape,
      );
    };
    const text = `axes ${order.join()} that run ${runs.join(', ')}`;
    return sources(
      order.map((i) => base[i]!),
      of,
      'float32',
    ).map((source) => ({ source, window, toString: () => `${text} of ${String(source)}` }));
  });
}

/** A straight program: each line an op on earlier registers, and which registers come out. */
interface Program {
  readonly lines: readonly (readonly [name: string, a: number, b: number, c: number])[];
  readonly results: readonly number[];
}
const programs = (ops: object, longest: number): fc.Arbitrary<Program> =>
  fc.record({
    lines: fc.array(fc.tuple(fc.constantFrom(...Object.keys(ops)), fc.nat(99), fc.nat(99), fc.nat(99)), {
      minLength: 1,
      maxLength: longest,
      size: 'max',
    }),
    results: fc.array(fc.nat(99), { maxLength: 3 }),
  });
function runProgram(ops: Readonly<Record<string, Op>>, { lines, results }: Program, xs: readonly Tensor[]): Tensor[] {
  const registers = [...xs];
  // Of the latest registers, so that chains get long.
  const at = (back: number): Tensor => registers.at(-1 - (back % Math.min(registers.length, 6)));
  for (const [name, a, b, c] of lines) registers.push(ops[name]!(at(a), at(b), at(c)));
  return [registers.at(-1), ...results.map((i) => registers[i % registers.length]!)];
}

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
const integer = fc.integer({ min: -3, max: 3 });
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
        fc.tuple(sources(shape, integer, 'float32'), sources(shape, integer, 'float32'), programs(mixed, longest)),
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
