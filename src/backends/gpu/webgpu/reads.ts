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

/** A copy of as many elements on the GPU. */
export type Read = (handle: BufferHandle, size: number) => Promise<Float32Array>;

/** Bytes that are read together, if one tensor has no more. */
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
    for (const part of parts(requests)) void fetch(site, part);
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

async function fetch(site: Site, requests: readonly Request[]): Promise<void> {
  const size = requests.reduce((sum, { bytes }) => sum + bytes, 0);
  const staging = site.context.device.createBuffer({ size, usage: STAGING_USAGE });
  try {
    checkAlive(site, ...requests.map(({ handle }) => handle));
    let at = 0;
    for (const { handle, bytes } of requests) {
      site.commands.copy(handle.slot.buffer, staging, at, bytes);
      at += bytes;
    }
    site.commands.flush();
    await staging.mapAsync(1);
    const all = staging.getMappedRange();
    at = 0;
    for (const { bytes, resolve } of requests) resolve(new Float32Array(all.slice(at, (at += bytes))));
  } catch (cause) {
    for (const { reject } of requests) reject(new Error(lost, { cause }));
  } finally {
    staging.destroy();
  }
}
