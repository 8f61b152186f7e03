import type { Engine } from '../engine/engine.js';
import type { BufferHandle, Gpu, GpuJs, WebGpuContext } from '../engine/gpu-js.js';
import { kernelsOf } from './kernels.js';
import { readsOf } from './reads.js';
import { shadersOf } from './shaders.js';
import { createSite, endSite } from './site.js';
import { upload } from './upload.js';

/** GPU.js on WebGPU; rejects where there is no adapter. */
export async function startWebGpu(lib: GpuJs, gpu: Gpu): Promise<Engine> {
  const context = await lib.WebGPUContext.acquire();
  const site = createSite(context);
  const read = readsOf(site);
  return {
    mode: 'webgpu',
    sync: false,
    adapter: adapterOf(context),
    limits: limitsOf(context),
    compile: kernelsOf(gpu, site),
    shader: shadersOf(site),
    upload: (data) => upload(site, data),
    read: (handle, size) => read(handle as BufferHandle, size),
    free: (handle) => {
      const buffer = handle as BufferHandle;
      buffer.freed = true;
      site.pool.give(buffer.slot);
    },
    destroy: () => {
      endSite(site);
      return gpu.destroy();
    },
  };
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
