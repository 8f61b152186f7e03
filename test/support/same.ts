import assert from 'node:assert/strict';
import { leaves, type Tensor } from 'bigrad';
import { viewOfStorage } from '../../src/backends/resident.js';
import { close, values } from './close.js';

/**
 * Asserts that two trees hold equal tensors, bit for bit; within a tolerance relative to their size
 * where one is given.
 */
export function same(got: unknown, expected: unknown, tolerance = 0, what = ''): void {
  const [a, b] = [leaves(got), leaves(expected)];
  assert.equal(a.length, b.length, what);
  a.forEach((x, i) => {
    const y = b[i]!;
    assert.deepEqual([x.shape, x.dtype, x.device.name], [y.shape, y.dtype, y.device.name], `${what} result ${i}`);
    if (tolerance === 0) assert.deepEqual(values(x), values(y), `${what} result ${i}`);
    else close(x, y, tolerance, `${what} result ${i}`);
  });
}

/** The same tensor, in memory of its own. */
export const memoryOf = (x: Tensor): unknown => viewOfStorage(x.storage).data;
