import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, run } from './pack.js';

/** A consumer's project in a temporary folder. */
export interface Folder {
  readonly path: string;
  write(name: string, content: unknown): void;
  /** What Node prints when it runs a file. */
  node(name: string): string;
  npm(...args: string[]): string;
  /** The packages in its node_modules. */
  installed(): string[];
  /** Bytes of a file, or of a folder with all in it. */
  size(name: string): number;
}

/** Makes an empty one. */
export function makeFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'bigrad-consumer-'));
  const visible = (folder: string): string[] => readdirSync(folder).filter((name) => !name.startsWith('.'));
  const sizeOf = (file: string): number =>
    statSync(file).isDirectory()
      ? readdirSync(file).reduce((sum, name) => sum + sizeOf(join(file, name)), 0)
      : statSync(file).size;
  return {
    path,
    write: (name, content) => {
      writeFileSync(join(path, name), typeof content === 'string' ? content : JSON.stringify(content));
    },
    node: (name) => run(path, process.execPath, name),
    npm: (...args) => run(path, 'npm', ...args, '--no-audit', '--no-fund', '--prefer-offline'),
    installed: () => {
      const modules = join(path, 'node_modules');
      return visible(modules).flatMap((name) =>
        name.startsWith('@') ? visible(join(modules, name)).map((sub) => `${name}/${sub}`) : [name],
      );
    },
    size: (name) => sizeOf(join(path, name)),
  };
}

/** The version of a package that this project itself has installed. */
export const version = (name: string): string =>
  (JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')) as { version: string }).version;
