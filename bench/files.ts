import type { Command } from 'commander';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';

/**
 * Makes the folder of results and returns the path for a run of this date in it, without extension;
 * ends the command where that cannot be.
 */
export function resultPath(command: Command, folder: string, prefix: string, date: string): string {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (e) {
    return command.error(`error: cannot write results to '${folder}': ${(e as Error).message}`);
  }
  return join(folder, `${prefix}${date.replaceAll(':', '-').replace(/\.\d+Z$/, 'Z')}`);
}

/** Writes a file whole or not at all. */
export const writeWhole = (file: string, text: string): void => {
  writeFileAtomic.sync(file, text);
};

/** Writes a value as JSON, whole or not at all. */
export const writeJson = (file: string, value: unknown): void => {
  writeWhole(file, `${JSON.stringify(value, null, 2)}\n`);
};
