import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { holderOf, takeLock } from '../../../examples/lab/lock.js';
import { finish } from '../bi-rpt/start.js';

describe('the lock of a folder', () => {
  let folder: string;
  let other: ChildProcess;
  const path = () => join(folder, 'run');
  const heldBy = (host: string, pid: number, secondsAgo = 0) => {
    rmSync(path(), { recursive: true, force: true });
    mkdirSync(path());
    const time = new Date(Date.now() - 1000 * secondsAgo);
    const file = join(path(), `${pid}@${host}@x`);
    writeFileSync(file, '');
    utimesSync(file, time, time);
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

  it('is taken over from a dead process, a silent host, and where a file in it names nobody, or is missing', () => {
    const cases = [
      () => {
        heldBy(hostname(), 2 ** 22 + 1); // above any process id of Linux
      },
      () => {
        heldBy('elsewhere', 1, 200);
      },
      () => {
        mkdirSync(path());
        writeFileSync(join(path(), 'damaged'), '');
      },
      () => {
        mkdirSync(path());
      }, // by a process that was killed as it released the lock
    ];
    for (const make of cases) {
      make();
      const release = takeLock(path());
      assert.ok(typeof release === 'function');
      assert.deepEqual(takeLock(path()), { host: hostname(), pid: process.pid });
      release();
      assert.equal(existsSync(path()), false);
    }
  });

  it('is not released by a holder from which it was taken: of two, only the second one has it', () => {
    const first = takeLock(path());
    assert.ok(typeof first === 'function');
    renameSync(join(path(), readdirSync(path())[0]!), join(path(), `${other.pid}@elsewhere@x`));
    first();
    assert.deepEqual(holderOf(path()), { host: 'elsewhere', pid: other.pid });
    rmSync(path(), { recursive: true });
  });

  it('is held by one process at a time, while several take it over from dead ones and release it', async () => {
    const [processes, rounds] = [3, 60];
    const outfile = join(folder, 'contender.mjs');
    const entry = 'test/examples/lab/contender.ts';
    buildSync({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'esm' });
    const options = [outfile, folder, `${processes}`, `${rounds}`];
    const children = Array.from({ length: processes }, () =>
      spawn(process.execPath, options, { stdio: ['ignore', 'pipe', 'pipe'] }),
    );
    for (const { code, err } of await Promise.all(children.map(finish))) assert.deepEqual([code, err], [0, '']);
  });
});
