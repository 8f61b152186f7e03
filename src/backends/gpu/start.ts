import { texturesOf } from './engine/textures.js';
import type { Compiled, Engine, Mode, Recipe } from './engine/engine.js';
import type { Any } from './engine/loose.js';
import { handOver, provideWebGpu, startWebGpu } from './webgpu/engine.js';

const overrides =
  '"overrides": { "gpu.js": { "webgpu": "npm:empty-npm-package@1.0.0", "gl": "npm:empty-npm-package@1.0.0" } }';

/** GPU.js; an error that says how to install it otherwise. */
export async function loadGpuJs(): Promise<Any> {
  try {
    const module: Any = await import('gpu.js');
    return module.GPU ? module : module.default;
  } catch (cause) {
    throw new Error(
      `gpu: expected the package gpu.js, got none; npm install gpu.js, with ${overrides} in package.json, which saves more than 100 MB`,
      { cause },
    );
  }
}

const cures: Readonly<Record<Mode, string>> = {
  webgpu:
    'a browser with WebGPU (in headless Chromium --enable-unsafe-webgpu), or in Node libvulkan1 and a Vulkan driver: that of the GPU, or a software one that VK_DRIVER_FILES names, such as SwiftShader of Chromium',
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
  try {
    const gpu: Any = new lib.GPU({ mode });
    const compile = compiler(lib, gpu, mode);
    if (mode === 'webgpu') return await startWebGpu(lib, gpu, compile);
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
      ...(isGl(mode) && texturesOf(gpu, compile)),
    };
  } catch (cause) {
    throw new Error(`gpu: expected mode '${mode}' to be available, got none here; it needs ${cures[mode]}`, { cause });
  }
}

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
      destroy: () => {
        run.destroy();
        const at = gpu.kernels.indexOf(run.kernel); // where mode cpu leaves it
        if (at >= 0) gpu.kernels.splice(at, 1);
      },
    };
  };
