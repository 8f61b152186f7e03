import { randomUUID } from 'node:crypto';
import { readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { takeLock } from '../../../examples/lab/lock.js';

/** A process id above any of Linux. */
const NOBODY = 2 ** 22 + 1;

// One of several processes that take a lock again and again. It releases it every third time, and
// leaves it as the dead do otherwise. It fails where another process is inside with it.
const [folder, processes, rounds] = process.argv.slice(2);
const [lock, inside] = [join(folder!, 'contended'), join(folder!, 'inside')];
writeFileSync(join(folder!, `ready-${process.pid}`), '');
while (readdirSync(folder!).filter((name) => name.startsWith('ready')).length < Number(processes));
for (let taken = 0; taken < Number(rounds);) {
  const release = takeLock(lock);
  if (typeof release !== 'function') continue;
  writeFileSync(inside, '', { flag: 'wx' });
  rmSync(inside);
  if (++taken % 3 === 0) release();
  else renameSync(join(lock, readdirSync(lock)[0]!), join(lock, `${NOBODY}@${hostname()}@${randomUUID()}`));
}
