import { compilerOf, type Take } from '../engine/compiler.js';
import type { Engine } from '../engine/engine.js';
import type { BufferResult, Gpu, GpuBuffer, GpuJs, WebGpuContext, WebGpuKernel } from '../engine/gpu-js.js';
import { checkAlive, handleOf, read, upload } from './buffers.js';
import { shadersOf } from './shaders.js';

/** GPU.js on WebGPU; rejects where there is no adapter. */
export async function startWebGpu(lib: GpuJs, gpu: Gpu): Promise<Engine> {
  const compile = compilerOf(gpu, 'webgpu', takeOver(lib));
  const probe = compile({ source: 'function probe() { return 1; }', helpers: [], size: 1, constants: {} });
  const first = (await probe.run([])) as BufferResult; // acquires the adapter, or fails to
  const { context } = first;
  first.delete();
  probe.destroy();
  return {
    mode: 'webgpu',
    sync: false,
    adapter: adapterOf(context),
    limits: limitsOf(context),
    compile: (recipe) => {
      const kernel = compile(recipe);
      return { ...kernel, run: (args) => (checkAlive(context), kernel.run(args)) };
    },
    shader: shadersOf(lib, context),
    upload: (data) => upload(lib, context, data),
    read: (handle, size) => read(context, handle as BufferResult, size),
    free: (handle) => {
      (handle as BufferResult).delete();
    },
    destroy: () => gpu.destroy(),
  };
}

const adapterOf = ({ adapter: { info } }: WebGpuContext): string =>
  [info?.vendor, info?.architecture, info?.device, info?.description].filter(Boolean).join(' ') || 'unnamed';

const limitsOf = ({ device: { limits } }: WebGpuContext): Engine['limits'] => ({
  maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
  maxBufferSize: limits.maxBufferSize,
  maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
  maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
});

/**
 * Takes what a kernel has just filled, with a handle as its only owner: the kernel would keep its
 * latest buffer. A kernel that had been compiled has its buffer at once, before its promise.
 */
const takeOver = (lib: GpuJs): Take => {
  const owned = (kernel: WebGpuKernel, buffer: GpuBuffer): BufferResult => {
    if (kernel.outputBuffer === buffer) {
      kernel.outputBuffer = null;
      kernel.bindGroupDirty = true;
    }
    buffer._refs = 0;
    return handleOf(lib, kernel.context, buffer, kernel.output[0]);
  };
  return (state, result, submitted) => {
    const kernel = state as WebGpuKernel;
    if (submitted && kernel.outputBuffer) return owned(kernel, kernel.outputBuffer);
    return (result as Promise<BufferResult>).then(({ buffer }) => owned(kernel, buffer)); // or says why it failed
  };
};
