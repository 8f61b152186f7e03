import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BENCHES } from '../../../examples/benches.js';
import { experimentOf } from '../../../examples/lab/choose.js';
import { parseOptions } from '../../../examples/lab/options.js';
import { EXHIBITS } from '../../../examples/paper/exhibits.js';
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
