import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { holderOf, takeLock } from '../../../examples/lab/lock.js';

describe('the lock of a folder', () => {
  let folder: string;
  let other: ChildProcess;
  const path = () => join(folder, 'run.lock');
  const heldBy = (host: string, pid: number, secondsAgo = 0) => {
    writeFileSync(path(), JSON.stringify({ host, pid }));
    const time = new Date(Date.now() - 1000 * secondsAgo);
    utimesSync(path(), time, time);
  };
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'bigrad-lock-'));
    other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  });
  after(() => {
    other.kill();
    rmSync(folder, { recursive: true });
  });

  it('is held until it is released, and names its holder meanwhile', () => {
    const release = takeLock(path());
    assert.ok(typeof release === 'function');
    assert.deepEqual(takeLock(path()), { host: hostname(), pid: process.pid });
    release();
    assert.equal(existsSync(path()), false);
    assert.equal(holderOf(path()), null);
  });

  it('is respected while its process runs, here or on another host', () => {
    for (const [host, pid] of [
      [hostname(), other.pid!],
      ['elsewhere', 1],
    ] as const) {
      heldBy(host, pid);
      assert.deepEqual(takeLock(path()), { host, pid });
    }
  });

  it('is taken over from a dead process, a silent host, and from a damaged file', () => {
    const cases = [
      () => {
        heldBy(hostname(), 2 ** 22 + 1); // above any process id of Linux
      },
      () => {
        heldBy('elsewhere', 1, 200);
      },
      () => {
        writeFileSync(path(), 'damaged');
      },
    ];
    for (const make of cases) {
      make();
      const release = takeLock(path());
      assert.ok(typeof release === 'function');
      release();
    }
  });
});
