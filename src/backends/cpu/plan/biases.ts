import { sameShape } from '../../../core/shape.js';
import type { Id } from '../../../core/tensor.js';
import { isContiguous } from '../../../core/view.js';
import { readsOf, rootIn, type Place, type Places, type Step } from '../../plan/step.js';

/**
 * Makes a product and the addition of a bias to it one step, where nothing else reads the product:
 * its sums then start at the bias. `axisOf` tells along which axis of its result, counted from the
 * back where negative, a step's kernel takes one, if at all; `results` are buffers that are needed
 * in the end.
 */
export function addBiases(
  steps: readonly Step[],
  places: Places,
  results: ReadonlySet<number>,
  axisOf: (step: Step) => number | undefined,
): Step[] {
  const rootOf = rootIn(places);
  const readers = new Map<number, number[]>();
  steps.forEach((step, i) => {
    for (const id of readsOf(step)) {
      const root = rootOf(id);
      readers.set(root, [...(readers.get(root) ?? []), i]);
    }
  });
  const changed = new Map<number, Step | undefined>();
  steps.forEach((step, i) => {
    const axis = axisOf(step);
    if (axis === undefined) return;
    const product = places.get(step.outs[0]!)!;
    const [at, ...others] = readers.get(product.root) ?? [];
    if (at === undefined || others.length > 0 || results.has(product.root) || changed.has(at)) return;
    const bias = biasOf(steps[at]!, product, places, axis);
    if (bias === undefined) return;
    changed.set(i, undefined);
    changed.set(at, { ...step, bias, outs: steps[at]!.outs });
  });
  return steps.flatMap((step, i) => (changed.has(i) ? (changed.get(i) ?? []) : [step]));
}

/**
 * What a step adds to a product, if that is the same number along all axes of the product but one.
 */
function biasOf({ calls, ins }: Step, product: Place, places: Places, axis: number): Id | undefined {
  if (!calls[0]?.op.traits?.addition) return undefined;
  const at = ins.findIndex((id) => {
    const { root, view } = places.get(id)!;
    return root === product.root && isContiguous(view) && sameShape(view.shape, product.view.shape);
  });
  if (at < 0) return undefined;
  const id = ins[1 - at]!;
  const { shape, stride } = places.get(id)!.view;
  const along = axis < 0 ? shape.length + axis : axis;
  const fits = shape.every((d, i) => d === 1 || stride[i] === (i === along ? 1 : 0));
  return fits ? id : undefined;
}
