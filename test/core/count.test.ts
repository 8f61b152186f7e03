import assert from 'node:assert/strict';
import { countBy } from '../../src/core/count.js';

describe('counting names', () => {
  it('says how often each occurs', () => {
    assert.deepEqual(countBy([]), {});
    assert.deepEqual(countBy(['add', 'mul', 'add', 'add']), { add: 3, mul: 1 });
  });
});
