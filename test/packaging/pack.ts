import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The project's root folder. */
export const root = resolve(import.meta.dirname, '../..');

/**
 * Runs a command in a folder and returns what it prints; where it fails, throws with all it said.
 */
export function run(folder: string, command: string, ...args: string[]): string {
  try {
    return execFileSync(command, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${[command, ...args].join(' ')} failed\n${stdout}${stderr}`, { cause: error });
  }
}

/** A command of one of the project's own development dependencies. */
export const tool = (name: string): string => join(root, 'node_modules', '.bin', name);

/** The tarball given on the command line, or a fresh one, built and packed into `folder`. */
export function tarball(folder: string): string {
  const [given] = process.argv.slice(2);
  if (given) return resolve(given);
  run(root, 'npm', 'pack', '--pack-destination', folder);
  const packed = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  if (packed.length !== 1) throw new Error(`npm pack: expected one tarball, got ${packed.join(', ') || 'none'}`);
  return join(folder, packed[0]!);
}
