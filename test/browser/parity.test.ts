import assert from 'node:assert/strict';
import { modes, useBrowser } from './open.js';

describe('in a browser, the whole op table with first and second derivatives', () => {
  const call = useBrowser();

  it('is as on the reference device on cpu', async () => {
    assert.ok((await call('parityOf', 'cpu device')) > 500);
  });

  // webgl runs the kernels of webgl2, and takes half a minute more: on demand, by ALL_MODES=1.
  for (const mode of modes)
    it(`is as on the reference device on ${mode}`, async function () {
      if (mode === 'webgl' && !process.env['ALL_MODES']) this.skip();
      this.timeout(120_000);
      assert.ok((await call('parityOf', { mode })) > 500);
    });

  // In Node these shaders are tested on the same table always, by shaders.test.ts.
  it('is as on the reference device where shaders of this library take all products, on webgpu', async function () {
    if (!process.env['ALL_MODES']) this.skip();
    this.timeout(120_000);
    const products = ['matmul', 'dot', 'conv2d', 'convTranspose2d'];
    assert.ok((await call('parityOf', { mode: 'webgpu', leastWork: 0 }, products)) > 50);
  });
});
