import type { Compiled, Engine, Handle, Recipe, Shader } from '../engine/engine.js';
import type { Any } from '../engine/loose.js';

/** Gives Node the `navigator.gpu` that browsers have, through the package webgpu. */
export async function provideWebGpu(): Promise<void> {
  const scope = globalThis as Any;
  if (scope.navigator?.gpu) return;
  const name = 'webgpu'; // not a literal import: bundles for browsers do without it
  let module: Any;
  try {
    module = await import(/* @vite-ignore */ /* webpackIgnore: true */ name);
    if (!module.create) throw new Error('the package webgpu is the empty one that the overrides of gpu.js put there');
  } catch (cause) {
    throw new Error(
      "gpu: expected navigator.gpu or the package webgpu, got neither; npm install webgpu, or use { mode: 'webasm' }",
      { cause },
    );
  }
  Object.assign(scope, module.globals);
  if (!scope.navigator) Object.defineProperty(scope, 'navigator', { value: {}, configurable: true });
  Object.defineProperty(scope.navigator, 'gpu', { value: module.create([]), configurable: true });
}

/** GPU.js on WebGPU; rejects where there is no adapter. */
export async function startWebGpu(lib: Any, gpu: Any, compile: (recipe: Recipe) => Compiled): Promise<Engine> {
  const probe = compile({ source: 'function probe() { return 1; }', helpers: [], size: 1, constants: {} });
  const first: Any = await probe.run([]); // acquires the adapter, or fails to
  const { context } = first;
  const { adapter, device } = context;
  first.delete();
  probe.destroy();
  const { info } = adapter;
  return {
    mode: 'webgpu',
    sync: false,
    adapter: [info?.vendor, info?.architecture, info?.device, info?.description].filter(Boolean).join(' ') || 'unnamed',
    limits: {
      maxStorageBufferBindingSize: device.limits.maxStorageBufferBindingSize,
      maxBufferSize: device.limits.maxBufferSize,
      maxStorageBuffersPerShaderStage: device.limits.maxStorageBuffersPerShaderStage,
      maxComputeInvocationsPerWorkgroup: device.limits.maxComputeInvocationsPerWorkgroup,
    },
    compile: (recipe) => {
      const kernel = compile(recipe);
      return { ...kernel, run: (args) => (checkAlive(context), kernel.run(args)) };
    },
    shader: shaders(lib, context),
    upload: (data) => {
      checkAlive(context);
      const buffer = device.createBuffer({ size: data.byteLength, usage: STORAGE | COPY_SRC, mappedAtCreation: true });
      new Float32Array(buffer.getMappedRange()).set(data);
      buffer.unmap();
      return bufferHandle(lib, context, buffer, data.length);
    },
    read: async (handle, size) => {
      checkAlive(context, handle);
      const staging = device.createBuffer({ size: size * 4, usage: MAP_READ | COPY_DST });
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer((handle as Any).buffer, 0, staging, 0, size * 4);
      device.queue.submit([encoder.finish()]);
      try {
        await staging.mapAsync(1);
        return new Float32Array(staging.getMappedRange().slice(0));
      } catch (cause) {
        throw new Error(lost, { cause });
      } finally {
        staging.destroy();
      }
    },
    free: (handle) => (handle as Any).delete(),
    destroy: () => gpu.destroy(),
  };
}

// WebGPU's buffer usages, which are pinned by its specification.
const [MAP_READ, COPY_SRC, COPY_DST, STORAGE] = [1, 4, 8, 128];

const lost = 'gpu: expected a GPU that works, got one that was lost or taken away; make a new device by gpu()';
/**
 * Throws an Error where the GPU is gone, or a buffer on it: both would do nothing without a word.
 */
function checkAlive(context: Any, ...handles: readonly Any[]): void {
  if (context.isLost) throw new Error(lost);
  if (handles.some((handle) => handle._deleted))
    throw new Error('gpu: expected data on the GPU, got a buffer that was freed');
}

const bufferHandle = (lib: Any, context: Any, buffer: Any, size: number): Handle =>
  new lib.WebGPUBufferResult({ buffer, output: [size], context, kernel: null });

/**
 * What a webgpu kernel has just filled, with a handle as its only owner: the kernel would keep its
 * latest buffer, and its promise comes later than it is needed.
 */
export function handOver(lib: Any, kernel: Any, buffer: Any = kernel.outputBuffer): Handle | null {
  if (!buffer) return null; // it failed; the promise says why
  if (kernel.outputBuffer === buffer) {
    kernel.outputBuffer = null;
    kernel.bindGroupDirty = true;
  }
  buffer._refs = 0;
  return bufferHandle(lib, kernel.context, buffer, kernel.output[0]);
}

/** Compiles shaders for GPU.js's device; their results are its handles. */
const shaders =
  (lib: Any, context: Any) =>
  ({ code, groups, size }: Shader): Compiled => {
    const { device } = context;
    const { maxComputeWorkgroupsPerDimension: most, maxStorageBufferBindingSize, maxBufferSize } = device.limits;
    const largest = Math.min(maxStorageBufferBindingSize, maxBufferSize);
    if (4 * size > largest)
      throw new RangeError(`gpu: expected a result of at most ${largest} bytes on this adapter, got ${4 * size}`);
    const high = Math.ceil(groups / most);
    const wide = Math.ceil(groups / high);
    if (high > most)
      throw new RangeError(`gpu: expected at most ${most} x ${most} workgroups on this adapter, got ${groups}`);
    let pipeline: Any = null;
    device.pushErrorScope('validation');
    const made = device.createComputePipeline({
      layout: 'auto',
      compute: { module: device.createShaderModule({ code }), entryPoint: 'main' },
    });
    const compiling: Promise<void> = device.popErrorScope().then((error: Any) => {
      if (error) throw new Error(`gpu: expected a shader that this adapter takes, got ${error.message}`);
      pipeline = made;
    });
    const submit = (args: readonly Any[]): Handle => {
      checkAlive(context, ...args);
      const buffer = device.createBuffer({ size: 4 * size, usage: STORAGE | COPY_SRC });
      const entries = [...args.map((arg) => arg.buffer), buffer].map((bound, binding) => ({
        binding,
        resource: { buffer: bound },
      }));
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
      pass.dispatchWorkgroups(wide, high);
      pass.end();
      device.queue.submit([encoder.finish()]);
      return bufferHandle(lib, context, buffer, size);
    };
    return {
      run: (args) => (pipeline ? submit(args) : compiling.then(() => submit(args))),
      destroy: () => undefined, // the garbage collector's
    };
  };
