import { reference } from 'bigrad';
import { checkGrads, opTable } from 'bigrad/testing';
import { maker } from '../src/testing/op-table.js';

// test/op-table.test.ts in short, for the mutants of ops: first derivatives alone.
describe('the op table, in short', () => {
  for (const { op, cases, order } of opTable) {
    if (order === 0) continue;
    for (const { title, inputs, f } of cases)
      it(`${op}, ${title}: agrees with differences`, () => {
        checkGrads(f, inputs(maker(reference, 'float64')), { order: 1, name: op, tolerance: 1e-6 });
      });
  }
});
