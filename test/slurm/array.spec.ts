import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCells } from '../../examples/lab/store.js';
import { run } from '../examples/bi-rpt/start.js';
import { missing, startCluster, type Cluster, type Ended } from './cluster.js';

// npm run test:slurm; no part of npm test, for it takes minutes.

const OPTIONS = '--points 32 --pretrain-epochs 1 --epochs 2 --splits 2 --methods linear,transfer,bi-rpt'.split(' ');
const TASKS = 3;

describe('the job array of examples/lab/cluster/slurm.sh', function () {
  this.timeout(600_000);
  let folder: string;
  let cluster: Cluster | undefined;
  const at = (name: string): string => join(folder, name);
  const submit = (out: string, ...options: string[]): Promise<Ended> =>
    cluster!.command(
      ...['sbatch', `--array=0-${TASKS - 1}`, `--output=${at(`${out}-%a.txt`)}`, ...options],
      ...['examples/lab/cluster/slurm.sh', at(out), ...OPTIONS],
    );
  const finished = (out: string): number =>
    existsSync(join(at(out), 'cells'))
      ? readdirSync(join(at(out), 'cells')).filter((n) => n.endsWith('.json')).length
      : 0;

  before(async function () {
    const lacking = missing();
    if (lacking.length > 0) {
      console.log(`skipped: ${lacking.join(', ')} not found; apt-get install slurm-wlm has them`);
      return this.skip();
    }
    folder = mkdtempSync(join(tmpdir(), 'bigrad-array-'));
    cluster = await startCluster(TASKS);
    assert.equal((await run(...OPTIONS, '--out', at('alone'))).code, 0);
  });
  after(async () => {
    await cluster?.stop();
    if (folder) rmSync(folder, { recursive: true });
  });

  it('computes every cell once, to the numbers of one process', async () => {
    const { code, said } = await submit('array', '--wait');
    assert.equal(code, 0, said);
    assert.deepEqual(readCells(at('array')), readCells(at('alone')));
    for (let task = 0; task < TASKS; task++)
      assert.match(
        readFileSync(at(`array-${task}.txt`), 'utf8'),
        new RegExp(`^Shard ${task}/${TASKS} has 2 cells: 2 computed by this run\\.$`, 'm'),
      );
  });

  it('goes on to the same numbers after it was cancelled', async () => {
    const { said } = await submit('cancelled');
    const id = /Submitted batch job (\d+)/.exec(said)![1]!;
    while (finished('cancelled') === 0) await new Promise((resolve) => setTimeout(resolve, 100));
    await cluster!.command('scancel', '--signal=KILL', id);
    await cluster!.command('scancel', id);
    const left = 2 * TASKS - finished('cancelled');
    assert.equal((await submit('cancelled', '--wait')).code, 0);
    assert.ok(left > 0, 'nothing was left to do');
    assert.deepEqual(readCells(at('cancelled')), readCells(at('alone')));
  });
});
