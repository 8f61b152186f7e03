import assert from 'node:assert/strict';
import { modes, useBrowser } from './open.js';

describe('in a browser, the whole op table with first and second derivatives', () => {
  const call = useBrowser();

  for (const mode of ['bigrad', ...modes] as const)
    it(`is as on the reference device on ${mode === 'bigrad' ? 'cpu' : `gpu (${mode})`}`, async function () {
      this.timeout(120_000);
      assert.ok((await call('parityOf', mode)) > 500);
    });
});
