import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BENCHES } from '../../../examples/benches.js';
import type { CellResult } from '../../../examples/lab/cells.js';
import { parseOptions } from '../../../examples/lab/options.js';
import { readCells, readFolder } from '../../../examples/lab/store.js';
import { finish, run, smallRun, start, startFromSources } from './start.js';

const tiny = ['--points', '32', '--pretrain-epochs', '1', '--epochs', '2', '--splits', '2'];
/** Half of the cells: one baseline, and what shares pre-trained weights. */
const few = [...tiny, '--methods', 'linear,transfer,bi-rpt'];
const ofFew = (path: string): Map<string, CellResult> => {
  const chosen = ['linear', 'transfer', 'bi-rpt'];
  return new Map(
    [...readCells(path)].flatMap(([key, cell]) => {
      const rank = chosen.indexOf(cell.method.name);
      return rank < 0 ? [] : [[key, { ...cell, rank }]];
    }),
  );
};
const METHODS = [
  'Mean predictor',
  'Raw simulation',
  'Linear in T and simulation',
  'No Pretraining',
  'Pretrain-and-transfer',
  'Bi-RPT',
];

describe('npm start', () => {
  let folder: string;
  const at = (name: string): string => join(folder, name);
  const cellsOf = (name: string) => [...readCells(at(name)).values()];
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'bigrad-start-'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('ends with a table of all methods, words, and a report; it says that the data is synthetic', async () => {
    const { code, out, err } = await finish(startFromSources(...tiny, '--out', at('whole')));
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /SYNTHETIC/);
    assert.match(out, /has the smallest mean test MSE.*Density is the share.*The\smeasurements\sare\ssynthetic/s);
    assert.doesNotMatch(out, /±/); // two splits have no interval
    const path = /Report with plots: (.*)\n/.exec(out)![1]!;
    assert.ok(readFileSync(path, 'utf8').match(/<svg/g)!.length >= 4);
    assert.match(out, /docs\/x-yield\.md and docs\/digits\.md\n$/);
    const cells = cellsOf('whole');
    assert.equal(cells.length, 2 * METHODS.length);
    for (const title of METHODS) {
      assert.match(out, new RegExp(title));
      const own = cells.filter((c) => c.method.title === title);
      assert.deepEqual(own.map((c) => c.split).sort(), [0, 1]);
      for (const { metrics, trainCount, testCount, density, curve } of own) {
        assert.ok(metrics['MSE']! > 0 && metrics['MSE']! < 1e3, `${title}: ${metrics['MSE']}`);
        assert.deepEqual([trainCount, testCount], [23, 217]);
        assert.equal(density?.layers.length, title === 'Bi-RPT' ? 3 : undefined);
        assert.equal(curve.length, METHODS.indexOf(title) < 3 ? 0 : 3);
      }
    }
    assert.equal(readFolder(at('whole')).machine['node'], process.version);
  });

  it('two workers, two shards, and a run beside another give the same cells bit for bit; a shard says whose', async function () {
    this.timeout(180_000); // eight processes
    const expected = ofFew(at('whole'));
    const workers = await run(...few, '--workers', '2', '--out', at('workers'));
    assert.deepEqual([workers.code, workers.err], [0, '']);
    const [first, second] = await Promise.all(
      ['0/2', '1/2'].map((shard) => run(...few, '--shard', shard, '--out', at('shards'))),
    );
    assert.deepEqual([first!.code, second!.code, first!.err + second!.err], [0, 0, '']);
    await Promise.all([run(...few, '--out', at('both')), run(...few, '--out', at('both'))]);
    for (const name of ['workers', 'shards', 'both']) assert.deepEqual(readCells(at(name)), expected, name);
    const table = (out: string): string => /┌.*┘/s.exec(out)![0];
    const third = await run(...few, '--shard', '0/3', '--out', at('shards')); // of what is finished
    assert.equal(table(third.out), table(workers.out));
    assert.match(
      third.out,
      /^Shard 0\/3 has 2 cells: 0 computed by this run, 1 by shard 0\/2 \(process \d+ on .+\), 1 by shard 1\/2 /m,
    );
  });

  it('a shard without cells and a reader that has seen enough are no faults', async () => {
    const one = ['--splits', '1', '--methods', 'mean', '--out', at('spare')];
    const { code, out, err } = await run(...one, '--shard', '1/2');
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /^Shard 1\/2 has 0 cells: .*\nNo cell is finished yet, so there is no table\.\n$/m);
    const child = start('--list');
    child.stdout?.destroy();
    assert.equal((await finish(child)).code, 0);
  });

  it('keeps what is finished at Ctrl-C, says how to go on, and goes on to the same numbers', async () => {
    const child = start(...tiny, '--out', at('cut'));
    child.stdout?.on('data', (text: Buffer) => {
      if (text.toString().includes('Bi-RPT, split 1')) child.kill('SIGINT');
    });
    const { code, out } = await finish(child);
    assert.equal(code, 130);
    const kept = cellsOf('cut').length;
    assert.ok(kept >= 5 && kept < 12, `${kept} cells`);
    assert.match(out, /to go on:\n {2}npm start -- --points 32 .*--out .*cut/);
    const more = await run(...tiny, '--out', at('cut'));
    assert.equal(more.code, 0);
    assert.match(more.out, new RegExp(`${kept} cells of 12 are finished`));
    assert.deepEqual(readCells(at('cut')), readCells(at('whole')));
  });

  it('goes on to the same numbers when its processes were killed', async () => {
    const child = start(...few, '--workers', '2', '--out', at('killed'));
    const ended = finish(child);
    while (!existsSync(join(at('killed'), 'cells')) || cellsOf('killed').length < 2)
      await new Promise((resolve) => setTimeout(resolve, 50));
    child.kill('SIGKILL');
    await ended;
    const more = await run(...few, '--out', at('killed'));
    assert.deepEqual([more.code, more.err], [0, '']);
    assert.deepEqual(readCells(at('killed')), ofFew(at('whole')));
  });

  it('refuses a folder with results of other options or data, and one that cannot be written, in one line', async () => {
    const other = await run(...tiny, '--epochs', '3', '--out', at('whole'));
    assert.deepEqual([other.code, other.out], [1, '']);
    assert.match(other.err, /^.*expected results of the same options, found others; choose another --out\n$/);
    writeFileSync(at('file'), 'x');
    const blocked = await run(...tiny, '--out', at('file'));
    assert.equal(blocked.code, 1);
    assert.match(blocked.err, /^.*expected a folder to write results to, found .*\n$/);
  });

  it('refuses other measurements behind the same path, and a damaged cell', async () => {
    const rows = Array.from({ length: 12 }, (_, i) => `0,0,0,0,0.3,0.3,0,0.4,0,0,0,${300 + 50 * i},1.${i}`);
    const path = at('small.csv');
    const args = [...smallRun(path), '--methods', 'mean', '--out', at('small run')];
    writeFileSync(path, [header, ...rows].join('\n'));
    assert.equal((await run(...args)).code, 0);
    const [cell] = readdirSync(join(at('small run'), 'cells'));
    writeFileSync(join(at('small run'), 'cells', cell!), '{"method"');
    const damaged = await run(...args);
    assert.deepEqual([damaged.code, damaged.out], [1, '']);
    assert.match(damaged.err, /^.*expected a finished cell \(delete it to have it computed again\), found .*\n$/);
    writeFileSync(path, [header, ...rows].join('\n').replace('1.11', '1.12'));
    const changed = await run(...args);
    assert.deepEqual([changed.code, changed.out], [1, '']);
    assert.match(changed.err, /^.*expected results of the same data, found others; choose another --out\n$/);
  });

  const header = 'Al,Cr,Fe,Hf,Mo,Nb,Ta,Ti,V,W,Zr,temperature_K,yield_strength_GPa';
  const row = '0,0,0,0,0.3,0.3,0,0.4,0,0,0,296,1.1';
  const bad: readonly (readonly [string, string | null, RegExp])[] = [
    ['a missing file', null, /expected a .*file/],
    ['an empty file', '', /expected .*found/],
    ['a wrong column', `${header.replace('temperature_K', 'heat')}\n${row}\n`, /heat|temperature_K/],
    ['an unknown element', `${header.replace('Zr', 'Zq')}\n${row}\n`, /element.*Zq|Zq.*element/],
    ['fractions that do not sum to one', `${header}\n${row}\n${row.replace('0.4', '0.5')}\n`, /(row|line|:)\s*3.*sum/],
    ['strengths in MPa', `${header}\n${row.replace('1.1', '1100')}\n`, /line 2: .*at most 20 GPa/],
    ['a negative strength', `${header}\n${row.replace('1.1', '-1.1')}\n`, /(row|line|:)\s*2.*strength/],
  ];
  for (const [what, text, message] of bad)
    it(`says what is wrong with ${what} in one line and exits with 1`, async () => {
      const path = at(`${what.replaceAll(' ', '-')}.csv`);
      if (text !== null) writeFileSync(path, text);
      const { code, out, err } = await run('--data', path, '--out', at('unused'));
      assert.equal(code, 1);
      assert.equal(out, '');
      assert.match(err, /^[^\n]+\n$/);
      assert.match(err, message);
      assert.equal(existsSync(at('unused')), false);
    });

  it('exits with 2 for wrong options, each named in one message', async () => {
    const unknown = await run('--methods', 'none');
    assert.deepEqual([unknown.code, unknown.out], [2, '']);
    assert.match(unknown.err, /^expected a method out of mean, .*, found 'none'\n$/);
    const cases = [
      ['--splits', '1.5'],
      ['--points', 'many'],
      ['--size', 'huge'],
      ['--set', 'gamma'],
      ['--shard', '2/2'],
      ['--workers', '0'],
      ['--testbed', 'metals'],
      ['--device', 'gpu'],
      ['--nonsense'],
      ['extra'],
    ];
    for (const args of cases) {
      let said = '';
      assert.equal(
        parseOptions(BENCHES, args, (text) => (said += text)),
        2,
        args.join(' '),
      );
      assert.ok(said.includes(args[0] === 'extra' ? 'argument' : args[0]!), `${args.join(' ')}: ${said}`);
    }
  });

  it('--help explains every option, --list every task, protocol and method; both exit with 0', async () => {
    const { code, out } = await run('--help');
    assert.equal(code, 0);
    for (const option of ['data', 'task', 'protocol', 'methods', 'set', 'splits', 'points', 'epochs', 'out', 'workers'])
      assert.match(out, new RegExp(`--${option}`));
    const list = await run('--list');
    assert.equal(list.code, 0);
    for (const name of ['strength', 'class', 'grouped-folds', 'hand-tune', 'bi-rpt-released', 'gamma=0.0001'])
      assert.ok(list.out.includes(name), name);
  });
});
