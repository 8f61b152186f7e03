import { relaxed, simd128 } from '../../../../../kernels/simd/generated/wasm.js';
import type { SimdKernels } from './kernels.js';

// The part of the WebAssembly interface that is used here: neither the ES library nor Node's types
// declare it.
export interface WasmMemory {
  readonly buffer: ArrayBufferLike;
  grow(pages: number): number;
}
interface Limits {
  readonly initial: number;
  readonly maximum?: number;
  readonly shared?: boolean;
}
interface WebAssemblyInterface {
  readonly Memory: new (limits: Limits) => WasmMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
  validate(bytes: Uint8Array): boolean;
}

/** Builds of the kernels, the faster first; `relaxed` has fused multiply-adds. */
export type SimdBuild = 'relaxed' | 'simd128';
const builds: Readonly<Record<SimdBuild, string>> = { relaxed, simd128 };

const webAssembly = (): WebAssemblyInterface | undefined =>
  (globalThis as { WebAssembly?: WebAssemblyInterface }).WebAssembly;

/** Pages up to which a memory that threads share may grow: all that 32-bit addresses reach. */
const SHARED_UP_TO = 65536;
// A module says of the memory that it imports whether threads share it, and up to which size.
// Nothing else differs, so these bytes spare two more builds: the whole section of imports, whose
// one entry is the memory env.memory from 0 pages on.
const IMPORTS = '\x02\x0f\x01\x03env\x06memory\x02\x00\x00';
const SHARED_IMPORTS = '\x02\x12\x01\x03env\x06memory\x02\x03\x00\x80\x80\x04';

function bytesOf(build: SimdBuild, shared = false): Uint8Array {
  const plain = atob(builds[build]);
  const text = shared ? plain.replace(IMPORTS, SHARED_IMPORTS) : plain;
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/**
 * True where the engine accepts the build: an engine without relaxed (or any) SIMD refuses its
 * instructions.
 */
export const supports = (build: SimdBuild): boolean => webAssembly()?.validate(bytesOf(build)) ?? false;

/** The fastest build that the engine accepts, if any. */
export const bestBuild = (): SimdBuild | undefined => (['relaxed', 'simd128'] as const).find(supports);

/** The compiled module of a build. */
export type Modules = (build: SimdBuild, shared: boolean) => object;

/**
 * Compiles each module at its first use, and gives it again afterwards. Throws a TypeError where
 * there is no WebAssembly.
 */
export function createModules(): Modules {
  const made = new Map<string, object>();
  return (build, shared) => {
    const wasm = webAssembly();
    if (!wasm) throw new TypeError(`simd: expected WebAssembly for build '${build}', got none`);
    const key = `${build} ${shared}`;
    const module = made.get(key) ?? new wasm.Module(bytesOf(build, shared));
    made.set(key, module);
    return module;
  };
}

/** Kernels over a memory. */
export interface Linked {
  readonly kernels: SimdKernels;
  readonly memory: WasmMemory;
  /** Compiled, for other threads to instantiate over the same memory. */
  readonly module: object;
  /**
   * If threads share the memory, what a further module has to declare as the limit of its size, in
   * pages.
   */
  readonly sharedUpTo?: number;
  /**
   * What a module of further functions exports, over the same memory and with the kernels to call.
   */
  link(bytes: Uint8Array): unknown;
}

/**
 * The kernels of a build over a memory of their own, which threads can share if `shared`. Compiled
 * synchronously, which takes a few milliseconds: engines allow it everywhere but on a browser's
 * main thread, where some refuse modules over 4 KB (and newer ones over 8 MB); there, work in a
 * worker.
 */
export function instantiate(build: SimdBuild, shared = false, modules: Modules = createModules()): Linked {
  const module = modules(build, shared);
  const wasm = webAssembly()!;
  const memory = shared ? sharedMemory(wasm) : new wasm.Memory({ initial: 1 });
  const { exports } = new wasm.Instance(module, { env: { memory } });
  const env = { ...(exports as object), memory };
  return {
    kernels: exports as SimdKernels,
    memory,
    module,
    ...(shared && { sharedUpTo: SHARED_UP_TO }),
    link: (code) => new wasm.Instance(new wasm.Module(code), { env }).exports,
  };
}

/**
 * A shared memory never moves, so an engine sets aside the addresses of all that it may grow to;
 * some have not that many.
 */
function sharedMemory({ Memory }: WebAssemblyInterface): WasmMemory {
  for (let maximum = SHARED_UP_TO; ; maximum /= 2)
    try {
      return new Memory({ initial: 1, maximum, shared: true });
    } catch (error) {
      if (maximum <= 1024) throw error;
    }
}
