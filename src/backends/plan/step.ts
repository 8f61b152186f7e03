import type { Call, Id, View } from '../../core/tensor.js';

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
