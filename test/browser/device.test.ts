import assert from 'node:assert/strict';
import { modes, useBrowser } from './open.js';

describe('in a browser, the GPU device', () => {
  const call = useBrowser();

  for (const mode of modes) {
    it(`trains as the reference device does, with as many live buffers after 2,000 steps as after the first, on ${mode}`, async function () {
      this.timeout(120_000);
      const { loss, expected, buffers } = await call('training', mode, 2001);
      assert.ok(Math.abs(loss - expected) < 1e-4, `${loss} ${expected}`);
      assert.equal(buffers.length, 41);
      assert.equal(new Set(buffers).size, 1, `live buffers: ${buffers.join(', ')}`);
      assert.ok(buffers[0]! < 12);
    });

    it(`reads, and refuses float64 and tensors of another device, on ${mode}`, async () => {
      const { atOnce, upload64, read64, otherDevice, disposed, ...values } = await call('reading', mode);
      assert.deepEqual(values, { read: [2, 3], number: [3, 3], empty: 0 });
      assert.match(
        atOnce,
        mode === 'webgpu' ? /readSync: expected a device that can be read at once, got gpu \(webgpu\)/ : /^$/,
      );
      assert.match(upload64, /upload: expected float32 or int32 .*got float64; use cast/);
      assert.match(read64, /read: expected float32 or int32 .*got float64; use cast/);
      assert.match(otherDevice, /add: expected tensors on one device, got gpu \(\w+\) and cpu/);
      assert.match(disposed, /read: expected a device in use/);
    });

    it(`holds tensors of any size, with kernels that come and go, on ${mode}`, async () => {
      const sizes = [5, 100, 8192, 8193, 20_000, 1_000_000, 3_000_000, 7, 2, 5];
      assert.deepEqual(await call('wrongSizes', mode, sizes), []);
    });

    it(`tells its adapter on ${mode}`, async () => {
      const facts = await call('facts', mode);
      assert.ok(typeof facts === 'object', String(facts));
      assert.deepEqual([facts.requested, facts.mode, facts.declined], [mode, mode, {}]);
      assert.ok(facts.adapter.length > 0 && facts.adapter !== 'unnamed');
      assert.ok(Object.values(facts.limits).every((limit) => limit > 0) && Object.keys(facts.limits).length > 0);
    });
  }

  it('is on webgpu where nothing is asked for', async () => {
    const facts = await call('facts', 'auto');
    assert.ok(typeof facts === 'object' && facts.mode === 'webgpu' && facts.requested === 'auto');
  });

  it('refuses a mode that only Node has, naming the cure', async () => {
    assert.match(
      String(await call('facts', 'headlessgl')),
      /expected mode 'headlessgl' to be available.*the package gl/,
    );
  });
});
