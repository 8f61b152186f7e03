import { reference } from 'bigrad';
import { checkGrads, opTable } from 'bigrad/testing';
import { maker } from '../src/testing/op-case.js';

// test/op-table.test.ts in short, for the mutants of ops: first derivatives, and the
// second of each op's first case.
describe('the op table, in short', () => {
  for (const { op, cases, order } of opTable) {
    if (order === 0) continue;
    for (const [i, { title, inputs, f }] of cases.entries())
      it(`${op}, ${title}: agrees with differences`, () => {
        checkGrads(f, inputs(maker(reference, 'float64')), { order: i === 0 ? 2 : 1, name: op, tolerance: 1e-6 });
      });
  }
});
