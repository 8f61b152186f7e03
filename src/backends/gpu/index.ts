/**
 * A device that runs on GPU.js.
 *
 * @module bigrad/gpu
 */
import { count, numberThat, oneOf } from '../../core/check.js';
import { checkOptions } from '../../core/options.js';
import { createDevice, KERNELS, LEAST_WORK, type Device } from './device.js';
import type { Engine } from './engine/engine.js';
import type { Mode } from './engine/gpu-js.js';
import { startEngine } from './start.js';

/**
 * Which mode of GPU.js a device uses, how many compiled kernels it keeps, and when it uses shaders
 * of this library.
 */
export interface GpuOptions {
  /** 'auto', the default, takes the first that is available: webgpu, webgl2, webgl, webasm, cpu. */
  readonly mode?: Mode | 'auto';
  /** Kernels kept compiled, 1024 by default; the least recently used are destroyed beyond it. */
  readonly kernels?: number;
  /**
   * On webgpu, multiplications for each workgroup (of 256 threads) from which matmul and
   * convolutions run by shaders of this library rather than by kernels of GPU.js: 2048 by default,
   * Infinity for never.
   */
  readonly leastWork?: number;
}

const modes: readonly Mode[] = ['webgpu', 'webgl2', 'webgl', 'headlessgl', 'webasm', 'cpu'];
const automatic: readonly Mode[] = ['webgpu', 'webgl2', 'webgl', 'webasm', 'cpu'];

/**
 * A device that runs every op on GPU.js (the optional peer `gpu.js`; in Node, 'webgpu' also needs
 * `webgpu`). Rejects with an Error that names the cure where the mode is not available: only 'auto'
 * chooses, and `describe()` tells what it chose and why.
 * @example
 * const device = await gpu({ mode: 'webasm' });
 * const x = tensor([1, 2], { device });
 * await mul(x, 2).read(); // Float32Array(2) [ 2, 4 ]
 * device.dispose();
 */
export async function gpu(options: GpuOptions = {}): Promise<Device> {
  const {
    mode = 'auto',
    kernels = KERNELS,
    leastWork = LEAST_WORK,
  } = checkOptions('gpu', options, {
    mode: oneOf('auto', ...modes),
    kernels: count,
    leastWork: numberThat('of at least 0', (v) => v >= 0),
  });
  const declined: Record<string, string> = {};
  const engine = mode === 'auto' ? await firstAvailable(declined) : await startEngine(mode);
  return createDevice(engine, { requested: mode, declined, kernels, leastWork });
}

async function firstAvailable(declined: Record<string, string>): Promise<Engine> {
  let last: unknown;
  for (const mode of automatic)
    try {
      return await startEngine(mode);
    } catch (error) {
      last = error;
      declined[mode] = (error as Error).message;
    }
  throw last;
}

export type { Device, DeviceFacts } from './device.js';
export type { Mode } from './engine/gpu-js.js';
export type { MemoryUse } from './engine/block.js';
