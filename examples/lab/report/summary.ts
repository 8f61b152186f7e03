import type { About, CellResult } from '../cells.js';
import { estimate, paired, type Estimate } from '../compare.js';

/** What a report is made of: an experiment and its finished cells. */
export interface Results {
  readonly about: About;
  readonly cells: readonly CellResult[];
}

/** All splits of one method. */
export interface Row {
  readonly name: string;
  readonly title: string;
  readonly cells: readonly CellResult[];
  /** The primary metric after the last epoch, by split. */
  readonly values: ReadonlyMap<number, number>;
  readonly last: Estimate;
  /** At the epoch of a learning curve that is best on the test items; NaN without a curve. */
  readonly best: Estimate;
  readonly diverged: number;
  readonly density: Estimate;
  readonly layers: readonly number[];
}

const mean = (xs: readonly number[]): number => xs.reduce((s, x) => s + x, 0) / xs.length;

/** A row for each method, in the order of tables. */
export function rowsOf({ about, cells }: Results): Row[] {
  const [metric] = about.metrics;
  const byMethod = new Map<string, CellResult[]>();
  for (const cell of cells) {
    const key = `${cell.method.name} ${JSON.stringify(cell.method.config)}`;
    byMethod.set(key, [...(byMethod.get(key) ?? []), cell]);
  }
  return [...byMethod.values()]
    .sort((a, b) => a[0]!.rank - b[0]!.rank)
    .map((unsorted) => {
      const own = [...unsorted].sort((a, b) => a.split - b.split);
      const good = own.flatMap((c) => {
        const value = c.metrics[metric!.name];
        return value === null || value === undefined ? [] : [{ c, value }];
      });
      const best = good.flatMap(({ c }) => {
        const seen = c.curve.flatMap(({ test }) => (test === null ? [] : [test]));
        return seen.length === 0 ? [] : [metric!.better === 'smaller' ? Math.min(...seen) : Math.max(...seen)];
      });
      const dense = good.flatMap(({ c }) => (c.density ? [c.density] : []));
      return {
        name: own[0]!.method.name,
        title: own[0]!.method.title,
        cells: own,
        values: new Map(good.map(({ c, value }) => [c.split, value])),
        last: estimate(good.map(({ value }) => value)),
        best: estimate(best),
        diverged: own.length - good.length,
        density: estimate(dense.map((d) => d.overall)),
        layers: (dense[0]?.layers ?? []).map((_, i) => mean(dense.map((d) => d.layers[i]!))),
      };
    });
}

/** Rows from the best to the worst mean. */
export function ranked(results: Results): Row[] {
  const sign = results.about.metrics[0]!.better === 'smaller' ? 1 : -1;
  return rowsOf(results)
    .filter(({ last }) => last.count > 0)
    .sort((a, b) => sign * (a.last.mean - b.last.mean));
}

/** The difference of the primary metric of two methods, on the splits of both. */
export const differenceOf = (a: Row, b: Row): Estimate => paired(a.values, b.values);
