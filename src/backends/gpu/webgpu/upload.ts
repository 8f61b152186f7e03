import type { BufferHandle } from '../engine/gpu-js.js';
import { checkAlive, type Site } from './site.js';

/** Elements that go to the GPU. */
export function upload(site: Site, data: Float32Array): BufferHandle {
  checkAlive(site);
  const slot = site.pool.take(data.byteLength);
  site.commands.flush(); // what reads the buffer's old elements comes first
  site.context.device.queue.writeBuffer(slot.buffer, 0, data);
  return { slot, freed: false };
}
