import { sameShape } from '../../core/shape.js';
import type { Id } from '../../core/tensor.js';
import { isContiguous } from '../../core/view.js';
import { readsOf, rootIn, type Places, type Step } from './step.js';
import { unitsOf, type Unit, type Units } from './units.js';

const LONGEST = 48; // calls in a chain; registers are few, and generated loops should stay short
const NEAR = 20; // steps between two that join; what a chain reads and writes is kept until its last member is due

/**
 * Joins elementwise steps over the same elements into chains wherever one reads what another wrote
 * and nothing between them has to wait: values that only a chain needs never reach memory.
 * `fusible` tells which steps may be part of one; `results` are buffers that are needed in the end.
 */
export function fuse(
  steps: readonly Step[],
  places: Places,
  results: ReadonlySet<number>,
  fusible: (step: Step) => boolean,
): Step[] {
  const writerOf = writersIn(steps, places);
  const needs = steps.map((step) => [...new Set(readsOf(step).map(writerOf))].filter((i) => i !== undefined));
  const mayJoin = steps.map(fusible);
  const units = unitsOf(needs);
  const shapeOf = (i: number) => places.get(steps[i]!.outs[0]!)!.view.shape;
  const aligned = alignedBy(steps, places, writerOf);

  for (let i = 0; i < steps.length; i++)
    for (const j of needs[i]!) {
      const [own, other] = [units.of(i), units.of(j)];
      if (own === other || !mayJoin[i] || !mayJoin[j] || i - other.last > NEAR) continue;
      const members = [...own.steps, ...other.steps];
      if (members.length > LONGEST || !sameShape(shapeOf(i), shapeOf(j)) || !aligned(members)) continue;
      units.join(other, own);
    }
  const isNeeded = neededOutside(steps, places, results, units);
  return units
    .inOrder()
    .map((unit) => (mayJoin[unit.first] ? chainOf(unit, steps, places, isNeeded) : steps[unit.first]!));
}

type WriterOf = (id: Id) => number | undefined;

/** Tells which step writes the buffer that a value lies in. */
function writersIn(steps: readonly Step[], places: Places): WriterOf {
  const rootOf = rootIn(places);
  const writers = new Map<number, number>();
  steps.forEach(({ outs }, i) => {
    for (const id of outs) writers.set(rootOf(id), i);
  });
  return (id) => writers.get(rootOf(id));
}

/** Tells whether steps read of each other the elements at their own positions only. */
const alignedBy =
  (steps: readonly Step[], places: Places, writerOf: WriterOf) =>
  (members: readonly number[]): boolean => {
    const inside = new Set<number | undefined>(members);
    return members.every((i) =>
      steps[i]!.ins.every((id) => {
        if (!inside.has(writerOf(id))) return true;
        const { view } = places.get(id)!;
        return isContiguous(view) && sameShape(view.shape, places.get(steps[i]!.outs[0]!)!.view.shape);
      }),
    );
  };

type IsNeeded = (id: Id, unit: Unit) => boolean;

/** Tells whether a value is a result, or read by another unit than its own. */
function neededOutside(steps: readonly Step[], places: Places, results: ReadonlySet<number>, units: Units): IsNeeded {
  const rootOf = rootIn(places);
  const readers = new Map<number, Set<Unit>>();
  steps.forEach((step, i) => {
    for (const id of readsOf(step)) {
      const set = readers.get(rootOf(id)) ?? new Set();
      readers.set(rootOf(id), set.add(units.of(i)));
    }
  });
  return (id, unit) => results.has(rootOf(id)) || [...(readers.get(rootOf(id)) ?? [])].some((u) => u !== unit);
}

/** The calls of a unit as one step, which reads and writes what others know. */
function chainOf(unit: Unit, steps: readonly Step[], places: Places, isNeeded: IsNeeded): Step {
  const rootOf = rootIn(places);
  const calls = unit.steps.flatMap((i) => steps[i]!.calls);
  const written = new Set(calls.flatMap(({ outs }) => outs.map(rootOf)));
  const ins = [...new Set(calls.flatMap((call) => call.ins))].filter((id) => !written.has(rootOf(id)));
  const outs = calls.flatMap((call) => call.outs).filter((id) => isNeeded(id, unit));
  return { calls, chain: true, ins, outs };
}
