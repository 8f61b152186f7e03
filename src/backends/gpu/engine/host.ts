import type { Buffer } from '../../../core/dtype.js';
import type { View } from '../../../core/tensor.js';
import { dense, stridedView, viewOf } from '../../../core/view.js';
import type { Handle } from './gpu-js.js';
import type { Launcher } from './launcher.js';
import type { Window } from './memory.js';

/**
 * The elements of a window where they can be had at once: in main memory, or from a device that can
 * be read without waiting; null elsewhere.
 */
export function hostView(
  { engine, memory }: Pick<Launcher, 'engine' | 'memory'>,
  { view, ticket: { block } }: Window,
): View | null {
  const { shape, stride, offset } = view;
  let data: Buffer | null = block.host;
  if (!data && engine.sync) data = engine.read(memory.handle('read', block) as Handle, block.size) as Float32Array;
  return data && stridedView(viewOf(data, [data.length]), shape, stride, offset);
}

/** The integers of a window, in row-major order, where they can be had at once; none elsewhere. */
export function hostIntegers(gpu: Launcher, x: Window): Int32Array {
  const view = hostView(gpu, x);
  return view ? Int32Array.from(dense(view)) : new Int32Array(0);
}
