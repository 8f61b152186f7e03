import { allocate, type DType } from '../../core/dtype.js';
import { sizeOf } from '../../core/shape.js';
import type { AnyOp, Spec } from '../../core/tensor.js';
import { dense, stridedView } from '../../core/view.js';
import { runOnDense } from '../ndarray-storage.js';
import { layout } from '../plan/layout.js';
import { checkExact } from './engine/floats.js';
import { isNumber, type Window } from './engine/memory.js';
import type { Entry } from './ops/entry.js';
import { atOnce, checkSizes, place, toDType, type Place } from './transfer.js';

/** What an op is run on. */
export interface Operand {
  readonly dtype: DType;
  readonly window: Window;
}

/** Runs an op: windows on its outputs, of their shapes. */
export type Run = (op: AnyOp, ins: readonly Operand[], outs: readonly Spec[], attrs: unknown) => readonly Window[];

/** A way to run an op; null where it is not for such an op, or not for such operands. */
type Way = (...call: Parameters<Run>) => readonly Window[] | null;

/** Runs ops in the first way that fits; `entryOf` finds the kernels of an op. */
export function createDispatch(at: Place, entryOf: (op: AnyOp) => Entry | undefined): Run {
  const ways = [nothing(at), view(at), fill(at), number(at), kernels(at, entryOf)];
  const last = definition(at);
  return (...call) => {
    for (const way of ways) {
      const made = way(...call);
      if (made) return made;
    }
    return last(...call);
  };
}

/** Results without elements. */
const nothing =
  ({ gpu: { memory } }: Place): Way =>
  (_op, _ins, outs) =>
    outs.every(({ shape }) => sizeOf(shape) === 0)
      ? outs.map(({ shape, dtype }) => memory.held(allocate(dtype, 0), shape))
      : null;

/** A window on the input, or on a row-major copy of it where that has none of the kind. */
const view =
  (at: Place): Way =>
  (op, ins, outs, attrs) => {
    if (!op.view) return null;
    const { memory, dense: copyOf } = at.gpu;
    const [{ window: x, dtype }, { shape }] = [ins[0]!, outs[0]!];
    const shown = op.view(x.view, shape, attrs);
    if (shown) return [memory.window(x, shown)];
    const from = x.view.shape;
    const copy = x.ticket.block.host ? place(at.gpu, dense(atOnce(op.name, at, x)), { shape: from, dtype }) : copyOf(x);
    return [memory.window(copy, op.view(layout(from), shape, attrs)!)];
  };

/** The same number everywhere, which takes one element. */
const fill =
  (at: Place): Way =>
  (op, _ins, outs, attrs) =>
    op.traits?.fill ? [filled(at, outs[0]!, op.traits.fill(attrs))] : null;

/** An elementwise op of numbers in main memory. */
const number =
  (at: Place): Way =>
  (op, ins, outs) => {
    const f = outs[0]!.dtype === 'int32' ? (op.integer ?? op.scalar) : op.scalar;
    if (!f || !ins.every(({ window }) => isNumber(window))) return null;
    return [filled(at, outs[0]!, f(...ins.map(({ window }) => window.ticket.block.host![0]!)))];
  };

/** Kernels on the device, of operands that have elements. */
const kernels =
  ({ name, gpu }: Place, entryOf: (op: AnyOp) => Entry | undefined): Way =>
  (op, ins, outs, attrs) => {
    const entry = entryOf(op);
    const hasElements = ({ window }: Operand): boolean => sizeOf(window.view.shape) > 0;
    const given = op.traits?.skipsEmpty ? ins.filter(hasElements) : ins;
    if (!entry || isForHost(ins) || !given.every(hasElements)) return null;
    const windows = given.map(({ window }) => window);
    checkSizes(op.name, name, [...windows.map((x) => x.view.shape), ...outs.map(({ shape }) => shape)]);
    for (const { block } of windows.map(({ ticket }) => ticket))
      if (block.host && !block.handle) checkExact(op.name, block.host);
    return entry(gpu, windows, outs, attrs);
  };

/**
 * True where all operands are in main memory and none would gain by leaving it: integers, doubles,
 * and scalars.
 */
const isForHost = (ins: readonly Operand[]): boolean =>
  ins.every(({ window }) => window.ticket.block.host !== null) &&
  (ins.some(({ dtype }) => dtype !== 'float32') || ins.every(({ window }) => sizeOf(window.view.shape) === 1));

/** The op's own definition, in main memory. */
const definition =
  (at: Place): Run =>
  (op, ins, outs, attrs) => {
    const known = ins.map(({ dtype, window }) => ({
      data: toDType(dtype, dense(atOnce(op.name, at, window))),
      shape: window.view.shape,
    }));
    return runOnDense(op, known, outs, attrs).map(({ data }, i) => place(at.gpu, data, outs[i]!));
  };

function filled({ gpu: { memory } }: Place, { shape, dtype }: Spec, value: number): Window {
  const still = shape.map(() => 0);
  return memory.held(allocate(dtype, 1).fill(value), shape, stridedView(layout([1]), shape, still, 0));
}
