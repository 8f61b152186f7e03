import type { Shape } from '../../../../core/shape.js';
import { mergeAxes } from '../../../../core/view.js';
import { chainOp, functions } from './arithmetic.js';
import { encodeModule, signed, simd, unsigned, type Body, type Code } from './encoder.js';
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
    return [chainOp(op)!.code(x, y, z), set(value(operands.length + i))];
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
