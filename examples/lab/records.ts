import type { Backend, Tensor } from 'bigrad';
import type { Dataset } from './dataset.js';
import type { Network } from './network.js';

/**
 * What is predicted of an item: a value, perhaps with its standard deviation; or the probabilities
 * of the classes.
 */
export type Prediction = readonly number[];

/** A number that judges predictions. */
export interface Metric {
  readonly name: string;
  readonly unit: string;
  readonly better: 'smaller' | 'larger';
  readonly digits: number;
  of(predictions: readonly Prediction[], labels: readonly number[]): number;
}

/** What is predicted of items, how a network is trained for it, and how it is judged. */
export interface Task<I> {
  readonly name: string;
  readonly title: string;
  /** Of a head of the network. */
  readonly outputs: number;
  readonly kind: 'value' | 'class';
  label(item: I): number;
  /** Of outputs [n, outputs] and labels [n]. */
  loss(outputs: Tensor, labels: Tensor): Tensor;
  /** Predictions from rows of outputs. */
  predictions(outputs: readonly (readonly number[])[]): Prediction[];
  /** One prediction from those of the members of an ensemble, item by item. */
  combine(members: readonly (readonly Prediction[])[]): Prediction[];
  /** The first is the primary one. */
  readonly metrics: readonly [Metric, ...Metric[]];
}

/** Items to learn from and items to test on. */
export interface Split<I> {
  readonly seed: number;
  readonly train: readonly I[];
  readonly test: readonly I[];
}

/** A way to split data, as often as it can be done. */
export interface Protocol<I> {
  readonly name: string;
  readonly title: string;
  splits(data: readonly I[]): Iterable<Split<I>>;
}

/** How long and how fast networks are trained, and how often. */
export interface Sizes {
  /** Source items. */
  readonly points: number;
  readonly pretrain: { readonly epochs: number; readonly batch: number; readonly rate: number };
  /** SGD; `rate` is divided by 10 after each third of the epochs, or falls along a cosine. */
  readonly fineTune: {
    readonly epochs: number;
    readonly batch: number;
    readonly rate: number;
    readonly schedule: 'thirds' | 'cosine';
  };
  /** Batches of source data beside target data. */
  readonly sourceBatch: number;
  readonly splits: number;
}

/** What is left of the masked weights, as fractions: overall and layer by layer. */
export interface Density {
  readonly overall: number;
  readonly layers: readonly number[];
  /** Of each mask by itself, layer by layer, where several masks multiply: first ms, then mt. */
  readonly masks?: readonly (readonly number[])[];
}

/** What a method has learned. */
export interface Trained<I> {
  predict(items: readonly I[]): Promise<Prediction[]>;
  /** By the source head, where there is one that is trained further. */
  predictSource?(data: Dataset): Promise<Prediction[]>;
  readonly density?: Density;
}

/** Called after each step of training; rejects to stop it. */
export type Tick = () => Promise<void>;

/** What a method is given: the training items of one split, and what the testbed has. */
export interface Context<I> {
  readonly task: Task<I>;
  readonly network: Network;
  readonly train: readonly I[];
  readonly sizes: Sizes;
  readonly seed: number;
  readonly device: Backend;
  encode(items: readonly I[]): Dataset;
  /** Source items with their labels. */
  source(): Dataset;
  /**
   * A tree that several cells need, such as pre-trained weights: made once, and kept under all that
   * decides it. `begin` is where its making starts; what `make` keeps meanwhile is taken up again.
   */
  shared<T, S>(
    what: Readonly<Record<string, unknown>> & { readonly name: string },
    begin: S,
    make: (from: S, keep: (state: S) => void) => Promise<T>,
    like: T,
  ): Promise<T>;
  readonly tick: Tick;
  /** Keeps a point of the learning curve, at epochs that are due. */
  watch(epoch: number, epochs: number, trained: () => Promise<Trained<I>>): Promise<void>;
}

/** A way to learn: one record, whose settings are data. */
export interface Method<I = unknown, C extends object = object> {
  readonly name: string;
  readonly title: string;
  /** What it does, in a sentence. */
  readonly about: string;
  readonly config: C;
  /** Steps of training that cells share, by the name of what is shared. */
  needs?(sizes: Sizes, config: C): Readonly<Record<string, number>>;
  /** Steps of training for so many training items, without what cells share. */
  steps(sizes: Sizes, trainCount: number, config: C): number;
  train(context: Context<I>, config: C): Promise<Trained<I>>;
}

/** Data to learn from, data to transfer to, and what there is to do with them. */
export interface Testbed<I> {
  readonly name: string;
  readonly title: string;
  /** Said of every result, where the data is not measured. */
  readonly caution: string | null;
  readonly data: readonly I[];
  /** Source items, the same for the same seed. */
  source(count: number, seed: number): readonly I[];
  /** SHA-256 of what these items are made from, where that lies in files. */
  sourceDigest?(count: number, seed: number): string;
  /** How many source items there are, where they can run out. */
  readonly sourceCount?: number;
  /** How many classes there are, where the data says so; the task's own number otherwise. */
  readonly outputs?: number;
  inputs(items: readonly I[]): Float32Array;
  /** Of one input. */
  readonly shape: readonly number[];
  network(outputs: number): Network;
  /** The groups of an item by which errors are shown: the name of a division, and its part. */
  groups(item: I): Readonly<Record<string, string>>;
}

/** How much work: seconds, about a minute, and as much as in the paper. */
export type SizeName = 'quick' | 'default' | 'full';

/** A network that a command line can name. */
export interface NetworkChoice {
  readonly name: string;
  readonly title: string;
  /** Of a step of training on one idle core, roughly. */
  readonly stepSeconds: number;
}

/** What a testbed is opened with. */
export interface OpenOptions {
  /** A file. */
  readonly data: string | null;
  readonly layout: string;
  /** A folder. */
  readonly images?: string | null;
  /** The name of a network, if it is not the first. */
  readonly network?: string;
}

/** What a command line can choose for a kind of testbed. */
export interface Bench<I> {
  readonly name: string;
  readonly title: string;
  /** The testbed on a file or a folder, or on its own; throws a `DataError` for a bad one. */
  open(options: OpenOptions): Testbed<I>;
  /** The first is the default, here and in protocols. */
  readonly tasks: readonly Task<I>[];
  readonly protocols: readonly Protocol<I>[];
  readonly methods: readonly Method<I>[];
  /** Names of methods that run unless others are asked for. */
  readonly first: readonly string[];
  /** The first is the default. */
  readonly networks: readonly NetworkChoice[];
  readonly sizes: Readonly<Record<SizeName, Sizes>>;
}

/** One comparison: a row of a table for each method. */
export interface Experiment<I> {
  readonly testbed: Testbed<I>;
  readonly task: Task<I>;
  readonly protocol: Protocol<I>;
  readonly methods: readonly Method<I>[];
  readonly sizes: Sizes;
  /** The number of the first split; those before it may have chosen settings. */
  readonly firstSplit: number;
}

/**
 * The same method under another name, with some settings changed: an ablation. Unless `about` says
 * what it does, the settings that differ are named.
 */
export function variant<I, C extends object>(
  method: Method<I, C>,
  name: string,
  title: string,
  changes: Partial<C>,
  about = `as ${method.title}, with ${Object.entries(changes)
    .map(([key, value]) => `${key} = ${typeof value === 'number' ? +value.toPrecision(3) : String(value)}`)
    .join(', ')}`,
): Method<I, C> {
  return { ...method, name, title, about, config: { ...method.config, ...changes } };
}
