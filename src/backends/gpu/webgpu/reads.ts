import type { BufferHandle } from '../engine/gpu-js.js';
import { checkAlive, lost, type Site } from './site.js';
import { STAGING_USAGE } from './usage.js';

/** Elements that somebody waits for. */
interface Request {
  readonly handle: BufferHandle;
  readonly bytes: number;
  readonly resolve: (data: Float32Array) => void;
  readonly reject: (reason: unknown) => void;
}

/** Reads `size` elements of a handle into main memory. */
export type Read = (handle: BufferHandle, size: number) => Promise<Float32Array>;

/** Bytes that share one staging buffer; a larger read has its own. */
const MOST = 2 ** 26;

/**
 * Reads elements. What is asked for at the same time passes through one buffer: waiting for it
 * takes longer than many small copies.
 */
export function readsOf(site: Site): Read {
  let asked: Request[] = [];
  const begin = (): void => {
    const requests = asked;
    asked = [];
    for (const part of parts(requests)) void collect(site, part);
  };
  return (handle, size) =>
    new Promise((resolve, reject) => {
      checkAlive(site, handle);
      if (asked.length === 0) queueMicrotask(begin);
      asked.push({ handle, bytes: 4 * size, resolve, reject });
    });
}

/** Requests in order, in groups of not too many bytes. */
function parts(requests: readonly Request[]): Request[][] {
  const made: Request[][] = [];
  let room = 0;
  for (const request of requests) {
    if (request.bytes > room) {
      made.push([]);
      room = MOST;
    }
    made.at(-1)!.push(request);
    room -= request.bytes;
  }
  return made;
}

/** Reads what was asked for, or says why that is not possible. */
async function collect(site: Site, requests: readonly Request[]): Promise<void> {
  try {
    const all = await copied(site, requests);
    let at = 0;
    for (const { bytes, resolve } of requests) resolve(new Float32Array(all.slice(at, (at += bytes))));
  } catch (error) {
    for (const { reject } of requests) reject(error);
  }
}

/** The bytes of all requests in a row. */
async function copied(site: Site, requests: readonly Request[]): Promise<ArrayBuffer> {
  checkAlive(site, ...requests.map(({ handle }) => handle));
  const size = requests.reduce((sum, { bytes }) => sum + bytes, 0);
  const staging = site.context.device.createBuffer({ size, usage: STAGING_USAGE });
  try {
    let at = 0;
    for (const { handle, bytes } of requests) {
      site.commands.copy(handle.slot.buffer, staging, at, bytes);
      at += bytes;
    }
    site.commands.flush();
    await staging.mapAsync(1).catch((cause: unknown) => {
      throw new Error(lost, { cause });
    });
    await site.pool.memoryChecked();
    return staging.getMappedRange().slice(0);
  } finally {
    staging.destroy();
  }
}
