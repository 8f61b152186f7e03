import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';

/** Makes the folder of results and returns the path for a run of this date in it, without extension; throws where that cannot be. */
export function resultPath(folder: string, prefix: string, date: string): string {
  mkdirSync(folder, { recursive: true });
  return join(folder, `${prefix}${date.replaceAll(':', '-').replace(/\.\d+Z$/, 'Z')}`);
}

/** Writes a file whole or not at all. */
export const writeWhole = (file: string, text: string): void => writeFileAtomic.sync(file, text);

/** Writes a value as JSON, whole or not at all. */
export const writeJson = (file: string, value: unknown): void =>
  writeWhole(file, `${JSON.stringify(value, null, 2)}\n`);
