import assert from 'node:assert/strict';
import { leaves } from 'bigrad';
import { loadSafetensors, saveSafetensors } from 'bigrad/io';
import { counting, laidOpen } from './safetensors-files.js';

const LIMIT_MS = 5000; // for hangs, not for slow machines

/**
 * Loads, or refuses as it should; true when it loads. What loads is valid: it can be saved and
 * loaded again.
 */
export function survives(bytes: Uint8Array): boolean {
  const device = counting();
  const start = performance.now();
  try {
    const { tree, metadata } = loadSafetensors(bytes, { device });
    const made = leaves(tree).reduce((n, x) => n + x.readSync().byteLength, 0);
    assert.equal(device.bytes, made);
    assert.ok(made <= 4 * bytes.length, `${made} bytes of tensors from a file of ${bytes.length}`);
    if (typeof tree === 'object')
      assert.deepEqual(laidOpen(loadSafetensors(saveSafetensors(tree, metadata), { device }).tree), laidOpen(tree));
    return true;
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    assert.ok(error instanceof RangeError || error instanceof TypeError, String(error));
    assert.match(error.message, /^loadSafetensors: expected .*, got /s);
    assert.ok(error.message.length < 1000, `a message of ${error.message.length} characters`);
    assert.equal(device.bytes, 0);
    return false;
  } finally {
    const took = performance.now() - start;
    assert.ok(took < LIMIT_MS, `took ${took} ms`);
  }
}
