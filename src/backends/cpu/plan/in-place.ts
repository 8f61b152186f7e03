import { sizeOf } from '../../../core/shape.js';
import type { Id, Program } from '../../../core/tensor.js';
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
 * Nor may a later step fail, since an argument survives a call that does. `inOrder` tells the steps
 * that read each element of their row-major inputs before they write there.
 */
export function inPlace(
  program: Program,
  donated: readonly boolean[],
  places: Places,
  steps: readonly Step[],
  inOrder: (step: Step) => boolean,
): InPlace[] {
  const { outputs, inputs, values } = program;
  const rootOf = rootIn(places);
  const { lastRead, writer } = traffic(steps, rootOf);
  const lastFailure = steps.findLastIndex((step) => mayFail(step, program));
  const resultRoots = outputs.map(rootOf);

  /** Whether a result fills a buffer of its own. */
  const isWhole = (id: Id): boolean => {
    const made = steps[writer.get(rootOf(id))!]!.outs.find((out) => rootOf(out) === rootOf(id))!;
    return sizeOf(values[made]!.shape) === sizeOf(values[id]!.shape) && isContiguous(places.get(id)!.view);
  };
  const fits = (result: Id, argument: Id): boolean => {
    const [to, from] = [rootOf(result), rootOf(argument)];
    const made = writer.get(to);
    if (made === undefined || made <= lastFailure || !isWhole(result)) return false;
    if (resultRoots.filter((root) => root === to).length > 1 || resultRoots.includes(from)) return false;
    const last = lastRead.get(from) ?? -1;
    return last < made || (last === made && inOrder(steps[made]!) && readsInRow(steps[made]!, from, places));
  };
  return pairs(program, donated)
    .filter(({ output, input }) => fits(outputs[output]!, inputs[input]!))
    .sort((a, b) => a.output - b.output);
}

/** By buffer, the last step that reads it and the last that writes it. */
function traffic(steps: readonly Step[], rootOf: (id: Id) => number) {
  const lastRead = new Map<number, number>();
  const writer = new Map<number, number>();
  steps.forEach((step, i) => {
    for (const id of readsOf(step)) lastRead.set(rootOf(id), i);
    for (const id of step.outs) writer.set(rootOf(id), i);
  });
  return { lastRead, writer };
}

/**
 * Some ops refuse floats. Others look up integers, and fail where these are out of range. So may a
 * loop over such ops.
 */
const mayFail = ({ calls: [call], ins }: Step, { values }: Program): boolean =>
  call !== undefined &&
  !call.op.scalar &&
  !call.op.traits?.total &&
  (call.op.traits?.mayFail === true || call.op.loop !== undefined || ins.some((id) => values[id]!.dtype === 'int32'));

/** Whether a step reads this buffer row-major as a whole. */
const readsInRow = ({ ins }: Step, root: number, places: Places): boolean => {
  const rootOf = rootIn(places);
  return ins.every((id) => rootOf(id) !== root || isContiguous(places.get(id)!.view));
};

/** The n-th result of its dtype and shape beside the n-th donated argument of them. */
function pairs({ values, inputs, outputs }: Program, donated: readonly boolean[]): InPlace[] {
  const positions = (ids: readonly Id[], counts: (i: number) => boolean): Map<string, number[]> => {
    const byKind = new Map<string, number[]>();
    ids.forEach((id, i) => {
      if (!counts(i)) return;
      const kind = `${values[id]!.dtype} ${values[id]!.shape.join()}`;
      byKind.set(kind, [...(byKind.get(kind) ?? []), i]);
    });
    return byKind;
  };
  const given = positions(inputs, (i) => donated[i] ?? false);
  return [...positions(outputs, () => true)].flatMap(([kind, list]) =>
    list.slice(0, given.get(kind)?.length ?? 0).map((output, n) => ({ output, input: given.get(kind)![n]! })),
  );
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
  const { lastRead } = traffic(steps, rootOf);
  const sizes = new Map<number, number>(); // of what steps write
  for (const id of steps.flatMap(({ outs }) => outs)) sizes.set(rootOf(id), places.get(id)!.view.size);
  const taken = new Set(results);
  const pair = (step: Step, i: number, to: number): (readonly [number, number])[] => {
    const ends = (root: number): boolean =>
      lastRead.get(root) === i && sizes.get(root) === sizes.get(to) && !taken.has(root);
    const from = step.ins.map(rootOf).find((root) => ends(root) && readsInRow(step, root, places));
    if (from === undefined) return [];
    taken.add(from);
    return [[to, from]];
  };
  return steps.flatMap((step, i) =>
    inOrder(step)
      ? step.outs
          .map(rootOf)
          .filter((to) => !results.has(to))
          .flatMap((to) => pair(step, i, to))
      : [],
  );
}
