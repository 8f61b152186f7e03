import { sizeOf } from '../../../core/shape.js';
import type { Program } from '../../../core/tensor.js';
import { isContiguous } from '../../../core/view.js';
import { readsOf, rootIn, type Places, type Step } from '../../plan/step.js';

/**
 * A result that is computed in the place of an argument: positions among the outputs and the inputs
 * of a program.
 */
export interface InPlace {
  readonly output: number;
  readonly input: number;
}

/**
 * Results that can take the places of donated arguments, so that state stays where it is from call
 * to call: the n-th of its dtype and shape takes the place of the n-th such argument, as state that
 * comes out in the structure in which it went in does. Nothing may read the argument after the step
 * that makes the result, and that step itself only if it reads each element before it writes there.
 * Nor may a later step fail, since an argument survives a call that does: ops that look up integers
 * do, where these are out of range. `inOrder` tells the steps that read each element of their
 * row-major inputs before they write there.
 */
export function inPlace(
  { values, inputs, outputs }: Program,
  donated: readonly boolean[],
  places: Places,
  steps: readonly Step[],
  inOrder: (step: Step) => boolean,
): InPlace[] {
  const rootOf = rootIn(places);
  const lastRead = new Map<number, number>();
  const writer = new Map<number, { readonly step: number; readonly size: number }>();
  const sizeOfValue = (id: number): number => sizeOf(values[id]!.shape);
  steps.forEach((step, i) => {
    for (const id of readsOf(step)) lastRead.set(rootOf(id), i);
    for (const id of step.outs) writer.set(rootOf(id), { step: i, size: sizeOfValue(id) });
  });
  const lastLookUp = steps.findLastIndex(
    ({ calls: [call], ins }) =>
      call && !call.op.scalar && !call.op.traits?.total && ins.some((id) => values[id]!.dtype === 'int32'),
  );
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

  const inRow = (id: number): boolean => isContiguous(places.get(id)!.view);
  return counted(outputs).flatMap((name, output) => {
    const [id, slot] = [outputs[output]!, slots.get(name)];
    const root = rootOf(id);
    const made = writer.get(root);
    if (!slot || !made || made.step <= lastLookUp) return [];
    if (made.size !== sizeOfValue(id) || !inRow(id)) return []; // a window on it
    const from = rootOf(slot.id);
    if (resultRoots.filter((r) => r === root).length > 1 || resultRoots.includes(from)) return [];
    const last = lastRead.get(from) ?? -1;
    const step = steps[made.step]!;
    const between = inOrder(step) && step.ins.every((x) => rootOf(x) !== from || inRow(x));
    const safe = last < made.step || (last === made.step && between);
    return safe ? [{ output, input: slot.i }] : [];
  });
}

/**
 * Pairs of buffers of which the first is written where the second ends: by a step that reads the
 * second for the last time, each element before it writes there. Buffers of results, arguments and
 * constants last.
 */
export function overwrites(
  steps: readonly Step[],
  places: Places,
  results: ReadonlySet<number>,
  inOrder: (step: Step) => boolean,
): (readonly [number, number])[] {
  const rootOf = rootIn(places);
  const whole = (id: number): boolean => isContiguous(places.get(id)!.view);
  const lastRead = new Map<number, number>();
  const sizes = new Map<number, number>(); // of what steps write
  steps.forEach((step, i) => {
    for (const id of readsOf(step)) lastRead.set(rootOf(id), i);
    for (const id of step.outs) sizes.set(rootOf(id), places.get(id)!.view.size);
  });
  const taken = new Set(results);
  return steps.flatMap((step, i) => {
    if (!inOrder(step)) return [];
    return step.outs.flatMap((out) => {
      const to = rootOf(out);
      if (results.has(to)) return [];
      const from = step.ins
        .map(rootOf)
        .find(
          (root) =>
            lastRead.get(root) === i &&
            sizes.get(root) === sizes.get(to) &&
            !taken.has(root) &&
            step.ins.every((id) => rootOf(id) !== root || whole(id)),
        );
      if (from === undefined) return [];
      taken.add(from);
      return [[to, from] as const];
    });
  });
}
