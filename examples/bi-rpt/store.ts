import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { leaves } from 'bigrad';
import { loadSafetensors, saveSafetensors } from 'bigrad/io';
import writeFileAtomic from 'write-file-atomic';
import { takeLock } from '../lab/lock.js';
import type { Config } from './config.js';
import type { CurvePoint, Density } from './evaluate.js';

/** One method on one split. */
export interface Result {
  readonly method: string;
  readonly seed: number;
  /** On the test points, after the last epoch, GPa^2; null where the training diverged. */
  readonly testError: number | null;
  readonly trainCount: number;
  readonly testCount: number;
  readonly density?: Density;
  /** Strengths of the test points in GPa, in the order of the data. */
  readonly predicted: readonly number[];
  readonly measured: readonly number[];
  readonly curve?: readonly CurvePoint[];
}

/** What a run is made of: only results that agree in all of it belong together. */
export interface Identity {
  readonly config: Config;
  /** SHA-256 of the measurements. */
  readonly measurements: string;
  readonly bigrad: string;
}

export interface Results extends Identity {
  readonly machine: Readonly<Record<string, string>>;
  readonly finished: boolean;
  readonly results: readonly Result[];
}

/** An output folder that cannot be used, said in one line. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}

/**
 * The results of a run in its folder: every write leaves a whole file, so an interrupted run can go
 * on.
 */
export class Store {
  private constructor(
    readonly folder: string,
    private record: Results,
    private readonly release: () => void,
  ) {}

  /** Opens a folder for a run; results of the same run that are there already are kept. */
  static open(folder: string, identity: Identity, machine: Readonly<Record<string, string>>): Store {
    const path = join(folder, 'results.json');
    const own = JSON.parse(JSON.stringify(identity)) as Identity;
    const record: Results = existsSync(path)
      ? earlier(path, own, machine)
      : { ...own, machine, finished: false, results: [] };
    try {
      const lock = takeLock(join(folder, 'run.lock'));
      if (typeof lock !== 'function')
        throw new StoreError(
          `${folder}: expected a folder that no run is using, found process ${lock.pid} on ${lock.host} at work there; wait for it, or choose another --out`,
        );
      const store = new Store(folder, record, lock);
      store.write();
      return store;
    } catch (error) {
      if (error instanceof StoreError) throw error;
      throw new StoreError(`${folder}: expected a folder to write results to, found ${(error as Error).message}`);
    }
  }

  get results(): readonly Result[] {
    return this.record.results;
  }

  /** All that is kept so far. */
  get whole(): Results {
    return this.record;
  }

  /** Lets others use the folder. */
  close(): void {
    this.release();
  }

  /** Keeps a text under a name, and returns its path. */
  saveText(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileAtomic.sync(path, text);
    return path;
  }

  has(method: string, seed: number): boolean {
    return this.results.some((r) => r.method === method && r.seed === seed);
  }

  add(result: Result): void {
    const testError = Number.isFinite(result.testError) ? result.testError : null;
    this.record = { ...this.record, results: [...this.results, { ...result, testError }] };
    this.write();
  }

  finish(): void {
    this.record = { ...this.record, finished: true };
    this.write();
  }

  private write(): void {
    writeFileAtomic.sync(join(this.folder, 'results.json'), `${JSON.stringify(this.record, null, 2)}\n`);
  }

  /** Keeps a tree under a name. */
  saveTree(name: string, tree: unknown): void {
    writeFileAtomic.sync(join(this.folder, `${name}.safetensors`), Buffer.from(saveSafetensors(tree)));
  }

  /** The tree kept under a name, if there is one with tensors of the shapes of `example`. */
  loadTree<T>(name: string, example: T): T | undefined {
    const path = join(this.folder, `${name}.safetensors`);
    if (!existsSync(path)) return undefined;
    try {
      const { tree } = loadSafetensors(readFileSync(path));
      const shapes = (t: unknown) => leaves(t).map((x) => [x.dtype, ...x.shape]);
      return isDeepStrictEqual(shapes(tree), shapes(example)) ? (tree as T) : undefined;
    } catch {
      return undefined; // damaged: made again
    }
  }
}

/**
 * The record of an earlier run, which must be of the same make; before there was a choice of
 * devices it was cpu.
 */
function earlier(path: string, own: Identity, machine: Results['machine']): Results {
  let record: Partial<Results> | null;
  try {
    record = JSON.parse(readFileSync(path, 'utf8')) as Partial<Results> | null;
  } catch (error) {
    throw new StoreError(`${path}: expected the results of an earlier run, found ${(error as Error).message}`);
  }
  if (!Array.isArray(record?.results))
    throw new StoreError(`${path}: expected the results of an earlier run, found something else`);
  const found = { ...record, config: { device: 'cpu', ...record.config }, adapter: record.machine?.['adapter'] };
  const wanted = { ...own, adapter: machine['adapter'] };
  for (const [what, words] of [
    ['config', 'options'],
    ['measurements', 'measurements'],
    ['bigrad', 'bigrad version'],
    ['adapter', 'adapter'],
  ] as const)
    if (!isDeepStrictEqual(found[what], wanted[what]))
      throw new StoreError(`${path}: expected results of the same ${words}, found others; choose another --out`);
  return record as Results;
}
