import { relaxed, simd128 } from '../../../../kernels/simd/generated/wasm.js';
import type { SimdKernels } from './kernels.js';

// The part of the WebAssembly interface that is used here: neither the ES library nor Node's types declare it.
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}
interface WebAssemblyInterface {
  readonly Memory: new (limits: { initial: number }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
  validate(bytes: Uint8Array): boolean;
}

/** Builds of the kernels, the faster first; `relaxed` has fused multiply-adds. */
export type SimdBuild = 'relaxed' | 'simd128';
const builds: Readonly<Record<SimdBuild, string>> = { relaxed, simd128 };

const webAssembly = (): WebAssemblyInterface | undefined =>
  (globalThis as { WebAssembly?: WebAssemblyInterface }).WebAssembly;

const bytesOf = (build: SimdBuild): Uint8Array => Uint8Array.from(atob(builds[build]), (c) => c.charCodeAt(0));

/** True where the engine accepts the build: an engine without relaxed (or any) SIMD refuses its instructions. */
export const supports = (build: SimdBuild): boolean => webAssembly()?.validate(bytesOf(build)) ?? false;

/** The fastest build that the engine accepts, if any. */
export const bestBuild = (): SimdBuild | undefined => (['relaxed', 'simd128'] as const).find(supports);

/**
 * The kernels of a build over a memory of their own. Compiled synchronously, which takes a few milliseconds: engines allow it everywhere but on
 * a browser's main thread, where some refuse modules over 4 KB (and newer ones over 8 MB); there, work in a worker.
 */
export function instantiate(build: SimdBuild): { readonly kernels: SimdKernels; readonly memory: WasmMemory } {
  const wasm = webAssembly();
  if (!wasm) throw new TypeError(`simd: expected WebAssembly for build '${build}', got none`);
  const memory = new wasm.Memory({ initial: 1 });
  const { exports } = new wasm.Instance(new wasm.Module(bytesOf(build)), { env: { memory } });
  return { kernels: exports as SimdKernels, memory };
}
