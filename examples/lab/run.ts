import type { Backend } from 'bigrad';
import type { Cell, CellResult, CurvePoint } from './cells.js';
import { hashOf, SOURCE_SEED, splitsOf, type Identity } from './cells.js';
import type { Dataset } from './dataset.js';
import { firstRows } from './dataset.js';
import type { Holder } from './lock.js';
import type { Progress } from './progress.js';
import type { Context, Experiment, Prediction, Sizes, Tick, Trained } from './records.js';
import type { Store } from './store.js';

const POINTS = 15; // of a learning curve, and its start
const SHOWN = 256; // source items in learning curves
const WAIT_MS = 250;

/** What cells of an experiment are computed with. */
export interface Runner<I> {
  readonly experiment: Experiment<I>;
  readonly identity: Identity;
  readonly store: Store;
  readonly progress: Progress;
  readonly device: Backend;
  /** Who computes, in words. */
  readonly maker: string;
}

/** JSON has no NaN. */
const kept = (x: number): number | null => (Number.isFinite(x) ? x : null);

/** Steps of training that are still to be done for some cells: their own, and what they share. */
export function stepCount<I>(cells: readonly Pick<Cell<I>, 'method' | 'split'>[], sizes: Sizes): number {
  const own = cells.reduce((n, { method, split }) => n + method.steps(sizes, split.train.length, method.config), 0);
  const shared = Object.assign({}, ...cells.map(({ method }) => method.needs?.(sizes, method.config) ?? {})) as Record<
    string,
    number
  >;
  return Object.values(shared).reduce((n, steps) => n + steps, own);
}

/** Steps of training of an experiment of which nothing is done yet. */
export const stepsOf = <I>(experiment: Experiment<I>): number =>
  stepCount(
    splitsOf(experiment).flatMap((split) => experiment.methods.map((method) => ({ method, split }))),
    experiment.sizes,
  );

/** Waits while a lock is held by another; stops where the run is interrupted. */
async function wait(progress: Progress, holder: Holder, part: string): Promise<void> {
  progress.note(`waiting for ${part}, which process ${holder.pid} on ${holder.host} computes`);
  await progress.check();
  await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
}

/**
 * Computes the cells that are not there yet, one after another; those that another process is
 * computing are left to it, and waited for at the end.
 */
export async function runCells<I>(runner: Runner<I>, cells: readonly Cell<I>[]): Promise<void> {
  const { store, progress, experiment, maker } = runner;
  const source = once(() => sourceOf(experiment));
  let left = cells.filter(({ key }) => !store.has(key));
  while (left.length > 0) {
    const held: { cell: Cell<I>; holder: Holder }[] = [];
    for (const cell of left) {
      await progress.check();
      const lock = store.lock(cell.key);
      if (typeof lock !== 'function') {
        held.push({ cell, holder: lock });
        continue;
      }
      try {
        if (!store.has(cell.key) && store.add(cell.key, await compute(runner, cell, source), maker) === 'equal')
          progress.tell(`${cell.key} was finished meanwhile by ${store.makerOf(cell.key)}, with equal numbers`);
      } finally {
        lock();
      }
    }
    left = held.flatMap(({ cell }) => (store.has(cell.key) ? [] : [cell]));
    if (left[0]) await wait(progress, held[0]!.holder, held[0]!.cell.key);
  }
}

const once = <T>(f: () => T): (() => T) => {
  let value: { of: T } | undefined;
  return () => (value ??= { of: f() }).of;
};

const labelled = <I>({ testbed, task }: Experiment<I>, items: readonly I[]): Dataset => ({
  count: items.length,
  shape: testbed.shape,
  inputs: testbed.inputs(items),
  labels: Float32Array.from(items, (item) => task.label(item)),
});

/** The data of lists of items, each list encoded once: a learning curve asks for the same ones. */
function encoder<I>(experiment: Experiment<I>): (items: readonly I[]) => Dataset {
  const made = new WeakMap<readonly I[], Dataset>();
  return (items) => {
    const data = made.get(items) ?? labelled(experiment, items);
    made.set(items, data);
    return data;
  };
}

const sourceOf = <I>(experiment: Experiment<I>): Dataset =>
  labelled(experiment, experiment.testbed.source(experiment.sizes.points, SOURCE_SEED));

/** Trains one method on one split, and judges it on the test items. */
async function compute<I>(runner: Runner<I>, cell: Cell<I>, source: () => Dataset): Promise<CellResult> {
  const { experiment } = runner;
  const { testbed, task } = experiment;
  const { method, split, rank, index } = cell;
  const labels = split.test.map((item) => task.label(item));
  const curve: CurvePoint[] = [];
  const context = contextOf(runner, cell, source, curve);
  const learned = await method.train(context, method.config);
  const predictions = await learned.predict(split.test);
  const groups = split.test.map((item) => testbed.groups(item));
  return {
    method: { name: method.name, title: method.title, config: method.config },
    rank,
    split: index,
    trainCount: split.train.length,
    testCount: split.test.length,
    metrics: Object.fromEntries(task.metrics.map((m) => [m.name, kept(m.of(predictions, labels))])),
    predictions: predictions.map((p) => p.map((x) => (Number.isFinite(x) ? +x.toPrecision(7) : x))),
    labels,
    groups: Object.fromEntries(Object.keys(groups[0] ?? {}).map((name) => [name, groups.map((g) => g[name]!)])),
    curve,
    ...(learned.density && { density: learned.density }),
  };
}

function contextOf<I>(
  runner: Runner<I>,
  { method, split, index }: Cell<I>,
  source: () => Dataset,
  curve: CurvePoint[],
): Context<I> {
  const { experiment, device, progress } = runner;
  const { task, sizes, testbed, firstSplit } = experiment;
  const tick = progress.start(`${method.title}, split ${index - firstSplit + 1} of ${sizes.splits}`);
  const network = once(() => testbed.network(task.outputs));
  const judged = (items: readonly I[], p: readonly Prediction[]): number | null =>
    kept(
      task.metrics[0].of(
        p,
        items.map((item) => task.label(item)),
      ),
    );
  const onSource = async (learned: Trained<I>): Promise<number | null | undefined> => {
    if (!learned.predictSource) return undefined;
    const some = firstRows(source(), SHOWN);
    return kept(task.metrics[0].of(await learned.predictSource(some), [...some.labels]));
  };
  return {
    task,
    get network() {
      return network();
    },
    train: split.train,
    sizes,
    seed: split.seed,
    device,
    encode: encoder(experiment),
    source,
    shared: (what, begin, make, like) => shared(runner, tick, what, begin, make, like),
    tick,
    watch: async (epoch, epochs, trained) => {
      if (epoch % Math.ceil(epochs / POINTS) !== 0 && epoch !== epochs) return;
      const learned = await trained();
      const bySource = await onSource(learned);
      curve.push({
        epoch,
        train: judged(split.train, await learned.predict(split.train)),
        test: judged(split.test, await learned.predict(split.test)),
        ...(bySource !== undefined && { source: bySource }),
        ...(learned.density && { density: learned.density }),
      });
    },
  };
}

/** A tree that cells share: loaded, waited for, or made. */
async function shared<I, T, S>(
  { store, identity, progress }: Runner<I>,
  tick: Tick,
  what: Readonly<Record<string, unknown>> & { readonly name: string },
  begin: S,
  make: (from: S, keep: (state: S) => void) => Promise<T>,
  like: T,
): Promise<T> {
  const { testbed, task, data: _data, protocol: _protocol, ...others } = identity;
  const name = `${what.name}-${hashOf([testbed, task, others, what]).slice(0, 12)}`;
  for (;;) {
    const there = store.loadTree(name, like);
    if (there) return there;
    const lock = store.lock(name);
    if (typeof lock !== 'function') {
      await wait(progress, lock, name);
      continue;
    }
    try {
      const now = store.loadTree(name, like);
      if (now) return now;
      const made = await make(store.loadTree(`${name}.part`, begin) ?? begin, (state) => {
        store.saveTree(`${name}.part`, state);
      });
      store.saveTree(name, made);
      store.dropTree(`${name}.part`);
      return store.loadTree(name, like) ?? made;
    } finally {
      lock();
      await tick();
    }
  }
}
