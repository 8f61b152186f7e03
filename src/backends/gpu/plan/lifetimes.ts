import { sizeOf } from '../../../core/shape.js';
import type { Id, Program } from '../../../core/tensor.js';
import type { Window } from '../engine/memory.js';
import type { Action } from './actions.js';

/** When the buffers of a plan end, and what they take. */
export interface Lifetimes {
  /** By action, the buffers that nothing needs after it. */
  readonly ends: readonly (readonly number[])[];
  /** How many there are, and the most bytes alive at one time. */
  readonly buffers: number;
  readonly bytes: number;
}

/** When the buffers that actions read and make end; `rootOf` tells the buffer of a value. */
export function lifetimes(
  program: Program,
  actions: readonly Action[],
  constants: ReadonlyMap<Id, Window>,
  rootOf: (id: Id) => number,
): Lifetimes {
  const { values, inputs } = program;
  const ids = [...inputs, ...actions.flatMap(({ outs }) => outs)];
  const sizes = new Map(ids.map((id) => [rootOf(id), 4 * sizeOf(values[id]!.shape)]));
  const bytesOf = (roots: Iterable<number>): number =>
    Array.from(roots).reduce((sum, root) => sum + (sizes.get(root) ?? 0), 0);
  const ends = endsOf(program, actions, constants, rootOf);
  let alive = bytesOf(new Set(inputs.map(rootOf)));
  for (const { ticket } of constants.values()) alive += 4 * ticket.block.size;
  let bytes = alive;
  actions.forEach(({ outs }, i) => {
    alive += bytesOf(new Set(outs.map(rootOf)));
    bytes = Math.max(bytes, alive);
    alive -= bytesOf(ends[i]!);
  });
  return { ends, buffers: sizes.size + constants.size, bytes };
}

/** By action, the buffers that it is the last to need; those of the caller never end. */
function endsOf(
  { inputs, outputs }: Program,
  actions: readonly Action[],
  constants: ReadonlyMap<Id, Window>,
  rootOf: (id: Id) => number,
): number[][] {
  const last = new Map<number, number>();
  actions.forEach(({ ins, outs }, i) => {
    for (const id of [...ins, ...outs]) last.set(rootOf(id), i);
  });
  for (const id of [...inputs, ...constants.keys(), ...outputs]) last.delete(rootOf(id));
  const ends: number[][] = actions.map(() => []);
  for (const [root, i] of last) ends[i]!.push(root);
  return ends;
}
