import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BENCHES } from '../../../examples/benches.js';
import { experimentOf } from '../../../examples/lab/choose.js';
import { parseOptions } from '../../../examples/lab/options.js';
import { EXHIBITS } from '../../../examples/paper/exhibits.js';
import { byItem, testItems } from '../../../examples/paper/items.js';
import { besidePaper } from '../../../examples/paper/main.js';
import { run } from '../bi-rpt/start.js';

describe('the tables of the paper', () => {
  it('name tasks, protocols and methods that there are, and numbers of methods in their rows', () => {
    for (const { methods, parts } of EXHIBITS)
      for (const { options, paper } of parts) {
        const choice = parseOptions(BENCHES, [...options, '--methods', methods.join(',')]);
        assert.ok(typeof choice === 'object');
        const { methods: made } = experimentOf(BENCHES[0]!, () => BENCHES[0]!.open(choice), choice);
        assert.deepEqual(
          made.map(({ name }) => name),
          methods,
        );
        assert.ok(Object.keys(paper).every((name) => methods.includes(name)));
      }
  });

  it('show every measurement of three alloys beside predictions, in order of temperature', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bigrad-paper-'));
    try {
      const head = 'Al,Cr,Fe,Hf,Mo,Nb,Ta,Ti,V,W,Zr,temperature_K,yield_strength_GPa';
      const [four, five, six] = ['.25,.25,.25,.25,0,0,0', '.2,.2,.2,.2,0,.2,0', '.2,.2,.1,.1,.2,.2,0'];
      const sixth = Array.from({ length: 6 }, () => '.166667');
      const equal = [...sixth, '0'].join();
      const row = (tail: string, kelvin: number, strength: number): string => `0,0,0,0,${tail},${kelvin},${strength}`;
      const rows = [row(four, 673, 0.685), row(five, 298, 1.399), row(equal, 296, 1.515), row(four, 293, 1.21)];
      const others = Array.from({ length: 8 }, (_, i) => row(six, 300 + i, 1 + i / 10));
      const file = join(folder, 'alloys.csv');
      writeFileSync(file, [head, ...rows, ...others].join('\n'));
      const out = join(folder, 'out');
      const options = ['--data', file, '--protocol', 'three-alloys', '--splits', '1', '--methods', 'mean,simulation'];
      assert.equal((await run(...options, '--out', out)).code, 0);
      const table = byItem(out, testItems(file, 'three-alloys'));
      assert.deepEqual(table[0], ['alloy', 'T (K)', 'measured', 'Mean predictor', 'Raw simulation']);
      assert.deepEqual(
        table.slice(1).map(([alloy, kelvin, measured, mean]) => [alloy, kelvin, measured, mean]),
        [
          ['MoNbTaTi', '293', '1.210', '1.350'],
          ['MoNbTaTi', '673', '0.685', '1.350'],
          ['MoNbTaTiVW', '296', '1.515', '1.350'],
          ['MoNbTaTiW', '298', '1.399', '1.350'],
        ],
      );
      assert.equal(table[2]![4], '0.282'); // the paper's simulated value
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('need measurements of those alloys', () => {
    assert.throws(() => testItems(null, 'three-alloys'), /^DataError: protocol three-alloys: expected measurements of/);
  });

  it('stand beside what the paper prints', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bigrad-paper-'));
    try {
      const { code } = await run('--methods', 'mean,linear', '--splits', '3', '--out', folder);
      assert.equal(code, 0);
      const [head, mean, linear] = besidePaper(folder, { title: '', options: [], paper: { linear: '.061' } });
      assert.deepEqual(head, ['method', 'here, MSE (GPa²)', 'in the paper', 'splits']);
      assert.deepEqual([mean![2], linear![2], linear![3]], ['-', '.061', '3']);
      assert.match(linear![1]!, /^0\.062 ± 0\.014$/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
