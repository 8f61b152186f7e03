import type { Buffer } from '../../core/dtype.js';

// The one place that knows GPU.js: its types are looser and, here and there, narrower than what it does, so all casts are here.

/** Where kernels run. */
export type Mode = 'webgpu' | 'webgl2' | 'webgl' | 'headlessgl' | 'webasm' | 'cpu';

/** Elements on the device, as GPU.js hands them out: a typed array, a texture or a storage buffer. */
export type Handle = object;
/** A handle, or one that is being made. */
export type Pending = Handle | Promise<Handle>;

/** A kernel ready to run. */
export interface Compiled {
  /** The result for arguments that are handles or numbers. */
  run(args: readonly (Handle | number)[]): Pending;
  destroy(): void;
}

/** A kernel to compile: JavaScript text, the helpers that it calls, how many cells it computes, and its constants. */
export interface Recipe {
  readonly source: string;
  readonly helpers: readonly string[];
  readonly size: number;
  readonly constants: Readonly<Record<string, number>>;
}

/** A WGSL shader to compile, in place of a kernel of GPU.js. */
export interface Shader {
  /** With an entry point `main`, whose storage buffers are the arguments, in order, and then the result. */
  readonly code: string;
  /** Workgroups in all: `workgroup_id.x + workgroup_id.y * num_workgroups.x` counts them, and beyond. */
  readonly groups: number;
  /** Elements of the result. */
  readonly size: number;
}

/** GPU.js in one mode. */
export interface Engine {
  readonly mode: Mode;
  /** Whether results can be read at once. */
  readonly sync: boolean;
  /** What the kernels run on, as far as the mode tells. */
  readonly adapter: string;
  readonly limits: Readonly<Record<string, number>>;
  compile(recipe: Recipe): Compiled;
  /** Where WebGPU runs shaders of our own on GPU.js's device. */
  shader?(shader: Shader): Compiled;
  upload(data: Float32Array): Handle;
  /** A copy of the elements. */
  read(handle: Handle, size: number): Float32Array | Promise<Float32Array>;
  free(handle: Handle): void;
  destroy(): Promise<void>;
}

/* eslint-disable @typescript-eslint/no-explicit-any -- GPU.js and WebGPU, whose types neither this package nor its users need */
type Any = any;

const overrides =
  '"overrides": { "gpu.js": { "webgpu": "npm:empty-npm-package@1.0.0", "gl": "npm:empty-npm-package@1.0.0" } }';

/** GPU.js; an error that says how to install it otherwise. */
export async function loadGpuJs(): Promise<Any> {
  try {
    const module: Any = await import('gpu.js');
    return module.GPU ? module : module.default;
  } catch (cause) {
    throw new Error(
      `gpu: expected the package gpu.js, got none; npm install gpu.js, with ${overrides} in package.json, which saves 84 MB`,
      { cause },
    );
  }
}

/** Gives Node the `navigator.gpu` that browsers have, through the package webgpu. */
async function provideWebGpu(): Promise<void> {
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

const cures: Readonly<Record<Mode, string>> = {
  webgpu:
    'a browser with WebGPU (in headless Chromium --enable-unsafe-webgpu), or in Node a Vulkan driver (apt-get install libvulkan1 and mesa-vulkan-drivers, or VK_DRIVER_FILES naming a software driver)',
  webgl2: "a browser with WebGL 2; in Node use 'webgpu' or 'webasm'",
  webgl: "a browser with WebGL; in Node use 'webgpu' or 'webasm'",
  headlessgl: 'Node with the package gl built and an X server (xvfb-run)',
  webasm: 'an engine with WebAssembly',
  cpu: 'nothing',
};

const isGl = (mode: Mode): boolean => mode === 'webgl2' || mode === 'webgl' || mode === 'headlessgl';

/** Starts GPU.js in a mode; an Error that names the cure where it is not available. */
export async function startEngine(mode: Mode): Promise<Engine> {
  const lib = await loadGpuJs();
  if (mode === 'webgpu') await provideWebGpu();
  const unavailable = (cause: unknown): Error =>
    new Error(`gpu: expected mode '${mode}' to be available, got none here; it needs ${cures[mode]}`, { cause });
  let gpu: Any;
  try {
    gpu = new lib.GPU({ mode });
  } catch (cause) {
    throw unavailable(cause);
  }
  const compile = compiler(lib, gpu, mode);
  if (mode !== 'webgpu') {
    const textures = isGl(mode) ? texturesOf(gpu, compile) : null;
    return {
      mode,
      sync: true,
      adapter: mode === 'cpu' ? 'JavaScript' : 'WebAssembly, one thread',
      limits: {},
      compile,
      upload: (data) => data,
      read: (handle) => Float32Array.from(handle as Float32Array),
      free: () => undefined,
      destroy: () => gpu.destroy(),
      ...textures,
    };
  }
  const probe = compile({ source: 'function probe() { return 1; }', helpers: [], size: 1, constants: {} });
  let first: Any;
  try {
    first = await probe.run([]); // acquires the adapter, or fails to
  } catch (cause) {
    throw unavailable(cause);
  }
  const { context } = first;
  const { adapter, device } = context;
  first.delete();
  probe.destroy();
  const { info } = adapter;
  return {
    mode,
    sync: false,
    adapter: [info?.vendor, info?.architecture, info?.device, info?.description].filter(Boolean).join(' ') || 'unnamed',
    limits: {
      maxStorageBufferBindingSize: device.limits.maxStorageBufferBindingSize,
      maxBufferSize: device.limits.maxBufferSize,
      maxStorageBuffersPerShaderStage: device.limits.maxStorageBuffersPerShaderStage,
      maxComputeInvocationsPerWorkgroup: device.limits.maxComputeInvocationsPerWorkgroup,
    },
    compile,
    shader: shaders(lib, context),
    upload: (data) => {
      const buffer = device.createBuffer({ size: data.byteLength, usage: STORAGE | COPY_SRC, mappedAtCreation: true });
      new Float32Array(buffer.getMappedRange()).set(data);
      buffer.unmap();
      return bufferHandle(lib, context, buffer, data.length);
    },
    read: async (handle, size) => {
      const staging = device.createBuffer({ size: size * 4, usage: MAP_READ | COPY_DST });
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer((handle as Any).buffer, 0, staging, 0, size * 4);
      device.queue.submit([encoder.finish()]);
      await staging.mapAsync(1);
      const data = new Float32Array(staging.getMappedRange().slice(0));
      staging.destroy();
      return data;
    },
    free: (handle) => (handle as Any).delete(),
    destroy: () => gpu.destroy(),
  };
}

// WebGPU's buffer usages, which are pinned by its specification.
const [MAP_READ, COPY_SRC, COPY_DST, STORAGE] = [1, 4, 8, 128];

const bufferHandle = (lib: Any, context: Any, buffer: Any, size: number): Handle =>
  new lib.WebGPUBufferResult({ buffer, output: [size], context, kernel: null });

/** Compiles on demand; a kernel that GPU.js would quietly run elsewhere is an error. */
const compiler =
  (lib: Any, gpu: Any, mode: Mode) =>
  ({ source, helpers, size, constants }: Recipe): Compiled => {
    const refuse = (why: unknown): never => {
      throw new Error(`gpu: expected a kernel that runs on '${mode}', got one that GPU.js would run elsewhere: ${why}`);
    };
    const run = gpu.createKernel(source, {
      output: [size],
      constants,
      functions: helpers,
      pipeline: true,
      immutable: true,
      loopMaxIterations: 2 ** 30, // by default a loop stops silently at 1000
      precision: 'single',
      tactic: 'precision',
      onRequestFallback: () => refuse(run.kernel.fallbackReason),
    });
    return {
      run: (args) => {
        const submits = run.kernel.built; // otherwise the kernel compiles first, which takes a promise
        const result = run(...args);
        const { kernel } = run;
        if (kernel.constructor.mode !== (isGl(mode) ? 'gpu' : mode)) refuse(kernel.fallbackReason);
        if (mode !== 'webgpu') return result;
        return (submits && handOver(lib, kernel)) || result.then((late: Any) => handOver(lib, kernel, late.buffer));
      },
      destroy: () => run.destroy(),
    };
  };

/** What a webgpu kernel has just filled, with a handle as its only owner: the kernel would keep its latest buffer, and its promise comes later than it is needed. */
function handOver(lib: Any, kernel: Any, buffer: Any = kernel.outputBuffer): Handle | null {
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
      if (context.isLost) throw new Error('gpu: expected a device that works, got one that was lost; make a new one');
      const buffer = device.createBuffer({ size: 4 * size, usage: STORAGE | COPY_SRC });
      const entries = [...args.map((arg) => arg.buffer), buffer].map((bound, binding) => ({ binding, resource: { buffer: bound } })); // prettier-ignore
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

/** Sizes of uploads for which a kernel is kept. */
const UPLOADS = 64;

/** How data gets into textures, by a kernel that copies it, and out again. */
function texturesOf(
  gpu: Any,
  compile: (recipe: Recipe) => Compiled,
): Pick<Engine, 'adapter' | 'limits' | 'upload' | 'read' | 'free'> {
  const copies = new Map<number, Compiled>(); // one for all sizes would do, but GPU.js fails where outputs grow
  const copyOf = (size: number): Compiled =>
    compile({ source: 'function copy(x) { return x[this.thread.x]; }', helpers: [], size, constants: {} });
  const free = (handle: Handle): void => (handle as Any).delete();

  const first: Any = copyOf(1).run([Float32Array.of(0)]); // there is a context only once a kernel has run
  const reader = first.kernel;
  free(first);
  const gl = gpu.context;
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  return {
    adapter: String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER)),
    limits: { maxTextureSize: gl.getParameter(gl.MAX_TEXTURE_SIZE) },
    upload: (data) => {
      const copy = copies.get(data.length) ?? copyOf(data.length);
      copies.delete(data.length);
      copies.set(data.length, copy);
      const handle = copy.run([data]) as Handle;
      if (copies.size > UPLOADS) {
        const [size, oldest] = copies.entries().next().value!;
        copies.delete(size);
        oldest.destroy();
      }
      return handle;
    },
    read: (handle) => {
      (handle as Any).kernel = reader; // it is read through its kernel, which may be gone
      return Float32Array.from((handle as Any).toArray());
    },
    free,
  };
}
/* eslint-enable @typescript-eslint/no-explicit-any */

/** Float32 elements of any buffer; a RangeError where an integer would not survive. */
export function toFloats(who: string, data: Buffer): Float32Array {
  if (data instanceof Int32Array)
    for (const v of data)
      if (v > 2 ** 24 || v < -(2 ** 24))
        throw new RangeError(`${who}: expected integers of at most 2^24 on a GPU, which computes in float32, got ${v}`);
  return data instanceof Float32Array ? data : Float32Array.from(data);
}
