import type { Shape } from '../../../../core/shape.js';
import { mergeAxes } from '../../../../core/view.js';
import { encodeModule, signed, unsigned, type Body, type Code } from './encoder.js';
import type { Pointer } from '../wasm/kernels.js';

// Elementwise ops one after another over the same elements, as one loop that is generated for them:
// what only they need stays in registers. The arithmetic of each op is the one of
// kernels/simd/elements.ts, so results are the same to the last bit.

/**
 * Elementwise calls on equal positions of one shape; values are numbered, the operands first and
 * then each call's result.
 */
export interface Chain {
  readonly shape: Shape;
  /** Strides in elements, 0 where an operand is repeated. */
  readonly operands: readonly { readonly at: Pointer; readonly stride: readonly number[] }[];
  readonly calls: readonly { readonly op: string; readonly ins: readonly number[] }[];
  /** The values that are kept, row-major. */
  readonly results: readonly { readonly value: number; readonly at: Pointer }[];
}

const get = (local: number): Code => [0x20, unsigned(local)];
const set = (local: number): Code => [0x21, unsigned(local)];
const int = (n: number): Code => [0x41, signed(n)];
const simd = (code: number, ...rest: Code[]): Code => [0xfd, unsigned(code), rest];
const advance = (local: number, by: number): Code => (by === 0 ? [] : [get(local), int(by), 0x6a, set(local)]);
/**
 * Where a memory instruction looks, from the address on the stack on; elements need not be aligned
 * to more than 4 bytes.
 */
const from = (offset: number): Code => [2, unsigned(offset)];

const loadFour = (offset: number): Code => simd(0x00, from(offset));
const loadRepeated = (offset: number): Code => simd(0x09, from(offset));
const loadFirst = (offset: number): Code => simd(0x5c, from(offset));
const loadLane = (lane: number): Code => simd(0x56, from(0), lane);
const storeFour = (offset: number): Code => simd(0x0b, from(offset));
const storeFirst = (offset: number): Code => simd(0x5a, from(offset), 0);
const constant = (x: number): Code => {
  const bytes = new Uint8Array(Float32Array.of(x, x, x, x).buffer);
  return simd(0x0c, [...bytes]);
};
const [zero, one] = [constant(0), constant(1)];
const [and, bitselect] = [simd(0x4e), simd(0x52)];
const [ne, le] = [simd(0x42), simd(0x45)];
const [sqrt, mul, div] = [simd(0xe3), simd(0xe6), simd(0xe7)];

const truth = (code: number) => (x: Code, y: Code) => [x, y, simd(code), one, and];

/** Functions of the kernels that chains call. */
const functions = [
  { name: 'exp', operands: 1 },
  { name: 'log', operands: 1 },
  { name: 'tanh', operands: 1 },
  { name: 'sigmoid', operands: 1 },
  { name: 'sign', operands: 1 },
  { name: 'gate', operands: 2 },
  { name: 'gateSlope', operands: 2 },
] as const;
const call = (name: (typeof functions)[number]['name']): Code => [0x10, functions.findIndex((f) => f.name === name)];

/** An elementwise op in a chain. */
interface ChainOp {
  /** Its code on operands that are code themselves. */
  readonly code: (x: Code, y: Code, z: Code) => Code;
  /** Whether its results differ from those of Math in the last bits. */
  readonly inexact?: true;
}
const exact = (code: ChainOp['code']): ChainOp => ({ code });
const inexact = (code: ChainOp['code']): ChainOp => ({ code, inexact: true });

const ops: Readonly<Record<string, ChainOp>> = {
  abs: exact((x) => [x, simd(0xe0)]),
  neg: exact((x) => [x, simd(0xe1)]),
  sqrt: exact((x) => [x, sqrt]),
  square: exact((x) => [x, x, mul]),
  relu: exact((x) => [zero, x, x, zero, le, bitselect]),
  reciprocal: exact((x) => [one, x, div]),
  rsqrt: inexact((x) => [one, x, sqrt, div]),
  sign: exact((x) => [x, call('sign')]),
  exp: inexact((x) => [x, call('exp')]),
  log: inexact((x) => [x, call('log')]),
  tanh: inexact((x) => [x, call('tanh')]),
  sigmoid: inexact((x) => [x, call('sigmoid')]),
  add: exact((x, y) => [x, y, simd(0xe4)]),
  sub: exact((x, y) => [x, y, simd(0xe5)]),
  mul: exact((x, y) => [x, y, mul]),
  div: exact((x, y) => [x, y, div]),
  minimum: exact((x, y) => [x, y, simd(0xe8)]),
  maximum: exact((x, y) => [x, y, simd(0xe9)]),
  equal: exact(truth(0x41)),
  notEqual: exact(truth(0x42)),
  less: exact(truth(0x43)),
  greater: exact(truth(0x44)),
  lessEqual: exact(truth(0x45)),
  greaterEqual: exact(truth(0x46)),
  gate: inexact((x, y) => [x, y, call('gate')]),
  where: exact((x, y, z) => [y, z, x, zero, ne, bitselect]),
  gateGrad: inexact((x, y, z) => [x, y, z, call('gateSlope'), mul]),
};

/** What chains know of an op; undefined where it cannot be in one. */
export const chainOp = (op: string): ChainOp | undefined => (Object.hasOwn(ops, op) ? ops[op] : undefined);

/**
 * A module with a function for each chain, exported by its number; `sharedUpTo` as in `Imports`.
 */
export const encodeChains = (chains: readonly Chain[], sharedUpTo?: number): Uint8Array =>
  encodeModule({ functions, sharedUpTo }, chains.map(bodyOf));

function bodyOf({ shape, operands, calls, results }: Chain): Body {
  const size = shape.reduce((a, b) => a * b, 1);
  const rowMajor = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const merged = mergeAxes(shape, [...operands.map(({ stride }) => stride), rowMajor]);
  const dims = size === 1 ? [1] : merged.shape;
  const strides = merged.strides.map((s) => (size === 1 ? [0] : s));
  const own = strides.pop()!;
  const rank = dims.length;

  // Operands with the same strides share a cursor, a byte offset to which each adds its address;
  // one that runs backwards has its own, from its address on.
  const cursors: { readonly stride: readonly number[]; readonly start: number }[] = [];
  const cursorOf = (stride: readonly number[], at: Pointer): { cursor: number; offset: number } => {
    const start = stride.some((s) => s < 0) ? at : 0;
    let cursor = cursors.findIndex((c) => c.start === start && c.stride.every((s, i) => s === stride[i]));
    if (cursor < 0) cursor = cursors.push({ stride, start }) - 1;
    return { cursor, offset: start === 0 ? at : 0 };
  };
  const reads = operands.map(({ at }, i) => ({ ...cursorOf(strides[i]!, at), step: strides[i]![rank - 1]! }));
  const writes = results.map(({ value, at }) => ({ ...cursorOf(own, at), value }));
  const counters = cursors.length;
  const ints = counters + rank;
  const value = (i: number): number => ints + i;

  /** The calls on operands that are in their locals. */
  const compute = calls.map(({ op, ins }, i) => {
    const [x, y, z] = ins.map((id) => get(value(id))) as [Code, Code, Code];
    return [ops[op]!.code(x, y, z), set(value(operands.length + i))];
  });
  const gather = (cursor: number, offset: number, step: number, to: number): Code => [
    [get(cursor), loadFirst(offset), set(to)],
    [1, 2, 3].map((i) => [get(cursor), int(offset + 4 * step * i), 0x6a, get(to), loadLane(i), set(to)]),
  ];
  const move = (by: number): Code => cursors.map(({ stride }, i) => advance(i, 4 * by * stride[rank - 1]!));
  const repeated = reads.map(({ cursor, offset, step }, i) =>
    step === 0 ? [get(cursor), loadRepeated(offset), set(value(i))] : [],
  );
  const four: Code = [
    reads.map(({ cursor, offset, step }, i) =>
      step === 0
        ? []
        : step === 1
          ? [get(cursor), loadFour(offset), set(value(i))]
          : gather(cursor, offset, step, value(i)),
    ),
    compute,
    writes.map((w) => [get(w.cursor), get(value(w.value)), storeFour(w.offset)]),
    move(4),
  ];
  const single: Code = [
    reads.map(({ cursor, offset, step }, i) => (step === 0 ? [] : [get(cursor), loadRepeated(offset), set(value(i))])),
    compute,
    writes.map((w) => [get(w.cursor), get(value(w.value)), storeFirst(w.offset)]),
    move(1),
  ];
  const repeat = (times: number, counter: number, code: Code): Code => {
    if (times <= 1) return times === 1 ? code : [];
    const down = [get(counter), int(1), 0x6b, 0x22, unsigned(counter)]; // and look at it
    return [int(times), set(counter), 0x03, 0x40, code, down, 0x0d, 0, 0x0b];
  };
  const n = dims[rank - 1]!;
  const inner = counters + rank - 1;
  let code: Code = [repeated, repeat(Math.floor(n / 4), inner, four), repeat(n % 4, inner, single)];
  for (let axis = rank - 2; axis >= 0; axis--) {
    const toNext = cursors.map(({ stride }, i) =>
      advance(i, 4 * (stride[axis]! - dims[axis + 1]! * stride[axis + 1]!)),
    );
    code = repeat(dims[axis]!, counters + axis, [code, toNext]);
  }
  const starts = cursors.map(({ start }, i) => (start === 0 ? [] : [int(start), set(i)]));
  return { ints, vectors: operands.length + calls.length, code: [starts, code] };
}
