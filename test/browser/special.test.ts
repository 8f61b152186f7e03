import assert from 'node:assert/strict';
import { numbers, pairAt } from '../backends/special-values.js';
import { modes, useBrowser } from './open.js';
import type { Difference } from './page/special.js';

/** What docs/gpu.md says may differ: sines of huge numbers, and 1 or -1 to an infinite power. */
function excused({ op, at }: Difference): boolean {
  if (['sin', 'cos', 'tan', 'sinc'].includes(op)) return Math.abs(numbers[at]!) > 8192;
  const [x, y] = pairAt(at);
  return op === 'pow' && Math.abs(x) === 1 && !Number.isFinite(y);
}

describe('in a browser, IEEE arithmetic on the GPU device', () => {
  const call = useBrowser();

  for (const mode of modes) {
    it(`has NaN and infinities where the reference has them, on ${mode}`, async () => {
      const differences = await call('specialValues', mode);
      assert.deepEqual(
        differences.filter((d) => !excused(d)),
        [],
      );
    });

    it(`keeps numbers below 1.2e-38, or takes them for 0, on ${mode}`, async () => {
      const { products, inverse, ofInfinity } = await call('denormals', mode);
      if (products[0] === 0) assert.deepEqual([products, inverse, ofInfinity], [[0, 0], 'Infinity', 'NaN']);
      else {
        products.forEach((v, i) => {
          assert.ok(Math.abs(v - [0.03, -0.03][i]!) < 1e-5, String(v));
        });
        assert.ok(Math.abs(Number(inverse) / 2e38 - 1) < 1e-5 && ofInfinity === 'Infinity', `${inverse} ${ofInfinity}`);
      }
    });

    it(`has functions of our own to 6e-7, and the driver's e^x and x^y to 1e-5, on ${mode}`, async () => {
      const { own, drivers } = await call('precision', mode);
      for (const [name, error] of Object.entries(own)) assert.ok(error < 6e-7, `${name}: ${error}`);
      for (const [name, error] of Object.entries(drivers)) assert.ok(error < 1e-5, `${name}: ${error}`);
    });

    it(`has sines to 1e-6 up to 8192 on ${mode}`, async () => {
      assert.ok((await call('sineError', mode)) < 1e-6);
    });
  }
});
