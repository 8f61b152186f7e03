import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { leaves } from 'bigrad';
import { loadSafetensors, saveSafetensors } from 'bigrad/io';
import writeFileAtomic from 'write-file-atomic';
import type { About, CellResult, Identity } from './cells.js';
import { takeLock, type Holder } from './lock.js';

/** An output folder that cannot be used, said in one line. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}

/** What the file experiment.json of a folder holds. */
export interface Folder {
  readonly identity: Identity;
  readonly about: About;
  /** Of the first run into the folder. */
  readonly machine: Readonly<Record<string, string>>;
}

const WORDS: Readonly<Record<keyof Identity, string>> = {
  testbed: 'testbed',
  task: 'task',
  protocol: 'protocol',
  sizes: 'options',
  data: 'data',
  source: 'files of the source',
  device: 'device',
  bigrad: 'bigrad version',
};

function json(path: string, what: string): unknown {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof value === 'object' && value !== null) return value;
  } catch (error) {
    throw new StoreError(`${path}: expected ${what}, found ${(error as Error).message.split('\n')[0]!}`);
  }
  throw new StoreError(`${path}: expected ${what}, found something else`);
}

/** What kind of run a folder holds; throws a StoreError where it holds none. */
export function readFolder(folder: string): Folder {
  const path = join(folder, 'experiment.json');
  if (!existsSync(path))
    throw new StoreError(`${folder}: expected a folder of results, found no experiment.json in it`);
  const found = json(path, 'the record of a run') as Readonly<Record<keyof Folder, unknown>>;
  if (![found.identity, found.about].every((part) => typeof part === 'object' && part !== null))
    throw new StoreError(`${path}: expected the record of a run, found something else`);
  return found as Folder;
}

/** The first part in which two experiments differ, in words; undefined where there is none. */
function difference(a: Identity, b: Identity): string | undefined {
  const [found, wanted] = [a, JSON.parse(JSON.stringify(b)) as Identity];
  const parts = Object.keys(WORDS) as (keyof Identity)[];
  const part = parts.find((key) => !isDeepStrictEqual(found[key], wanted[key]));
  return part && WORDS[part];
}

/**
 * The finished cells of a folder by their keys, which may be copied from several folders; throws a
 * StoreError for a damaged one, one of another experiment, and two of one method on one split.
 */
export function readCells(folder: string, identity = identityIn(folder)): Map<string, CellResult> {
  const path = join(folder, 'cells');
  const names = existsSync(path) ? readdirSync(path).filter((name) => name.endsWith('.json')) : [];
  const cells = new Map(names.sort().map((name) => [name.slice(0, -5), readCell(join(path, name), identity)]));
  const keys = new Map<string, string>();
  for (const [key, { method, split }] of cells) {
    const what = JSON.stringify([method.name, method.config, split]);
    if (keys.has(what))
      throw new StoreError(
        `${path}: expected one cell of ${method.name} on split ${split}, found ${keys.get(what)} and ${key}; move one of them out`,
      );
    keys.set(what, key);
  }
  return cells;
}

const identityIn = (folder: string): Identity | undefined =>
  existsSync(join(folder, 'experiment.json')) ? readFolder(folder).identity : undefined;

/** A cell as it is kept: what came of it, and of which experiment it is. */
type Kept = CellResult & { readonly identity?: Identity }; // earlier ones do not say it

function readCell(path: string, wanted?: Identity): CellResult {
  const what = 'a finished cell (delete it to have it computed again)';
  const cell = json(path, what) as Partial<Kept>;
  if (!cell.method || !cell.metrics || !Array.isArray(cell.predictions))
    throw new StoreError(`${path}: expected ${what}, found something else`);
  const { identity, ...result } = cell as Kept;
  const other = identity && wanted && difference(identity, wanted);
  if (other)
    throw new StoreError(`${path}: expected a cell of the same ${other} as the others, found another; move it out`);
  return result;
}

/** What a cell says in numbers, as they are read from its file. */
function numbersOf({ metrics, predictions, labels, curve, density }: CellResult): unknown {
  return JSON.parse(JSON.stringify({ metrics, predictions, labels, curve, density: density ?? null }));
}

/** Writes a whole file, or throws and leaves what was there. */
type Write = (path: string, data: string | Buffer) => void;

/**
 * The results of a run in its folder. Every write leaves a whole file, and what is being computed
 * is locked. So runs can share a folder, be killed at any time, and go on.
 */
export class Store {
  private constructor(
    readonly folder: string,
    private readonly identity: Identity,
    private readonly write: Write,
  ) {}

  /**
   * Opens a folder for a run; what is there must be of the same kind. All files of it are written
   * by `write`.
   */
  static open(folder: string, own: Folder, write: Write = writeFileAtomic.sync): Store {
    const path = join(folder, 'experiment.json');
    const store = new Store(folder, own.identity, write);
    const found = identityIn(folder);
    const other = found && difference(found, own.identity);
    if (other)
      throw new StoreError(`${path}: expected results of the same ${other}, found others; choose another --out`);
    readCells(folder, own.identity);
    if (found) return store;
    store.attempt(() => {
      mkdirSync(join(folder, 'cells'), { recursive: true });
    });
    store.saveText('experiment.json', `${JSON.stringify(own, null, 2)}\n`);
    return store;
  }

  has(key: string): boolean {
    return existsSync(this.path('cells', `${key}.json`));
  }

  /**
   * Keeps a cell and who computed it. Where another run has kept it meanwhile, that one stays:
   * 'equal' where its numbers are the same, and else a StoreError.
   */
  add(key: string, result: CellResult, maker: string): 'kept' | 'equal' {
    if (this.has(key)) {
      const path = this.path('cells', `${key}.json`);
      if (isDeepStrictEqual(numbersOf(readCell(path)), numbersOf(result))) return 'equal';
      throw new StoreError(
        `${path}: expected the same numbers from ${maker} as from ${this.makerOf(key) ?? 'another run'}, found others; one of them ran other code or another kind of machine`,
      );
    }
    this.attempt(() => {
      mkdirSync(this.path('makers'), { recursive: true });
    });
    this.saveText(join('makers', `${key}.txt`), `${maker}\n`);
    const kept: Kept = { ...result, identity: this.identity };
    this.saveText(join('cells', `${key}.json`), `${JSON.stringify(kept)}\n`);
    return 'kept';
  }

  /** Who computed a cell; null where that was not kept. */
  makerOf(key: string): string | null {
    const path = this.path('makers', `${key}.txt`);
    return existsSync(path) ? readFileSync(path, 'utf8').trim() : null;
  }

  /** What releases a lock of this folder, or who holds it. */
  lock(name: string): (() => void) | Holder {
    return this.attempt(() => takeLock(this.path('locks', name)));
  }

  /** Keeps a text under a name, and returns its path. */
  saveText(name: string, text: string): string {
    const path = this.path(name);
    this.attempt(() => {
      this.write(path, text);
    });
    return path;
  }

  hasTree(name: string): boolean {
    return existsSync(this.path('shared', `${name}.safetensors`));
  }

  /** Keeps a tree under a name. */
  saveTree(name: string, tree: unknown): void {
    this.attempt(() => {
      mkdirSync(this.path('shared'), { recursive: true });
      this.write(this.path('shared', `${name}.safetensors`), Buffer.from(saveSafetensors(tree)));
    });
  }

  /** Forgets a tree. */
  dropTree(name: string): void {
    rmSync(this.path('shared', `${name}.safetensors`), { force: true });
  }

  /** The tree kept under a name, if there is one with tensors of the shapes of `like`. */
  loadTree<T>(name: string, like: T): T | undefined {
    if (!this.hasTree(name)) return undefined;
    try {
      const { tree } = loadSafetensors(readFileSync(this.path('shared', `${name}.safetensors`)));
      const shapes = (t: unknown) => leaves(t).map((x) => [x.dtype, ...x.shape]);
      return isDeepStrictEqual(shapes(tree), shapes(like)) ? (tree as T) : undefined;
    } catch {
      return undefined; // damaged: made again
    }
  }

  private path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  /** Runs what uses the disk; what goes wrong there is said in one line. */
  private attempt<T>(f: () => T): T {
    try {
      return f();
    } catch (error) {
      const found = (error as NodeJS.ErrnoException).code === 'ENOSPC' ? 'a full disk' : (error as Error).message;
      throw new StoreError(`${this.folder}: expected a folder to write results to, found ${found}`);
    }
  }
}
