import type { BufferHandle } from '../engine/gpu-js.js';
import { checkAlive, lost, type Site } from './site.js';
import { STAGING_USAGE } from './usage.js';

/** Elements that go to the GPU. */
export function upload(site: Site, data: Float32Array): BufferHandle {
  const { context, commands, pool } = site;
  checkAlive(site);
  const slot = pool.take(data.byteLength);
  commands.flush(); // what reads the buffer's old elements comes first
  context.device.queue.writeBuffer(slot.buffer, 0, data);
  return { slot, freed: false };
}

/** A copy of elements on the GPU. */
export async function read(site: Site, handle: BufferHandle, size: number): Promise<Float32Array> {
  const { context, commands } = site;
  checkAlive(site, handle);
  const staging = context.device.createBuffer({ size: size * 4, usage: STAGING_USAGE });
  commands.copy(handle.slot.buffer, staging, size * 4);
  commands.flush();
  try {
    await staging.mapAsync(1);
    return new Float32Array(staging.getMappedRange().slice(0));
  } catch (cause) {
    throw new Error(lost, { cause });
  } finally {
    staging.destroy();
  }
}
