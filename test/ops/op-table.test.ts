import assert from 'node:assert/strict';
import { cpu, reference } from 'bigrad';
import { checkGrads, opTable, parity } from 'bigrad/testing';
import { maker } from '../../src/testing/op-case.js';
import { tableGaps } from '../../src/testing/op-table.js';
import * as publicOps from '../../src/ops/public.js';

describe('the op table', () => {
  it('lists every exported op, and nothing else', () => {
    const exported = Object.entries(publicOps).filter(
      ([name, value]) => typeof value === 'function' && name !== 'toArray' && name !== 'copyTo',
    );
    const names = exported.map(([name]) => name);
    assert.ok(names.length > 70);
    assert.deepEqual(tableGaps(names, opTable), { missing: [], unknown: [], untested: [] });
  });

  for (const { op, cases, order } of opTable) {
    if (order === 0) continue;
    for (const { title, inputs, f } of cases)
      it(`${op}, ${title}: agrees with differences to order ${order}`, () => {
        checkGrads(f, inputs(maker(reference, 'float64')), { order, name: op, tolerance: 1e-6 });
      });
  }

  for (const dtype of ['float32', 'float64'] as const)
    it(`gives the same on cpu as on reference, values and two derivatives, in ${dtype}`, async () => {
      assert.ok((await parity(reference, cpu, undefined, { dtype })) > 300);
    });
});
