import { BYTES } from '../../core/dtype.js';
import type { Call, Id, PlanStep, Program, View } from '../../core/tensor.js';

/** Where a value lies: strides and offset (in elements) within a buffer of the plan. */
export interface Place {
  readonly root: number;
  readonly view: View;
}
export type Places = ReadonlyMap<Id, Place>;

/** Tells the buffer of a value. */
export const rootIn =
  (places: Places) =>
  (id: Id): number =>
    places.get(id)!.root;

/**
 * What a plan does at one point: a kernel, elementwise kernels on the same elements, or a row-major
 * copy of an input that a view needs.
 */
export interface Step {
  /** None: a copy. More than one, or a sole elementwise call: a chain. */
  readonly calls: readonly Call[];
  readonly chain?: boolean;
  readonly ins: readonly Id[];
  readonly outs: readonly Id[];
  /** What a product adds to each of its rows (convolution) or columns (matmul). */
  readonly bias?: Id;
}

/** Everything that a step reads. */
export const readsOf = ({ ins, bias }: Step): readonly Id[] => (bias === undefined ? ins : [...ins, bias]);

/** The names of its ops; that of a copy where there is none. */
export const namesOf = ({ calls }: Pick<Step, 'calls'>): readonly string[] =>
  calls.length > 0 ? calls.map(({ op }) => op.name) : ['copy'];

/** A step as whoever measures a plan sees it. */
export function described(
  { calls, ins, outs }: Pick<Step, 'calls' | 'ins' | 'outs'>,
  values: Program['values'],
  places: Places,
): PlanStep {
  const specs = (ids: readonly Id[]) => ids.map((id) => values[id]!);
  return {
    calls: calls.map((call) => ({ op: call.op, ins: specs(call.ins), outs: specs(call.outs), attrs: call.attrs })),
    ins: specs(ins),
    outs: specs(outs),
    bytes: [...ins, ...outs].reduce((n, id) => n + elementsOf(places.get(id)!.view) * BYTES[values[id]!.dtype], 0),
  };
}

/** Elements of memory that a view sees; what it repeats counts once. */
const elementsOf = ({ shape, stride, size }: View): number =>
  size === 0 ? 0 : shape.reduce((n, d, axis) => (stride[axis] === 0 ? n : n * d), 1);
