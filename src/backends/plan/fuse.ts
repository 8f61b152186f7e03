import { sameShape } from '../../core/shape.js';
import type { Call } from '../../core/tensor.js';
import { isContiguous } from '../../core/view.js';
import { readsOf, rootIn, type Places, type Step } from './step.js';

const LONGEST = 48; // calls in a chain; registers are few, and generated loops should stay short
const NEAR = 20; // steps between two that join; what a chain reads and writes is kept until its last member is due

/** Steps that become one: a chain of elementwise calls, or any other step alone. */
interface Unit {
  readonly steps: readonly number[];
  readonly first: number;
  readonly last: number;
}

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
  const rootOf = rootIn(places);
  const writer = new Map<number, number>();
  steps.forEach(({ outs }, i) => {
    for (const id of outs) writer.set(rootOf(id), i);
  });
  const needs = steps.map((step) =>
    [...new Set(readsOf(step).map((id) => writer.get(rootOf(id)) ?? -1))].filter((i) => i >= 0),
  );
  const units: Unit[] = steps.map((_, i) => ({ steps: [i], first: i, last: i }));
  const mayJoin = steps.map(fusible);

  const farthest = [...steps.keys()]; // the last member of all units that the steps up to this one are in
  /**
   * Whether something between the members of a joined unit, the first of which is `first`, would
   * have to run before and after it.
   */
  const blocked = (members: ReadonlySet<Unit>, first: number): boolean => {
    let cut = first; // no unit has members on both sides of it, so what is before needs nothing that is behind
    while (cut > 0 && farthest[cut - 1]! >= cut) cut--;
    const seen = new Set<Unit>();
    const stack = [...members].flatMap(({ steps: s }) => s.flatMap((i) => needs[i]!.map((j) => units[j]!)));
    const outside = stack.filter((u) => !members.has(u));
    for (let unit = outside.pop(); unit; unit = outside.pop()) {
      if (seen.has(unit) || unit.last < cut) continue;
      seen.add(unit);
      for (const i of unit.steps)
        for (const j of needs[i]!) {
          const next = units[j]!;
          if (members.has(next)) return true;
          outside.push(next);
        }
    }
    return false;
  };
  /** Whether members read of each other the elements at their own positions only. */
  const aligned = (members: readonly number[]): boolean => {
    const inside = new Set(members);
    return members.every((i) =>
      steps[i]!.ins.every((id) => {
        if (!inside.has(writer.get(rootOf(id)) ?? -1)) return true;
        const { view } = places.get(id)!;
        return isContiguous(view) && sameShape(view.shape, shapeOf(steps[i]!, places));
      }),
    );
  };
  for (let i = 0; i < steps.length; i++) {
    if (!mayJoin[i]) continue;
    for (const j of needs[i]!) {
      const [own, other] = [units[i]!, units[j]!];
      if (own === other || !mayJoin[j] || i - other.last > NEAR) continue;
      if (own.steps.length + other.steps.length > LONGEST) continue;
      if (!sameShape(shapeOf(steps[i]!, places), shapeOf(steps[j]!, places))) continue;
      const members = [...own.steps, ...other.steps].sort((a, b) => a - b);
      const first = members[0]!;
      if (!aligned(members) || blocked(new Set([own, other]), first)) continue;
      const joined = { steps: members, first, last: i };
      for (const k of members) units[k] = joined;
      farthest.fill(i, first, i);
    }
  }

  const ordered = inOrder(units, needs);
  const readers = new Map<number, Set<Unit>>();
  steps.forEach((step, i) => {
    for (const id of readsOf(step)) {
      const set = readers.get(rootOf(id)) ?? new Set();
      readers.set(rootOf(id), set.add(units[i]!));
    }
  });
  return ordered.map((unit): Step => {
    const only = steps[unit.steps[0]!]!;
    if (!mayJoin[unit.first]) return only;
    const members = unit.steps.map((i) => steps[i]!);
    const calls: Call[] = members.flatMap((step) => step.calls);
    const written = new Set(calls.flatMap(({ outs }) => outs.map(rootOf)));
    const ins = [...new Set(calls.flatMap((call) => call.ins))].filter((id) => !written.has(rootOf(id)));
    const outs = calls
      .flatMap((call) => call.outs)
      .filter((id) => results.has(rootOf(id)) || [...(readers.get(rootOf(id)) ?? [])].some((u) => u !== unit));
    return { calls, chain: true, ins, outs };
  });
}

const shapeOf = ({ outs }: Step, places: Places) => places.get(outs[0]!)!.view.shape;

/** Each unit once, after those it needs, else in the order of their last steps. */
function inOrder(units: readonly Unit[], needs: readonly (readonly number[])[]): Unit[] {
  const done = new Set<Unit>();
  const entered = new Set<Unit>();
  const ordered: Unit[] = [];
  for (const start of [...new Set(units)].sort((a, b) => a.last - b.last)) {
    const stack = [start];
    for (let unit = stack.at(-1); unit; unit = stack.at(-1)) {
      if (done.has(unit) || entered.has(unit)) {
        stack.pop();
        if (!done.has(unit)) ordered.push(unit);
        done.add(unit);
        continue;
      }
      entered.add(unit);
      for (const i of unit.steps)
        for (const j of needs[i]!) if (!done.has(units[j]!) && units[j] !== unit) stack.push(units[j]!);
    }
  }
  return ordered;
}
