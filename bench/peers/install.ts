import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));

/** Installs jax-js and tfjs beside this file where they are not yet; what went wrong, if anything did. */
export function installPeers(): string | undefined {
  if (existsSync(`${folder}/node_modules/@jax-js`) && existsSync(`${folder}/node_modules/@tensorflow`))
    return undefined;
  console.error('installing jax-js and tfjs into bench/peers/node_modules');
  const { error, status } = spawnSync(
    'npm',
    ['ci', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund'],
    { stdio: ['ignore', 2, 2], shell: process.platform === 'win32' },
  );
  return error ? error.message : status === 0 ? undefined : `npm ci ended with code ${status}`;
}
