import ndarray from 'ndarray';
import { allocate, type DType } from '../../../core/dtype.js';
import type { Loop, View } from '../../../core/tensor.js';
import { isContiguous, offsetsOf, viewOf } from '../../../core/view.js';

/** The body of a loop, made ready: where its inputs and outputs lie, and how it runs once. */
export interface Body {
  readonly inputs: readonly Place[];
  readonly outputs: readonly Place[];
  /** By input: whether it lies where the loop's own input does. */
  readonly outside: (input: number) => boolean;
  /** Carried outputs that are computed in the place of their input. */
  readonly inPlace: ReadonlySet<number>;
  readonly actions: readonly (() => void)[];
}

/** A value of the body, and its buffer. */
interface Place {
  readonly root: number;
  readonly view: View;
  readonly dtype: DType;
}

/** Runs a body over slices of what comes in, and puts its outputs where they belong. */
export function loopOver(
  { carried, sliced, length, reverse, until, guarded }: Loop,
  body: Body,
  ins: readonly View[],
  outs: readonly View[],
): () => void {
  const enter = ins.flatMap((from, k) =>
    (k < carried || k >= carried + sliced) && !body.outside(k) ? [copier(from, body.inputs[k]!.view)] : [],
  );
  const load = ins.slice(carried, carried + sliced).map((from, k) => {
    const copy = copier(sliceOf(from), body.inputs[carried + k]!.view);
    return (i: number) => {
      copy(i * from.stride[0]!, 0);
    };
  });
  const store = outs.slice(carried).map((to, k) => {
    const copy = copier(body.outputs[carried + k]!.view, sliceOf(to));
    return (i: number) => {
      copy(0, i * to.stride[0]!);
    };
  });
  const advance = advancer(body, carried);
  const leave = outs.slice(0, carried).map((to, k) => copier(body.inputs[k]!.view, to));
  const stopped = until === undefined ? () => false : isZero(body.inputs[until]!.view);
  const shut = guarded ? isZero(body.inputs[carried + sliced]!.view) : () => false;
  const at = (n: number): number => (reverse ? length - 1 - n : n);
  return () => {
    for (const copy of enter) copy(0, 0);
    const skipped = shut();
    if (skipped) for (const { data, offset, size } of outs.slice(carried)) data.fill(0, offset, offset + size);
    for (let n = 0; n < length && !skipped; n++) {
      const last = stopped();
      for (const copy of load) copy(at(n));
      for (const action of body.actions) action();
      const end = last ? length : n + 1;
      for (const copy of store) for (let k = n; k < end; k++) copy(at(k));
      advance();
      if (last) break;
    }
    for (const copy of leave) copy(0, 0);
  };
}

/** Moves what is carried to where the next step looks for it. */
function advancer({ inputs, outputs, inPlace }: Body, carried: number): () => void {
  const first = inputs.slice(0, carried);
  const places = new Set(first.map(({ root }) => root));
  const stays = (k: number): boolean =>
    inPlace.has(k) || (outputs[k]!.root === first[k]!.root && isContiguous(outputs[k]!.view));
  const moves = first.flatMap((to, k) => {
    if (stays(k)) return [];
    const { view, root, dtype } = outputs[k]!;
    // What lies in the place of something carried is put aside before that is overwritten.
    const aside = places.has(root) ? viewOf(allocate(dtype, view.size), view.shape) : undefined;
    return [{ from: view, aside, to: to.view }];
  });
  const before = moves.flatMap(({ from, aside }) => (aside ? [copier(from, aside)] : []));
  const after = moves.map(({ from, aside, to }) => copier(aside ?? from, to));
  return () => {
    for (const copy of before) copy(0, 0);
    for (const copy of after) copy(0, 0);
  };
}

/** Tells whether all elements of a row-major view are 0. */
const isZero =
  ({ data, offset, size }: View): (() => boolean) =>
  () => {
    for (let i = offset; i < offset + size; i++) if (data[i] !== 0) return false;
    return true;
  };

/** The first slice along the first axis. */
const sliceOf = ({ data, shape, stride, offset }: View): View => ndarray(data, shape.slice(1), stride.slice(1), offset);

/** Copies the elements of one view to another that is row-major, both moved on by some elements. */
function copier(from: View, to: View): (fromShift: number, toShift: number) => void {
  const { size } = to;
  const at = isContiguous(from) ? undefined : offsetsOf(from.shape, from.stride, 0);
  const together = from.data.buffer === to.data.buffer;
  return (fromShift, toShift) => {
    const [a, b] = [from.offset + fromShift, to.offset + toShift];
    if (at) for (let i = 0; i < size; i++) to.data[b + i] = from.data[a + at[i]!]!;
    else if (together) to.data.copyWithin(b, a, a + size);
    else to.data.set(from.data.subarray(a, a + size), b);
  };
}
