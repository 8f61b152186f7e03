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

/** A byte offset that runs along with the loops; what has the same strides shares it. */
interface Cursor {
  readonly stride: readonly number[];
  /** Where it begins: 0, or the address of what runs backwards, which shares with nobody. */
  readonly start: Pointer;
}

/** Where the next element lies: this far behind a cursor. */
interface Place {
  readonly cursor: number;
  readonly offset: Pointer;
}

/** How a chain goes through memory: loops over `dims`, the innermost last. */
interface Walk {
  readonly dims: readonly number[];
  readonly cursors: readonly Cursor[];
  /** The operands; `step` from one element of the innermost axis to the next. */
  readonly reads: readonly (Place & { readonly step: number })[];
  readonly writes: readonly (Place & { readonly value: number })[];
}

function walkOf({ shape, operands, results }: Chain): Walk {
  const size = shape.reduce((a, b) => a * b, 1);
  const rowMajor = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const merged = mergeAxes(shape, [...operands.map(({ stride }) => stride), rowMajor]);
  const dims = size === 1 ? [1] : merged.shape;
  const strides = merged.strides.map((s) => (size === 1 ? [0] : s));
  const own = strides.pop()!;

  const cursors: Cursor[] = [];
  const placeOf = (stride: readonly number[], at: Pointer): Place => {
    const start = stride.some((s) => s < 0) ? at : 0;
    let cursor = cursors.findIndex((c) => c.start === start && c.stride.every((s, i) => s === stride[i]));
    if (cursor < 0) cursor = cursors.push({ stride, start }) - 1;
    return { cursor, offset: start === 0 ? at : 0 };
  };
  const reads = operands.map(({ at }, i) => ({ ...placeOf(strides[i]!, at), step: strides[i]!.at(-1)! }));
  const writes = results.map(({ value, at }) => ({ ...placeOf(own, at), value }));
  return { dims, cursors, reads, writes };
}

/** The numbers of a function's locals: its cursors, a counter for each loop, then its values. */
interface Locals {
  readonly counter: (axis: number) => number;
  readonly value: (i: number) => number;
}

function bodyOf(chain: Chain): Body {
  const walk = walkOf(chain);
  const { dims, cursors, reads } = walk;
  const counter = (axis: number): number => cursors.length + axis;
  const value = (i: number): number => counter(dims.length) + i;
  const compute = chain.calls.map(({ op, ins }, i) => {
    const [x, y, z] = ins.map((id) => get(value(id))) as [Code, Code, Code];
    return [chainOp(op)!.code(x, y, z), set(value(reads.length + i))];
  });
  const starts = cursors.map(({ start }, i) => (start === 0 ? [] : [int(start), set(i)]));
  const code = [starts, loops(walk, compute, { counter, value })];
  return { ints: counter(dims.length), vectors: reads.length + chain.calls.length, code };
}

/** One loop in another, with the innermost axis inside. */
function loops(walk: Walk, compute: Code, locals: Locals): Code {
  const { dims, cursors } = walk;
  let code = alongRow(walk, compute, locals);
  for (let axis = dims.length - 2; axis >= 0; axis--) {
    const toNext = cursors.map(({ stride }, i) =>
      advance(i, 4 * (stride[axis]! - dims[axis + 1]! * stride[axis + 1]!)),
    );
    code = repeat(dims[axis]!, locals.counter(axis), [code, toNext]);
  }
  return code;
}

/** The innermost axis: four elements at a time, then one by one; what is repeated is read once. */
function alongRow({ dims, cursors, reads, writes }: Walk, compute: Code, { counter, value }: Locals): Code {
  const last = dims.length - 1;
  const each = (read: (place: Walk['reads'][number], to: number) => Code): Code =>
    reads.map((place, i) => (place.step === 0 ? [] : read(place, value(i))));
  const move = (by: number): Code => cursors.map(({ stride }, i) => advance(i, 4 * by * stride[last]!));
  const keep = (store: (offset: number) => Code): Code =>
    writes.map((w) => [get(w.cursor), get(value(w.value)), store(w.offset)]);
  const readOne = ({ cursor, offset }: Place, to: number): Code => [get(cursor), loadRepeated(offset), set(to)];

  const repeated = reads.map((place, i) => (place.step === 0 ? readOne(place, value(i)) : []));
  const four = [each(readFour), compute, keep(storeFour), move(4)];
  const single = [each(readOne), compute, keep(storeFirst), move(1)];
  const n = dims[last]!;
  return [repeated, repeat(Math.floor(n / 4), counter(last), four), repeat(n % 4, counter(last), single)];
}

/** Reads four elements, lane by lane where they do not follow one another. */
function readFour({ cursor, offset, step }: Walk['reads'][number], to: number): Code {
  if (step === 1) return [get(cursor), loadFour(offset), set(to)];
  const others = [1, 2, 3].map((i) => [get(cursor), int(offset + 4 * step * i), 0x6a, get(to), loadLane(i), set(to)]);
  return [get(cursor), loadFirst(offset), set(to), others];
}

/** A loop of `times` rounds; no loop at all for one round or none. */
function repeat(times: number, counter: number, code: Code): Code {
  if (times <= 1) return times === 1 ? code : [];
  const down = [get(counter), int(1), 0x6b, 0x22, unsigned(counter)]; // and look at it
  return [int(times), set(counter), 0x03, 0x40, code, down, 0x0d, 0, 0x0b];
}
