import assert from 'node:assert/strict';
import { createCache } from '../../../../src/backends/gpu/engine/cache.js';
import type { Compiled } from '../../../../src/backends/gpu/engine/engine.js';
import type { Pending } from '../../../../src/backends/gpu/engine/gpu-js.js';

describe('the cache of kernels', () => {
  const data = Float32Array.of(1);
  const made =
    (name: string, destroyed: string[], result: () => Pending = () => data) =>
    (): Compiled => ({
      run: result,
      destroy: () => destroyed.push(name),
    });

  it('destroys the kernel that was used longest ago', () => {
    const destroyed: string[] = [];
    const cache = createCache(2);
    for (const name of ['a', 'b', 'a', 'c', 'c', 'd']) cache.run(name, made(name, destroyed), []);
    assert.deepEqual(destroyed, ['b', 'a']);
    assert.equal(cache.count, 2);
    cache.clear();
    assert.deepEqual(destroyed, ['b', 'a', 'c', 'd']);
  });

  it('destroys a kernel whose call is on its way when that has finished, or failed', async () => {
    for (const end of ['resolve', 'reject'] as const) {
      const destroyed: string[] = [];
      const cache = createCache(1);
      let [resolve, reject] = [(_: Float32Array) => undefined as void, (_: Error) => undefined as void];
      const call = new Promise<Float32Array>((...ends) => {
        [resolve, reject] = ends;
      });
      const result = cache.run(
        'a',
        made('a', destroyed, () => call),
        [],
      );
      cache.run('b', made('b', destroyed), []);
      assert.deepEqual(destroyed, []);
      if (end === 'resolve') resolve(data);
      else reject(new Error('no kernel'));
      await Promise.allSettled([result]);
      await Promise.resolve();
      assert.deepEqual(destroyed, ['a']);
    }
  });

  it('leaves no room to kernels whose first call fails', () => {
    const cache = createCache(2);
    const failing = (): Compiled => ({
      run: () => {
        throw new Error('no kernel');
      },
      destroy: () => undefined,
    });
    for (let i = 0; i < 5; i++) assert.throws(() => cache.run(`failing ${i}`, failing, []), /no kernel/);
    cache.run('a', made('a', []), []);
    assert.ok(cache.count <= 2);
  });
});
