import assert from 'node:assert/strict';
import { opTable } from 'bigrad/testing';
import { tableGaps } from '../../src/testing/op-table.js';

const names = opTable.map((entry) => entry.op);

describe('the comparison of the op table with what is exported', () => {
  it('finds nothing where both agree', () => {
    assert.deepEqual(tableGaps(names, opTable), { missing: [], unknown: [], untested: [] });
  });

  it('names an export that the table misses', () => {
    assert.deepEqual(tableGaps([...names, 'conv7d'], opTable).missing, ['conv7d']);
    assert.deepEqual(
      tableGaps(
        names,
        opTable.filter((entry) => entry.op !== 'gate'),
      ).missing,
      ['gate'],
    );
  });

  it('names an entry that nothing exports, one that stands twice, and one without cases', () => {
    assert.deepEqual(tableGaps(names.slice(1), opTable).unknown, [names[0]]);
    assert.deepEqual(tableGaps(names, [...opTable, opTable[0]!]).unknown, [names[0]]);
    assert.deepEqual(tableGaps(['add'], [{ op: 'add', cases: [] }]).untested, ['add']);
  });
});
