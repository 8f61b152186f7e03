import assert from 'node:assert/strict';
import { modes, useBrowser } from './open.js';

describe('in a browser, compiled functions on the GPU device', () => {
  const call = useBrowser();

  for (const mode of modes)
    it(`give the results of the reference device with fewer launches, and hold a flat number of buffers, on ${mode}`, async function () {
      this.timeout(120_000);
      const { errors, launches, buffers } = await call('compiled', mode);
      assert.deepEqual(Object.keys(errors), ['chains', 'gradient', 'training', 'biRpt']);
      for (const [name, error] of Object.entries(errors)) assert.ok(error < 1e-5, `${name}: ${error}`);
      for (const [name, [compiled, eager]] of Object.entries(launches))
        assert.ok(compiled < 0.95 * eager, `${name}: ${compiled} launches, ${eager} eagerly`);
      assert.equal(new Set(buffers).size, 1, `live buffers: ${buffers.join(', ')}`);
    });
});
