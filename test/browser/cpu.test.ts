import assert from 'node:assert/strict';
import { useBrowser } from './open.js';

describe('in a browser, the cpu device', () => {
  const call = useBrowser();

  it('runs SIMD kernels and compiled plans that agree with the reference device', async () => {
    const { build, isolated, eager, compiled, traces, steps } = await call('cpuDevice');
    assert.match(build, /^(relaxed|simd128)$/);
    assert.ok(isolated, 'the page may share memory');
    assert.ok(eager < 1e-6 && compiled < 1e-6, `${eager} ${compiled}`);
    assert.equal(traces, 1);
    assert.ok(steps > 0);
  });
});
