import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { ELEMENTS, SYMBOLS } from '../../../examples/x-yield/index.js';
import { optionalData } from './optional-data.js';

describe('elements', () => {
  it('are the 11 in alphabetical order', () => {
    assert.equal(SYMBOLS.join(' '), 'Al Cr Fe Hf Mo Nb Ta Ti V W Zr');
  });

  it('are elastically stable cubic crystals', () => {
    for (const { symbol, C11, C12, C44 } of ELEMENTS) assert.ok(C11 > C12 && C44 > 0 && C11 + 2 * C12 > 0, symbol);
  });

  for (const layout of ['ptr', 'rptr'] as const) {
    it(`stand at distinct cells of the 9 x 18 grid in layout ${layout}`, () => {
      const cells = ELEMENTS.map((element) => element[layout]);
      assert.ok(cells.every(([row, column]) => row >= 0 && row < 9 && column >= 0 && column < 18));
      assert.equal(new Set(cells.map(String)).size, ELEMENTS.length);
    });
  }

  it('equal the table of the optional data file elements.json (skipped where it is absent)', function () {
    const { path, missing } = optionalData('elements.json');
    if (missing) this.skip();
    const { elements } = JSON.parse(readFileSync(path, 'utf8')) as { elements: Record<string, object> };
    const ours = ELEMENTS.map(({ symbol, volume, ...rest }) => [symbol, { ...rest, V: volume }]);
    assert.deepEqual(Object.fromEntries(ours), elements);
  });
});
