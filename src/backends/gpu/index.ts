import { checkOptions } from '../../core/options.js';
import { createDevice, KERNELS, type Device } from './device.js';
import { startEngine, type Engine, type Mode } from './facade.js';

/** Which mode of GPU.js a device uses, and how many compiled kernels it keeps. */
export interface GpuOptions {
  /** 'auto', the default, takes the first that is available: webgpu, webgl2, webgl, webasm, cpu. */
  readonly mode?: Mode | 'auto';
  /** Kernels kept compiled, 1024 by default; the least recently used are destroyed beyond it. */
  readonly kernels?: number;
}

const modes: readonly Mode[] = ['webgpu', 'webgl2', 'webgl', 'headlessgl', 'webasm', 'cpu'];
const automatic: readonly Mode[] = ['webgpu', 'webgl2', 'webgl', 'webasm', 'cpu'];

/**
 * A device that runs every op on GPU.js (the optional peer `gpu.js`; in Node, 'webgpu' also needs `webgpu`). Rejects with an Error that
 * names the cure where the mode is not available: only 'auto' chooses, and `describe()` tells what it chose and why.
 */
export async function gpu(options: GpuOptions = {}): Promise<Device> {
  const { mode = 'auto', kernels = KERNELS } = checkOptions('gpu', options, ['mode', 'kernels']);
  if (mode !== 'auto' && !modes.includes(mode))
    throw new RangeError(`gpu: expected mode 'auto', ${modes.map((m) => `'${m}'`).join(', ')}, got '${String(mode)}'`);
  if (!Number.isInteger(kernels) || kernels < 1)
    throw new RangeError(`gpu: expected a positive number of kernels, got ${kernels}`);
  const declined: Record<string, string> = {};
  const engine = mode === 'auto' ? await firstAvailable(declined) : await startEngine(mode);
  return createDevice(engine, { requested: mode, declined, kernels });
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
export type { Mode } from './facade.js';
export type { MemoryUse } from './memory.js';
