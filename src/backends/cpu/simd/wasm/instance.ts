import type { Pointer, SimdKernels } from './kernels.js';
import { createTeam, type Team } from '../threads/team.js';
import { createModules, instantiate, type Modules, type SimdBuild } from './build.js';

/** Kernels and the memory they work on. */
export interface Simd {
  readonly build: SimdBuild;
  readonly kernels: SimdKernels;
  /** All of the memory as float32; stale once the memory has grown, so never kept. */
  f32(): Float32Array;
  /** All of the memory as float64; stale once the memory has grown, so never kept. */
  f64(): Float64Array;
  /** All of the memory as int32; stale once the memory has grown, so never kept. */
  i32(): Int32Array;
  /** Grows the memory to `bytes`; throws a RangeError where the engine refuses. */
  reserve(bytes: number): void;
  /**
   * What a module of further functions exports, over the same memory and with the kernels to call.
   */
  link(bytes: Uint8Array): unknown;
  /**
   * If threads share the memory, what such a module has to declare as the limit of its size, in
   * pages.
   */
  readonly sharedUpTo?: number;
  /** The threads, if more than one works on the memory. */
  readonly team?: Team;
}

const PAGE = 65536;

interface SimdOptions {
  readonly threads?: number;
  /** Where compiled modules come from. */
  readonly modules?: Modules;
}

/**
 * A build of the kernels with a memory of its own, which costs an engine some gigabytes of address
 * space, though no memory; for this many threads.
 */
export function createSimd(build: SimdBuild, { threads = 1, modules = createModules() }: SimdOptions = {}): Simd {
  const linked = instantiate(build, threads > 1, modules);
  const { kernels, memory, link, sharedUpTo } = linked;
  let f32 = new Float32Array(memory.buffer);
  let f64 = new Float64Array(memory.buffer);
  let i32 = new Int32Array(memory.buffer);
  return {
    build,
    kernels,
    link,
    sharedUpTo,
    ...(threads > 1 && { team: createTeam(linked, threads) }),
    f32: () => (f32.buffer === memory.buffer ? f32 : (f32 = new Float32Array(memory.buffer))),
    f64: () => (f64.buffer === memory.buffer ? f64 : (f64 = new Float64Array(memory.buffer))),
    i32: () => (i32.buffer === memory.buffer ? i32 : (i32 = new Int32Array(memory.buffer))),
    reserve: (bytes) => {
      const missing = bytes - memory.buffer.byteLength;
      // Growing takes an engine's lock and a while, so it grows by a quarter at least.
      if (missing > 0) memory.grow(Math.ceil(Math.max(missing, memory.buffer.byteLength / 4) / PAGE));
    },
  };
}

/** Gives out memory, aligned to 16 bytes. */
export type Alloc = (bytes: number) => Pointer;

/** A region of memory that is given out from its start on, and all at once given back. */
export interface Region {
  readonly alloc: Alloc;
  /** Bytes up to the end of what has been given out. */
  used(): number;
  reset(): void;
}

/**
 * The region from `start` on, behind what threads need; address 0 stays free, for it means "none"
 * to kernels.
 */
export function regionOf(simd: Pick<Simd, 'reserve' | 'team'>, start = simd.team?.end ?? 64): Region {
  let end = start;
  return {
    alloc: (bytes) => {
      const at = end;
      end += Math.ceil(bytes / 16) * 16;
      simd.reserve(end);
      return at;
    },
    used: () => end,
    reset: () => {
      end = start;
    },
  };
}
