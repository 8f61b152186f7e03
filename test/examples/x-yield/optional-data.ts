import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * The path of a data file that is no part of the repository: tests of it skip themselves where it
 * is absent.
 */
export function optionalData(name: string): { path: string; missing: boolean } {
  const path = fileURLToPath(new URL(`../../../../shared/data/x-yield/${name}`, import.meta.url));
  return { path, missing: !existsSync(path) };
}
