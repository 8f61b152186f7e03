import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  abs,
  add,
  broadcastTo,
  cast,
  clamp,
  compile,
  conv2d,
  cpu,
  div,
  equal,
  exp,
  flip,
  fromTypedArray,
  full,
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
  type PlanStats,
  type Shape,
  type Tensor,
} from 'bigrad';
import { createCpu } from '../../src/backends/cpu/index.js';
import { number, sources, special, type Source } from '../testing/arbitraries.js';
import { same } from './same.js';

type Op = (a: Tensor, b: Tensor, c: Tensor) => Tensor;

/** Runs `f` eagerly and, twice, compiled; what the plan costs. */
function ran(f: (...xs: Tensor[]) => unknown, xs: readonly Tensor[], tolerance = 0): PlanStats {
  const compiled = compile(f);
  const expected = f(...xs);
  same(compiled(...xs), expected, tolerance, 'the first call,');
  same(compiled(...xs), expected, tolerance, 'the second call,');
  return compiled.stats!;
}
const stepsOf = (f: (...xs: Tensor[]) => unknown, ...xs: Tensor[]): number => ran(f, xs).steps;

/** Shapes of up to five axes and a few hundred elements, among them those that four does not divide, and empty ones. */
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
      const own = transpose(x, axes.map((i) => order.indexOf(i))); // prettier-ignore
      const [starts, steps] = [runs.map((r) => +(r === 'every second' || r === 'the middle')), runs.map((r) => (r === 'every second' ? 2 : 1))]; // prettier-ignore
      const cut = slice(own, starts, shape.map((d, i) => (runs[i] === 'repeated' ? 1 : d)), steps); // prettier-ignore
      return broadcastTo(flip(cut, axes.filter((i) => runs[i] === 'back')), shape); // prettier-ignore
    };
    const text = `axes ${order.join()} that run ${runs.join(', ')}`;
    return sources(order.map((i) => base[i]!), of, 'float32').map((source) => ({ source, window, toString: () => `${text} of ${String(source)}` })); // prettier-ignore
  });
}

/** A straight program: each line an op on earlier registers, and which registers come out. */
interface Program {
  readonly lines: readonly (readonly [name: string, a: number, b: number, c: number])[];
  readonly results: readonly number[];
}
const programs = (ops: object, longest: number): fc.Arbitrary<Program> =>
  fc.record({
    lines: fc.array(fc.tuple(fc.constantFrom(...Object.keys(ops)), fc.nat(99), fc.nat(99), fc.nat(99)), { minLength: 1, maxLength: longest, size: 'max' }), // prettier-ignore
    results: fc.array(fc.nat(99), { maxLength: 3 }),
  });
function runProgram(ops: Readonly<Record<string, Op>>, { lines, results }: Program, xs: readonly Tensor[]): Tensor[] {
  const registers = [...xs];
  // Of the latest registers, so that chains get long.
  const at = (back: number): Tensor => registers.at(-1 - (back % Math.min(registers.length, 6)))!;
  for (const [name, a, b, c] of lines) registers.push(ops[name]!(at(a), at(b), at(c)));
  return [registers.at(-1)!, ...results.map((i) => registers[i % registers.length]!)];
}

/** Ops that are the same to the last bit wherever they run. */
const exact: Readonly<Record<string, Op>> = {
  abs, add, sub, mul, div, neg, sqrt, square, relu, reciprocal, sign, minimum, maximum,
  equal, notEqual, less, greater, lessEqual, greaterEqual, where,
  'add 1.5': (a) => add(a, 1.5),
  'minus itself': (a) => sub(a, a),
}; // prettier-ignore

describe('a chain of elementwise ops gives what they give one by one', () => {
  it('bit for bit, whatever the shape and however its operands run through memory, NaN, infinities and -0 among them', () => {
    const cases = shapes.chain((shape) =>
      fc.tuple(fc.array(operands(shape, special()), { minLength: 1, maxLength: 4 }), programs(exact, 25)),
    );
    fc.assert(
      fc.property(cases, ([made, program]) => {
        const f = (...xs: Tensor[]) => runProgram(exact, program, xs.map((x, i) => made[i]!.window(x))); // prettier-ignore
        ran(f, made.map(({ source }) => source.make(cpu))); // prettier-ignore
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
    const cases = shapes.chain((shape) => fc.tuple(operands(shape, special()), operands(shape, number()), programs(through, 12))); // prettier-ignore
    fc.assert(
      fc.property(cases, ([x, y, program]) => {
        const f = (a?: Tensor, b?: Tensor) => runProgram(through, program, [x.window(a!), y.window(b!)]);
        ran(f, [x, y].map(({ source }) => source.make(cpu))); // prettier-ignore
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
      // prettier-ignore
      for (const [name, op] of Object.entries(functions)) {
        const [x, y] = [1, 0.3].map((t) => fromTypedArray(Float32Array.from({ length: rows * columns }, (_, i) => 3 * Math.sin(t * i)), [columns, rows])); // prettier-ignore
        for (const window of [(t: Tensor) => t, (t: Tensor) => transpose(flip(t, 1))])
          assert.equal(ran((a, b) => neg(op(window(a!), window(b!), a!)), [x!, y!], 1e-6).steps, 1, name);
      }
  });
});

// Small integers stay exact in sums and products, in whatever order these are made.
const small = (x: Tensor): Tensor => clamp(x, -3, 3);
const integer = fc.integer({ min: -3, max: 3 });
const shifted = (a: Tensor, by: number): Tensor => slice(pad(a, [[1, 1], [0, 0]]), [by, 0], a.shape); // prettier-ignore
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
    fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 6 })).chain((shape) =>
      fc.tuple(sources(shape, integer, 'float32'), sources(shape, integer, 'float32'), programs(mixed, longest)),
    ); // prettier-ignore

  it('give what they give eagerly, bit for bit, in whatever way values leave a chain and come back', () => {
    fc.assert(
      fc.property(cases(40), ([x, y, program]) => {
        ran((...xs) => runProgram(mixed, program, xs.map((t) => minimum(t, 3))), [x.make(cpu), y.make(cpu)]); // prettier-ignore
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

const x = tensor([[0.5, -1, 2], [1, 3, -2]]); // prettier-ignore
const y = tensor([[1, 2, 3], [4, 5, 6]]); // prettier-ignore

describe('elementwise steps become one', () => {
  it('where one reads what the other wrote, and count as what they are', () => {
    const { steps, ops, buffers } = ran((a, b) => relu(add(mul(a!, b!), transpose(transpose(a!)))), [x, y]);
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
      stepsOf((a) => neg(reshape(reshape(square(a!), [6]), [2, 3])), x),
      1,
    );
    assert.equal(
      stepsOf((a) => neg(reshape(square(a!), [3, 2])), x),
      2,
    );
  });

  it('with an operand that is computed but repeated, read twice, or of the other sign', () => {
    assert.equal(
      stepsOf((a, b) => mul(neg(a!), broadcastTo(slice(b!, [0, 1], [2, 1]), [2, 3])), x, y),
      1,
    );
    assert.equal(
      stepsOf((a) => mul(square(a!), square(a!)), x),
      1,
    );
    assert.equal(
      stepsOf((a) => sub(neg(a!), flip(a!)), x),
      1,
    );
  });

  it('but not with what is read at other positions', () => {
    for (const other of [transpose, (a: Tensor) => flip(a, 0), (a: Tensor) => flip(a)])
      assert.equal(stepsOf((a) => add(square(a!), other(square(a!))), tensor([[1, 2], [3, 4]])), 2); // prettier-ignore
    assert.equal(
      stepsOf((a) => neg(slice(square(a!), [1, 0], [1, 3])), x),
      2,
    );
    assert.equal(
      stepsOf((a) => neg(slice(square(a!), [0, 0], [1, 3])), x),
      2,
    );
    assert.equal(
      stepsOf((a) => add(neg(a!), broadcastTo(neg(slice(a!, [0, 0], [1, 3])), [2, 3])), x),
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
      stepsOf((a) => neg(square(a!)), cast(x, 'float64')),
      2,
    );
    assert.equal(
      stepsOf((a) => neg(square(a!)), cast(x, 'int32')),
      2,
    );
    assert.equal(
      stepsOf((a) => where(a!, x, neg(x)), cast(x, 'int32')),
      1,
    ); // of constants
    assert.equal(
      stepsOf((a, b) => where(a!, b!, neg(b!)), cast(x, 'int32'), y),
      2,
    );
    assert.equal(
      stepsOf((a) => neg(exp(a!)), x),
      2,
    );
    assert.equal(
      stepsOf((a) => neg(square(a!)), zeros([0, 3])),
      2,
    );
  });

  it('but not more than 48 of them', () => {
    const chain = (length: number) => (a?: Tensor) => Array.from({ length }).reduce((t: Tensor) => add(t, 1), a!);
    assert.deepEqual([1, 48, 49, 96, 97].map((n) => stepsOf(chain(n), x)), [1, 1, 2, 2, 3]); // prettier-ignore
  });

  it('on no device without SIMD kernels', () => {
    const plain = createCpu({ simd: 'none' });
    assert.equal(
      stepsOf((a) => neg(square(a!)), tensor([1, 2], { device: plain })),
      2,
    );
  });
});

/** True where a bias runs along one axis of a product and is repeated along the others. */
const runsAlong = (axis: number, product: Shape, bias: Shape): boolean => {
  const own = [...product.map(() => 1), ...bias].slice(-product.length);
  return product.every((d, i) => d === 1 || (i === axis ? own[i] === d : own[i] === 1));
};

describe('a product starts at its bias', () => {
  const length = fc.integer({ min: 1, max: 4 });
  const integers = (shape: Shape) => sources(shape, integer, 'float32');

  it('of whatever shape: exactly where that is one number for each column', () => {
    const cases = fc.record({ lead: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }), m: length, k: fc.nat(4), n: length, drop: fc.nat(4), ones: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), turned: fc.boolean(), first: fc.boolean() }).chain(
      ({ lead, m, k, n, drop, ones, turned, first }) => {
        const out = [...lead, m, n];
        const bias = out.map((d, i) => (ones[i] ? 1 : d)).slice(drop);
        const a = turned ? [...lead, k, m] : [...lead, m, k];
        return fc.tuple(fc.constant({ out, bias, turned, first }), integers(a), integers([k, n]), integers(bias));
      },
    ); // prettier-ignore
    fc.assert(
      fc.property(cases, ([{ out, bias, turned, first }, ...made]) => {
        const last = (t: Tensor) => transpose(t, [...t.shape.keys()].map((i, _, { length: r }) => (i < r - 2 ? i : 2 * r - 3 - i))); // prettier-ignore
        const f = (a?: Tensor, w?: Tensor, b?: Tensor) => {
          const product = matmul(turned ? last(a!) : a!, w!);
          return first ? add(product, b!) : add(b!, product);
        };
        const { ops } = ran(f, made.map((s) => s.make(cpu))); // prettier-ignore
        assert.deepEqual(ops, runsAlong(out.length - 1, out, bias) ? { matmul: 1 } : { matmul: 1, add: 1 });
      }),
    );
  });

  it('of a convolution: exactly where that is one number for each channel, and the kernel takes the filters', () => {
    const cases = fc.record({ n: fc.integer({ min: 1, max: 3 }), groups: fc.integer({ min: 1, max: 3 }), c: fc.integer({ min: 1, max: 2 }), o: fc.integer({ min: 1, max: 3 }), padding: fc.nat(2), ones: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), channels: fc.boolean(), turned: fc.boolean() }).chain(
      ({ n, groups, c, o, padding, ones, channels, turned }) => {
        const out = [n, groups * o, 2 + 2 * padding, 3 + 2 * padding];
        const bias = channels ? [groups * o, 1, 1] : out.map((d, i) => (ones[i] ? 1 : d));
        return fc.tuple(fc.constant({ out, bias, turned, groups, padding }), integers([n, groups * c, 3, 4]), integers([groups * o, c, 2, 2]), integers(bias));
      },
    ); // prettier-ignore
    fc.assert(
      fc.property(cases, ([{ out, bias, turned, ...options }, ...made]) => {
        const { ops } = ran((a, w, b) => add(conv2d(a!, turned ? flip(w!) : w!, options), b!), made.map((s) => s.make(cpu))); // prettier-ignore
        assert.deepEqual(ops, runsAlong(1, out, bias) && !turned ? { conv2d: 1 } : { conv2d: 1, add: 1 });
      }),
    );
  });

  const [a, w, b] = [tensor([[1, 2], [3, -1]]), tensor([[1, -1, 2], [0, 3, 1]]), tensor([5, 7, -9])]; // prettier-ignore
  const product = (p?: Tensor, q?: Tensor) => matmul(p!, q!);
  const opsOf = (f: (...xs: Tensor[]) => unknown, ...xs: Tensor[]) => ran(f, xs).ops;

  it('unless somebody else needs the product', () => {
    const all = { matmul: 1, add: 1 };
    assert.deepEqual(
      opsOf((p, q, r) => [add(product(p, q), r!), product(p, q)], a, w, b),
      all,
    );
    assert.deepEqual(
      opsOf((p, q, r) => [add(product(p, q), r!), flip(product(p, q))], a, w, b),
      all,
    );
    assert.deepEqual(
      opsOf((p, q, r) => [add(product(p, q), r!), relu(product(p, q))], a, w, b),
      { ...all, relu: 1 },
    );
    assert.deepEqual(opsOf((p, q, r) => add(product(p, q), add(r!, sum(product(p, q), 0))), a, w, b), { matmul: 1, sum: 1, add: 2 }); // prettier-ignore
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
      opsOf((p, q, r) => sub(product(p, q), r!), a, w, b),
      { matmul: 1, sub: 1 },
    );
    assert.deepEqual(
      opsOf((p, q, r) => add(flip(product(p, q), 1), r!), a, w, b),
      { matmul: 1, add: 1 },
    );
    assert.deepEqual(
      opsOf((p, q, r) => add(slice(product(p, q), [0, 0], [1, 3]), r!), a, w, b),
      { matmul: 1, add: 1 },
    );
    assert.deepEqual(opsOf((p, q, r) => add(broadcastTo(product(p, q), [2, 2, 3]), r!), a, w, b), { matmul: 1, add: 1 }); // prettier-ignore
    assert.deepEqual(opsOf((p, q, r) => add(reshape(product(p, q), [3, 2]), r!), a, w, tensor([1, 2])), { matmul: 1, add: 1 }); // prettier-ignore
  });

  it('which may be a window on something, if it runs forwards in steps of one', () => {
    const wide = tensor([[9, 9, 9, 9, 9, 9, 9], [9, 5, 6, 7, 8, 9, 9]]); // prettier-ignore
    const part =
      (start: number[], length: number[], step = 1) =>
      (r: Tensor) =>
        slice(r, start, length, [1, step]);
    const bias = (window: (r: Tensor) => Tensor) => opsOf((p, q, r) => add(product(p, q), window(r!)), a, w, wide);
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
    assert.deepEqual(opsOf((p, q, r) => { const t = product(p, q); return add(t, square(r!)); }, a, w, b), { matmul: 1, square: 1 }); // prettier-ignore
    const rows = [tensor([[1, 2]]), w, tensor([[3, -2]]), tensor([[0, 1, 1], [2, 2, 5]]), tensor([[4, 4, 1]])]; // prettier-ignore
    assert.deepEqual(
      opsOf((p, q, r, s) => add(product(p, q), product(r, s)), ...rows),
      { matmul: 2 },
    );
    assert.deepEqual(opsOf((p, q, r, s, t) => add(t!, add(product(p, q), product(r, s))), ...rows), { matmul: 2, add: 1 }); // prettier-ignore
    assert.deepEqual(opsOf((p, q, r, s) => add(add(product(p, q), product(r, s)), product(p, s)), ...rows), { matmul: 3 }); // prettier-ignore
    const pixel = (t: Tensor, by: number) => conv2d(mul(reshape(t, [1, 6, 1, 1]), by), reshape(y, [1, 6, 1, 1]));
    assert.deepEqual(
      opsOf((t) => add(pixel(t!, 1), pixel(t!, 2)), y),
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

describe('a product that is needed transposed', () => {
  const swapped = (t: Tensor) => transpose(t, [...t.shape.keys()].map((i, _, { length: r }) => (i < r - 2 ? i : 2 * r - 3 - i))); // prettier-ignore

  it('is made so, batched or not, whoever reads it, bit for bit', () => {
    const cases = fc.record({ lead: fc.array(fc.nat(3), { maxLength: 2 }), m: fc.nat(5), k: fc.nat(5), n: fc.nat(5), dtype: fc.constantFrom('float32' as const, 'float64' as const), also: fc.constantFrom('', 'relu', 'result', 'twice') }).chain(
      ({ lead, m, k, n, dtype, also }) => {
        const of = dtype === 'float32' ? integer : number();
        return fc.tuple(fc.constant(also), sources([...lead, m, k], of, dtype), sources([k, n], of, dtype));
      },
    ); // prettier-ignore
    fc.assert(
      fc.property(cases, ([also, ...made]) => {
        const f = (p?: Tensor, q?: Tensor) => {
          const t = matmul(p!, q!);
          const turned = neg(swapped(t));
          return { turned, also: also === 'relu' ? relu(t) : also === 'result' ? t : also === 'twice' ? abs(swapped(t)) : 0 }; // prettier-ignore
        };
        const { ops } = ran(f, made.map((s) => s.make(cpu))); // prettier-ignore
        assert.equal(ops['matmul'], 1);
        assert.equal(ops['copy'], undefined);
      }),
    );
  });

  const [p, q] = [tensor([[1, 2], [3, -1], [0, 2]]), tensor([[1, -1, 2], [0, 3, 1]])]; // prettier-ignore

  it('joins what follows: a bias for each of its rows, a reshape, a product', () => {
    const bias = tensor([1, 2, 3]);
    assert.deepEqual(ran((a, b, c) => add(transpose(matmul(a!, b!)), c!), [p, q, bias]).ops, { matmul: 1 });
    assert.deepEqual(ran((a, b) => reshape(transpose(matmul(a!, b!)), [9]), [p, q]).ops, { matmul: 1 });
    assert.deepEqual(ran((a, b) => transpose(matmul(transpose(matmul(a!, b!)), a!)), [p, q]).ops, { matmul: 2 });
    assert.deepEqual(ran((a) => transpose(matmul(transpose(a!), a!)), [p]).ops, { matmul: 1 });
  });

  it('stays as it is where something else reads it too, or other axes are exchanged', () => {
    const copy = { matmul: 1, copy: 1 };
    const turned = (t: Tensor) => reshape(transpose(t), [9]);
    assert.deepEqual(ran((a, b) => { const t = matmul(a!, b!); return [t, turned(t)]; }, [p, q]).ops, copy); // prettier-ignore
    assert.deepEqual(ran((a, b) => { const t = matmul(a!, b!); return [sum(t), turned(t)]; }, [p, q]).ops, { ...copy, sum: 1 }); // prettier-ignore
    const batch = [full([2, 3, 2], 2), full([2, 2, 3], 3)];
    assert.deepEqual(ran((a, b) => reshape(transpose(matmul(a!, b!), [2, 0, 1]), [18]), batch).ops, copy);
    assert.deepEqual(ran((a, b) => reshape(transpose(matmul(a!, b!), [0, 2, 1]), [18]), batch).ops, { matmul: 1 });
    assert.deepEqual(ran((a, b) => reshape(transpose(matmul(a!, b!), [1, 0, 2]), [18]), batch).ops, copy);
  });
});
