import { dense, stridedView, viewOf } from '../../core/view.js';
import type { Launcher } from './launcher.js';
import type { Window } from './memory.js';

/** The integers of a window, in row-major order, where they can be had at once; null on a device that can only be awaited. */
export function hostIntegers(gpu: Launcher, x: Window): Int32Array | null {
  const { host, handle, size } = x.ticket.block;
  const { shape, stride, offset } = x.view;
  const data = host ?? (gpu.engine.sync && handle ? (gpu.engine.read(handle, size) as Float32Array) : null);
  return data && Int32Array.from(dense(stridedView(viewOf(data, [size]), shape, stride, offset)));
}
