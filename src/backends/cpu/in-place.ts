import type { Program } from '../../core/tensor.js';
import { isContiguous } from '../../core/view.js';
import { readsOf, type Places, type Step } from './step.js';

/** A result that is computed in the place of an argument: positions among the outputs and the inputs of a program. */
export interface InPlace {
  readonly output: number;
  readonly input: number;
}

/**
 * Results that can take the places of donated arguments, so that state stays where it is from call to call: the n-th of its dtype and shape
 * takes the place of the n-th such argument, as state that comes out in the structure in which it went in does. Nothing may read the argument after the
 * step that makes the result, and that step itself only if it is a chain, which reads each element before it writes there.
 */
export function inPlace(
  { values, inputs, outputs }: Program,
  donated: readonly boolean[],
  places: Places,
  steps: readonly Step[],
): InPlace[] {
  const rootOf = (id: number): number => places.get(id)!.root;
  const lastRead = new Map<number, number>();
  const writer = new Map<number, number>();
  steps.forEach((step, i) => {
    for (const id of readsOf(step)) lastRead.set(rootOf(id), i);
    for (const id of step.outs) writer.set(rootOf(id), i);
  });
  const kind = (id: number): string => `${values[id]!.dtype} ${values[id]!.shape.join()}`;
  const counted = (ids: readonly number[]): string[] => {
    const seen = new Map<string, number>();
    return ids.map((id) => {
      const nth = seen.get(kind(id)) ?? 0;
      seen.set(kind(id), nth + 1);
      return `${kind(id)} ${nth}`;
    });
  };
  const given = inputs.flatMap((id, i) => (donated[i] ? [{ id, i }] : []));
  const slots = new Map(counted(given.map(({ id }) => id)).map((name, k) => [name, given[k]!]));
  const resultRoots = outputs.map(rootOf);

  const whole = (id: number): boolean => {
    const { view } = places.get(id)!;
    return view.offset === 0 && isContiguous(view);
  };
  return counted(outputs).flatMap((name, output) => {
    const [id, slot] = [outputs[output]!, slots.get(name)];
    const root = rootOf(id);
    const made = writer.get(root);
    if (!slot || made === undefined || !whole(id) || values[id]!.shape.includes(0)) return [];
    const from = rootOf(slot.id);
    if (resultRoots.filter((r) => r === root).length > 1 || resultRoots.includes(from)) return [];
    const last = lastRead.get(from) ?? -1;
    const { chain, ins } = steps[made]!;
    const safe = last < made || (last === made && chain && ins.every((x) => rootOf(x) !== from || whole(x)));
    return safe ? [{ output, input: slot.i }] : [];
  });
}
