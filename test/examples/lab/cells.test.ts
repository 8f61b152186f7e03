import assert from 'node:assert/strict';
import { BENCHES } from '../../../examples/benches.js';
import { cellsOf, identityOf } from '../../../examples/lab/cells.js';
import { experimentOf } from '../../../examples/lab/choose.js';

describe('the cells of an experiment', () => {
  const digits = BENCHES.find(({ name }) => name === 'digits')!;
  const testbed = digits.open({ data: null, layout: 'rptr' });
  const keys = (firstSplit: number, splits: number): string[] => {
    const experiment = experimentOf(digits, () => testbed, { size: 'quick', splits, firstSplit, settings: [] });
    return cellsOf(experiment, identityOf(experiment, 'cpu', '0')).map(({ key }) => key);
  };

  it('are the same, whichever split is the first', () => {
    const methods = digits.first.length;
    assert.deepEqual(keys(2, 1), keys(0, 3).slice(2 * methods));
    assert.equal(new Set([...keys(0, 2), ...keys(2, 1)]).size, 3 * methods);
  });
});
