import { flopsOf, padded, type Product } from '../work.js';
import type { Build } from '../../kernels/assembly.js';
import { bestBuild } from './build.js';

// The part of the WebAssembly interface that is used here: neither the ES library nor Node's types
// declare it.
interface Memory {
  readonly buffer: ArrayBuffer;
}
interface WebAssemblyInterface {
  readonly Memory: new (limits: { initial: number }) => Memory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
  validate(bytes: Uint8Array): boolean;
}
interface Kernels {
  gemm(a: number, b: number, c: number, m: number, k: number, n: number): void;
  triad(x: number, y: number, z: number, bytes: number, times: number): void;
}

/**
 * Kernels that do nothing but what the machine is best at: each method prepares operands and
 * returns what is timed.
 */
export interface Peak {
  readonly build: Build;
  /**
   * The products one after another, over packed and padded operands, with the flops that they take
   * with their padding.
   */
  gemms(products: readonly Product[]): { readonly flops: number; readonly run: () => void };
  /**
   * STREAM's triad over arrays of about `bytes` together, as often as makes a megabyte, with the
   * bytes that it moves.
   */
  triad(bytes: number): { readonly bytes: number; readonly run: () => void };
  /**
   * C [m,n] of the plain kernel, from A and B row by row; m a multiple of 6 and n of 8. For its
   * check.
   */
  multiply(a: Float32Array, b: Float32Array, product: Product): Float32Array;
}

const PAGE = 65536;
const MEGABYTE = 1e6;
const WARM_UP = 500;

export async function createPeak(): Promise<Peak> {
  const wasm = (globalThis as unknown as { WebAssembly: WebAssemblyInterface }).WebAssembly;
  const [build, bytes] = await bestBuild((b) => wasm.validate(b));
  const module = new wasm.Module(bytes);
  const over = (size: number) => {
    const memory = new wasm.Memory({ initial: Math.ceil(size / PAGE) });
    const { exports } = new wasm.Instance(module, { env: { memory } });
    return { kernels: exports as Kernels, floats: new Float32Array(memory.buffer) };
  };

  const peak: Peak = {
    build,
    gemms: (products) => {
      const whole = products.map(padded);
      let size = 0;
      const calls = whole.map(([m, k, n]) => {
        const [a, b, c] = [size, size + 4 * m * k, size + 4 * (m * k + k * n)];
        size = c + 4 * m * n;
        return [a, b, c, m, k, n] as const;
      });
      const { kernels, floats } = over(size);
      floats.fill(1);
      const run = () => {
        for (const call of calls) kernels.gemm(...call);
      };
      return { flops: flopsOf(whole), run };
    },
    triad: (total) => {
      const each = Math.max(64, Math.round(total / 3 / 64) * 64);
      const times = Math.ceil(MEGABYTE / (3 * each));
      const { kernels, floats } = over(3 * each);
      floats.fill(1);
      return {
        bytes: 3 * each * times,
        run: () => {
          kernels.triad(0, each, 2 * each, each, times);
        },
      };
    },
    multiply: (a, b, [m, k, n]) => {
      const [toB, toC] = [m * k, m * k + k * n];
      const { kernels, floats } = over(4 * (toC + m * n));
      for (let i = 0; i < m; i++)
        for (let p = 0; p < k; p++) floats[(i - (i % 6)) * k + p * 6 + (i % 6)] = a[i * k + p]!;
      for (let p = 0; p < k; p++)
        for (let j = 0; j < n; j++) floats[toB + (j - (j % 8)) * k + p * 8 + (j % 8)] = b[p * n + j]!;
      kernels.gemm(0, 4 * toB, 4 * toC, m, k, n);
      return floats.slice(toC, toC + m * n);
    },
  };
  // Engines begin with code that they made in a hurry; better code comes from another thread while
  // this one runs.
  for (const { run } of [peak.gemms([[64, 64, 64]]), peak.triad(MEGABYTE)])
    for (const end = performance.now() + WARM_UP; performance.now() < end;) run();
  return peak;
}
