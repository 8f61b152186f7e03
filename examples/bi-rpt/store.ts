import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { fromTypedArray, leaves, mapTree } from 'bigrad';
import writeFileAtomic from 'write-file-atomic';
import type { Config } from './config.js';
import type { Density } from './evaluate.js';

/** One method on one split. */
export interface Result {
  readonly method: string;
  readonly seed: number;
  /** On the test points, after the last epoch, GPa^2. */
  readonly testError: number;
  readonly trainCount: number;
  readonly testCount: number;
  readonly density?: Density;
}

export interface Results {
  readonly config: Config;
  readonly versions: Readonly<Record<string, string>>;
  readonly finished: boolean;
  readonly results: readonly Result[];
}

/** An output folder that cannot be used, said in one line. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}

/** The results of a run in its folder: every write leaves a whole file, so an interrupted run can go on. */
export class Store {
  private constructor(
    readonly folder: string,
    private record: Results,
  ) {}

  /** Opens a folder for a configuration; results of the same configuration that are there already are kept. */
  static open(folder: string, config: Config, versions: Readonly<Record<string, string>>): Store {
    const path = join(folder, 'results.json');
    const plain = JSON.parse(JSON.stringify(config)) as Config;
    let record: Results = { config: plain, versions, finished: false, results: [] };
    if (existsSync(path)) {
      try {
        record = JSON.parse(readFileSync(path, 'utf8')) as Results;
      } catch {
        throw new StoreError(`${path}: expected the results of an earlier run, found a file that is no JSON`);
      }
      if (!isDeepStrictEqual(record.config, plain))
        throw new StoreError(`${path}: expected results of the same options, found others; choose another --out`);
    }
    try {
      mkdirSync(folder, { recursive: true });
      const store = new Store(folder, record);
      store.write();
      return store;
    } catch (error) {
      throw new StoreError(`${folder}: expected a folder to write results to, found ${(error as Error).message}`);
    }
  }

  get results(): readonly Result[] {
    return this.record.results;
  }

  has(method: string, seed: number): boolean {
    return this.results.some((r) => r.method === method && r.seed === seed);
  }

  add(result: Result): void {
    this.record = { ...this.record, results: [...this.results, result] };
    this.write();
  }

  finish(): void {
    this.record = { ...this.record, finished: true };
    this.write();
  }

  private write(): void {
    writeFileAtomic.sync(join(this.folder, 'results.json'), `${JSON.stringify(this.record, null, 2)}\n`);
  }

  /** Keeps the tensors of a tree as raw float32, in the order of its leaves. */
  saveTree(name: string, tree: unknown): void {
    const parts = leaves(tree).map((x) => Buffer.from((x.readSync() as Float32Array).buffer));
    writeFileAtomic.sync(join(this.folder, name), Buffer.concat(parts));
  }

  /** A tree like `example` with the tensors kept under a name; undefined where there are none, or not as many. */
  loadTree<T>(name: string, example: T): T | undefined {
    const path = join(this.folder, name);
    if (!existsSync(path)) return undefined;
    const bytes = readFileSync(path);
    const values = new Float32Array(
      bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength - (bytes.byteLength % 4)),
    );
    if (values.length !== leaves(example).reduce((n, x) => n + x.size, 0)) return undefined;
    let at = 0;
    return mapTree((x) => fromTypedArray(values.subarray(at, (at += x.size)), x.shape), example);
  }
}
