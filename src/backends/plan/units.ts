// Which steps run as one. A unit may grow by another only if what is neither can still run wholly
// before or wholly behind the two.

/** Steps that become one: a chain of elementwise calls, or any other step alone. */
export interface Unit {
  readonly steps: readonly number[];
  readonly first: number;
  readonly last: number;
}

/** The units of steps; each step alone at first. */
export interface Units {
  /** The unit of a step. */
  of(step: number): Unit;
  /** Joins two units, if nothing has to run between them; the later one's last step is last. */
  join(earlier: Unit, later: Unit): void;
  /** Each unit once, after those it needs, else in the order of their last steps. */
  inOrder(): readonly Unit[];
}

/** Starts with a unit for each step; `needs` names the earlier steps that each has to wait for. */
export function unitsOf(needs: readonly (readonly number[])[]): Units {
  const units: Unit[] = needs.map((_, i) => ({ steps: [i], first: i, last: i }));
  /** By step, the last member of all units that the steps up to it are in. */
  const farthest = [...needs.keys()];
  const neededBy = ({ steps }: Unit): Unit[] => steps.flatMap((i) => needs[i]!.map((j) => units[j]!));

  /** Whether another unit needs one of these, and is needed by one. */
  const isBetween = (pair: ReadonlySet<Unit>, first: number): boolean => {
    // No unit has members on both sides of the cut, so what is before it needs nothing behind it.
    let cut = first;
    while (cut > 0 && farthest[cut - 1]! >= cut) cut--;
    const seen = new Set<Unit>();
    const waiting = [...pair].flatMap(neededBy).filter((unit) => !pair.has(unit));
    for (let unit = waiting.pop(); unit; unit = waiting.pop()) {
      if (seen.has(unit) || unit.last < cut) continue;
      seen.add(unit);
      const next = neededBy(unit);
      if (next.some((u) => pair.has(u))) return true;
      waiting.push(...next);
    }
    return false;
  };

  return {
    of: (step) => units[step]!,
    join: (earlier, later) => {
      const steps = [...later.steps, ...earlier.steps].sort((a, b) => a - b);
      const joined = { steps, first: steps[0]!, last: later.last };
      if (isBetween(new Set([earlier, later]), joined.first)) return;
      for (const step of steps) units[step] = joined;
      farthest.fill(joined.last, joined.first, joined.last);
    },
    inOrder: () => sorted(units, neededBy),
  };
}

function sorted(units: readonly Unit[], neededBy: (unit: Unit) => readonly Unit[]): Unit[] {
  const done = new Set<Unit>();
  const entered = new Set<Unit>();
  for (const start of [...new Set(units)].sort((a, b) => a.last - b.last)) {
    const stack = [start]; // a unit stays on it until those that it needs are done
    for (let unit = stack.at(-1); unit; unit = stack.at(-1)) {
      if (entered.has(unit)) {
        stack.pop();
        done.add(unit);
        continue;
      }
      entered.add(unit);
      stack.push(...neededBy(unit).filter((u) => !done.has(u) && u !== unit));
    }
  }
  return [...done];
}
