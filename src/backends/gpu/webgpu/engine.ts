import type { Compiled, Engine, Recipe } from '../engine/engine.js';
import type { BufferHandle, Gpu, GpuJs, WebGpuContext } from '../engine/gpu-js.js';
import { kernelsOf } from './kernels.js';
import { readsOf, type Read } from './reads.js';
import { shadersOf } from './shaders.js';
import { createSite, endSite } from './site.js';
import { upload } from './upload.js';

/** GPU.js on WebGPU; rejects where there is no adapter. */
export async function startWebGpu(lib: GpuJs, gpu: Gpu): Promise<Engine> {
  const context = await lib.WebGPUContext.acquire();
  const site = createSite(context);
  const read = readsOf(site);
  const compile = kernelsOf(gpu, site);
  await checkKernels(compile, read).catch((error: unknown) => {
    endSite(site);
    throw error;
  });
  return {
    mode: 'webgpu',
    sync: false,
    adapter: adapterOf(context),
    limits: limitsOf(context),
    compile,
    shader: shadersOf(site),
    upload: (data) => upload(site, data),
    read: (handle, size) => read(handle as BufferHandle, size),
    free: (handle) => {
      const buffer = handle as BufferHandle;
      if (buffer.freed) return;
      buffer.freed = true;
      site.pool.give(buffer.slot);
    },
    destroy: () => {
      endSite(site);
      return gpu.destroy();
    },
  };
}

/** Throws where a kernel does not run, so that 'auto' takes another mode. */
async function checkKernels(compile: (recipe: Recipe) => Compiled, read: Read): Promise<void> {
  const probe = compile({ source: 'function probe() { return 1; }', helpers: [], size: 1, constants: {} });
  const [one] = await read((await probe.run([])) as BufferHandle, 1);
  probe.destroy();
  if (one !== 1) throw new Error(`gpu: expected a kernel to give 1, got ${String(one)}`);
}

const adapterOf = ({ adapter: { info } }: WebGpuContext): string =>
  [info?.vendor, info?.architecture, info?.device, info?.description].filter(Boolean).join(' ') || 'unnamed';

const limitsOf = ({ device: { limits } }: WebGpuContext): Engine['limits'] => ({
  maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
  maxBufferSize: limits.maxBufferSize,
  maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
  maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
  maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
});
