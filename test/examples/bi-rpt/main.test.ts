import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseOptions } from '../../../examples/bi-rpt/options.js';
import type { Results } from '../../../examples/bi-rpt/store.js';
import { finish, run, smallRun, start } from './start.js';

const tiny = ['--points', '32', '--pretrain-epochs', '1', '--epochs', '2', '--seeds', '2'];
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
  const resultsOf = (name: string): Results =>
    JSON.parse(readFileSync(join(folder, name, 'results.json'), 'utf8')) as Results;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'bigrad-start-'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('ends with a table of all methods, says that the data is synthetic, and writes results and configuration', async () => {
    const { code, out } = await run(...tiny, '--out', at('whole'));
    assert.equal(code, 0);
    assert.match(out, /SYNTHETIC/);
    assert.match(out, /has the smallest mean test error.*Density is the share.*The measurements are\ssynthetic/s);
    assert.doesNotMatch(out, /±/); // two splits have no interval
    const path = /Report with plots: (.*)\n/.exec(out)![1]!;
    assert.equal(readFileSync(path, 'utf8').match(/<svg/g)?.length, 2);
    assert.match(out, /docs\/x-yield\.md\n$/);
    const { finished, results, config, machine } = resultsOf('whole');
    assert.equal(finished, true);
    assert.deepEqual([config.seeds, config.pretrain.points, config.data], [2, 32, null]);
    assert.equal(machine['node'], process.version);
    for (const method of METHODS) {
      assert.match(out, new RegExp(method));
      assert.deepEqual(
        results.filter((r) => r.method === method).map((r) => r.seed),
        [0, 1],
      );
    }
    for (const r of results) {
      assert.ok(r.testError !== null && r.testError > 0 && r.testError < 1e3, `${r.method}: ${r.testError}`);
      assert.deepEqual([r.trainCount, r.testCount], [23, 217]);
      assert.equal(r.density?.layers.length, r.method === 'Bi-RPT' ? 3 : undefined);
    }
  });

  it('gives the same numbers bit for bit for the same options', async () => {
    await run(...tiny, '--out', at('again'));
    assert.deepEqual(resultsOf('again').results, resultsOf('whole').results);
  });

  it('keeps what is finished at Ctrl-C, says how to go on, and goes on to the same numbers', async () => {
    const child = start(...tiny, '--out', at('cut'));
    child.stdout?.on('data', (text: Buffer) => {
      if (text.toString().includes('Bi-RPT, split 1')) child.kill('SIGINT');
    });
    const { code, out } = await finish(child);
    assert.equal(code, 130);
    const { finished, results } = resultsOf('cut');
    assert.equal(finished, false);
    assert.ok(results.length >= 5 && results.length < 12, `${results.length} results`);
    assert.match(out, /to go on:\n {2}npm start -- --points 32 .*--out .*cut/);

    const more = await run(...tiny, '--out', at('cut'));
    assert.equal(more.code, 0);
    assert.match(more.out, new RegExp(`${results.length} results are finished`));
    assert.deepEqual(resultsOf('cut').results, resultsOf('whole').results);
  });

  it('refuses a folder with results of other options, and one that cannot be written, in one line', async () => {
    const other = await run(...tiny, '--epochs', '3', '--out', at('whole'));
    assert.equal(other.code, 1);
    assert.match(
      other.err,
      /^.*results\.json: expected results of the same options, found others; choose another --out\n$/,
    );
    writeFileSync(at('file'), 'x');
    const blocked = await run(...tiny, '--out', at('file'));
    assert.equal(blocked.code, 1);
    assert.match(blocked.err, /^.*expected a folder to write results to, found .*\n$/);
  });

  it('refuses a folder that another run is using, and takes over that of one that was killed', async () => {
    const first = start(...tiny, '--out', at('shared'));
    const ended = finish(first);
    await new Promise((resolve) => first.stdout?.once('data', resolve));
    const second = await run(...tiny, '--out', at('shared'));
    assert.deepEqual([second.code, second.out], [1, '']);
    assert.match(
      second.err,
      new RegExp(`^.*no run is using, found process ${first.pid} on .* choose another --out\\n$`),
    );
    first.kill('SIGKILL');
    await ended;
    const third = await run(...tiny, '--out', at('shared'));
    assert.equal(third.code, 0);
    assert.deepEqual(resultsOf('shared').results, resultsOf('whole').results);
  });

  it('refuses to go on with other measurements behind the same path, and with a damaged record', async () => {
    const rows = Array.from({ length: 12 }, (_, i) => `0,0,0,0,0.3,0.3,0,0.4,0,0,0,${300 + 50 * i},1.${i}`);
    const path = at('small.csv');
    const args = [...smallRun(path), '--out', at('small run')];
    writeFileSync(path, [header, ...rows].join('\n'));
    assert.equal((await run(...args)).code, 0);
    writeFileSync(path, [header, ...rows].join('\n').replace('1.11', '1.12'));
    const changed = await run(...args);
    assert.deepEqual([changed.code, changed.out], [1, '']);
    assert.match(changed.err, /^.*expected results of the same measurements, found others; choose another --out\n$/);
    writeFileSync(join(at('small run'), 'results.json'), 'null');
    const damaged = await run(...args);
    assert.equal(damaged.code, 1);
    assert.match(damaged.err, /^.*expected the results of an earlier run, found something else\n$/);
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
    assert.equal((await run('--fraction', '0')).code, 2);
    const cases = [
      ['--fraction', '0'],
      ['--fraction', ''],
      ['--seeds', '1.5'],
      ['--points', 'many'],
      ['--preset', 'none'],
      ['--mode', 'both'],
      ['--device', 'gpu'],
      ['--gamma', '-1'],
      ['--nonsense'],
      ['extra'],
    ];
    for (const args of cases) {
      let said = '';
      assert.equal(
        parseOptions(args, (text) => (said += text)),
        2,
        args.join(' '),
      );
      assert.ok(said.includes(args[0] === 'extra' ? 'argument' : args[0]!), `${args.join(' ')}: ${said}`);
    }
  });

  it('--help explains every option and exits with 0', async () => {
    const { code, out } = await run('--help');
    assert.equal(code, 0);
    for (const option of [
      'data',
      'fraction',
      'seeds',
      'points',
      'epochs',
      'preset',
      'out',
      'full',
      'mode',
      'gamma',
      'device',
    ])
      assert.match(out, new RegExp(`--${option}`));
  });
});
