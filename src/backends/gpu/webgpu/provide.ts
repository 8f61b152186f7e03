import type { GpuJs, WebGpu, WebGpuContext } from '../engine/gpu-js.js';

/**
 * Sees to it that GPU.js has WebGPU: that of the browser, or in Node that of the package webgpu. An
 * Error where there is neither.
 */
export async function provideWebGpu(lib: GpuJs): Promise<void> {
  if (isProvided(lib)) return;
  const api = await loadWebGpu();
  if (!isProvided(lib)) takeContextsFrom(api, lib); // nobody else did meanwhile
}

const isProvided = ({ WebGPUContext }: GpuJs): boolean => WebGPUContext.isSupported;

async function loadWebGpu(): Promise<WebGpu> {
  const name = 'webgpu'; // not a literal import: bundles for browsers do without it
  try {
    const module = (await import(/* @vite-ignore */ /* webpackIgnore: true */ name)) as {
      readonly create?: (flags: readonly string[]) => WebGpu;
    };
    if (!module.create) throw new Error('the package webgpu is the empty one that the overrides of gpu.js put there');
    return module.create([]);
  } catch (cause) {
    throw new Error(
      "gpu: expected navigator.gpu or the package webgpu, got neither; npm install webgpu, or use { mode: 'webasm' }",
      { cause },
    );
  }
}

/**
 * GPU.js asks `navigator.gpu` alone for its device, and takes no other by any option. A `navigator`
 * made up for it would tell every package of the process that this is a browser. So the class that
 * asks is told to ask `api` instead; what it does otherwise, it does here too.
 */
function takeContextsFrom(api: WebGpu, lib: GpuJs): void {
  let latest: Promise<WebGpuContext> | null = null;
  const forget = (context: Promise<WebGpuContext>): void => {
    if (latest === context) latest = null;
  };
  const acquire = (): Promise<WebGpuContext> => {
    if (latest) return latest;
    const context = contextOf(api, () => {
      forget(context);
    });
    context.catch(() => {
      forget(context);
    });
    return (latest = context);
  };
  Object.defineProperties(lib.WebGPUContext, {
    isSupported: { get: () => true },
    acquire: { value: acquire },
  });
}

/**
 * A device with all the memory that its adapter has to give; `ended` is called when it is gone. Its
 * errors are told on the console, where GPU.js tells them in a browser.
 */
async function contextOf(api: WebGpu, ended: () => void): Promise<WebGpuContext> {
  const adapter = await api.requestAdapter();
  if (!adapter) throw new Error('the package webgpu finds no adapter');
  const { maxStorageBufferBindingSize, maxBufferSize } = adapter.limits;
  const device = await adapter.requestDevice({ requiredLimits: { maxStorageBufferBindingSize, maxBufferSize } });
  const context: WebGpuContext = { adapter, device, isLost: false };
  const tell = (message: string): void => {
    console.error(`gpu.js [webgpu]: ${message}`); // eslint-disable-line no-restricted-globals
  };
  void device.lost.then(({ reason, message }) => {
    context.isLost = true; // which is how kernels learn of it
    ended();
    if (reason !== 'destroyed') tell(`device lost: ${message}`);
  });
  device.onuncapturederror = ({ error }) => {
    tell(error.message);
  };
  return context;
}
