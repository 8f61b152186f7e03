import type { Shape } from '../../core/shape.js';
import { lent } from '../../core/storage.js';
import type { Backend, Call, Id, Program, View } from '../../core/tensor.js';
import { viewOf } from '../../core/view.js';
import { rootIn, type Place, type Places, type Step } from './step.js';

const nothing = new Float32Array(0);
/** A row-major view without elements. */
export const layout = (shape: Shape): View => viewOf(nothing, shape);

/**
 * A program taken apart: where its values lie, what is known beforehand, and what is left to do.
 */
export interface Laid<S> {
  readonly places: Places;
  /** By buffer, the value that it was made for. */
  readonly roots: readonly Id[];
  /** Buffers that are needed in the end. */
  readonly results: ReadonlySet<number>;
  /** Storage of constants, and of what follows from them. */
  readonly known: ReadonlyMap<Id, S>;
  /** The views of other values, by their results. */
  readonly views: ReadonlyMap<Id, Call>;
  readonly steps: readonly Step[];
}

/**
 * Strides of every value, the buffers they lie in, and the steps that are left: views are none, nor
 * are calls on constants, which `device` makes at once. `constant` is the storage of a constant as
 * the device's ops take it.
 */
export function layOut<S>(
  { values, inputs, constants, calls, outputs }: Program,
  device: Backend,
  constant: (storage: unknown) => S,
): Laid<S> {
  const places = new Map<Id, Place>();
  const roots: Id[] = [];
  const known = new Map<Id, S>();
  const views = new Map<Id, Call>();
  const steps: Step[] = [];
  const placeNew = (id: Id): void => {
    places.set(id, { root: roots.push(id) - 1, view: layout(values[id]!.shape) });
  };
  const evaluate = ({ op, ins, outs, attrs }: Call): void => {
    const tensors = ins.map((id) => lent(values[id]!, device, known.get(id)));
    const made = device.run(
      op,
      tensors,
      outs.map((id) => values[id]!),
      attrs,
    );
    outs.forEach((id, i) => known.set(id, made[i] as S));
  };
  inputs.forEach(placeNew);
  for (const [id, storage] of constants) {
    known.set(id, constant(storage));
    placeNew(id);
  }
  for (const call of calls) {
    const { op, ins, outs, attrs } = call;
    const beforehand = !op.loop && ins.every((id) => known.has(id));
    if (beforehand) evaluate(call);
    else if (op.view) views.set(outs[0]!, call);
    const from = op.view && places.get(ins[0]!)!;
    const window = from && op.view!(from.view, values[outs[0]!]!.shape, attrs);
    if (window) {
      places.set(outs[0]!, { root: from.root, view: window });
      continue;
    }
    outs.forEach(placeNew);
    if (!beforehand) steps.push({ calls: op.view ? [] : [call], ins, outs });
  }
  return { places, roots, results: new Set(outputs.map(rootIn(places))), known, views, steps };
}
