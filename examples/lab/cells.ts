import { createHash } from 'node:crypto';
import type { Density, Experiment, Metric, Prediction, Split, Method } from './records.js';

/** A point of a learning curve: the primary metric, by the running statistics of batch norm. */
export interface CurvePoint {
  readonly epoch: number;
  readonly train: number | null;
  readonly test: number | null;
  /** Of the source head on source data, where it is trained further. */
  readonly source?: number | null;
  readonly density?: Density;
}

/** What came of one method on one split; all that reports read. */
export interface CellResult {
  readonly method: Pick<Method, 'name' | 'title' | 'config'>;
  /** Place of the method in tables. */
  readonly rank: number;
  readonly split: number;
  readonly trainCount: number;
  readonly testCount: number;
  /** After the last epoch; null where the training diverged. */
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly predictions: readonly Prediction[];
  readonly labels: readonly number[];
  /** Divisions of the test items, each with the part of every item. */
  readonly groups: Readonly<Record<string, readonly string[]>>;
  readonly curve: readonly CurvePoint[];
  readonly density?: Density;
}

/** What all cells of a folder share: only cells that agree in it belong together. */
export interface Identity {
  readonly testbed: string;
  readonly task: string;
  readonly protocol: string;
  /** Without the number of splits, which can grow. */
  readonly sizes: object;
  /** SHA-256 of the data. */
  readonly data: string;
  /** SHA-256 of the files of the source, where there are such. */
  readonly source?: string;
  readonly device: string;
  readonly bigrad: string;
}

/** What a report says of an experiment beside its numbers. */
export interface About {
  readonly title: string;
  readonly caution: string | null;
  readonly task: { readonly name: string; readonly title: string; readonly kind: 'value' | 'class' };
  readonly protocol: string;
  readonly metrics: readonly Pick<Metric, 'name' | 'unit' | 'better' | 'digits'>[];
}

/** One method on one split. */
export interface Cell<I> {
  /** Name of its file: the method, the split, and a hash of all that decides the result. */
  readonly key: string;
  readonly method: Method<I>;
  readonly rank: number;
  readonly index: number;
  readonly split: Split<I>;
}

/** Of source items, apart from the seeds of splits. */
export const SOURCE_SEED = 1_000_003;

/** SHA-256 of data as JSON. */
export const hashOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');

/** What decides the cells of an experiment, but for method and split. */
export function identityOf<I>(
  { testbed, task, protocol, sizes }: Experiment<I>,
  device: string,
  bigrad: string,
): Identity {
  const { splits: _, ...rest } = sizes;
  const source = testbed.sourceDigest?.(sizes.points, SOURCE_SEED);
  return {
    testbed: testbed.name,
    task: task.name,
    protocol: protocol.name,
    sizes: rest,
    data: hashOf(testbed.data),
    ...(source !== undefined && { source }),
    device,
    bigrad,
  };
}

/** What a report says of an experiment. */
export const aboutOf = <I>({ testbed, task, protocol }: Experiment<I>): About => ({
  title: testbed.title,
  caution: testbed.caution,
  task: { name: task.name, title: task.title, kind: task.kind },
  protocol: protocol.title,
  metrics: task.metrics.map(({ name, unit, better, digits }) => ({ name, unit, better, digits })),
});

/** The splits of an experiment, in order from its first. */
export function splitsOf<I>({ testbed, protocol, sizes, firstSplit }: Experiment<I>): Split<I>[] {
  const splits: Split<I>[] = [];
  for (const split of protocol.splits(testbed.data)) {
    if (splits.length === firstSplit + sizes.splits) break;
    splits.push(split);
  }
  return splits.slice(firstSplit);
}

/** Those of an experiment's cells that are finished, each with its place in tables of these. */
export const finishedOf = <I>(cells: readonly Cell<I>[], there: ReadonlyMap<string, CellResult>): CellResult[] =>
  cells.flatMap(({ key, rank }) => {
    const result = there.get(key);
    return result ? [{ ...result, rank }] : [];
  });

/** The cells of an experiment, split by split. */
export function cellsOf<I>(experiment: Experiment<I>, identity: Identity): Cell<I>[] {
  const place = new Map(experiment.testbed.data.map((item, i) => [item, i]));
  return splitsOf(experiment).flatMap((split, i) =>
    experiment.methods.map((method, rank) => {
      const index = experiment.firstSplit + i;
      const { name, config } = method;
      const train = split.train.map((item) => place.get(item));
      const hash = hashOf([identity, name, config, index, split.seed, train]).slice(0, 12);
      return { key: `${name}-${index}-${hash}`, method, rank, index, split };
    }),
  );
}
