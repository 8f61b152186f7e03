import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));
const changed = (file: string): number => statSync(`${folder}/${file}`, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/**
 * Installs the packages of package-lock.json beside this file unless they are newer than it; what
 * went wrong, if anything did.
 */
export function installPeers(): string | undefined {
  if (changed('node_modules/.package-lock.json') > changed('package-lock.json')) return undefined;
  console.error('installing the peers into bench/peers/node_modules');
  const { error, status } = spawnSync(
    'npm',
    ['ci', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund'],
    { stdio: ['ignore', 2, 2], shell: process.platform === 'win32' },
  );
  return error ? error.message : status === 0 ? undefined : `npm ci ended with code ${status}`;
}
