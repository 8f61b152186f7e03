import { compilerOf, isGl } from './engine/compiler.js';
import type { Engine } from './engine/engine.js';
import type { Gpu, GpuJs, Mode } from './engine/gpu-js.js';
import { texturesOf } from './engine/textures.js';
import { startWebGpu } from './webgpu/engine.js';
import { provideWebGpu } from './webgpu/provide.js';

const overrides =
  '"overrides": { "gpu.js": { "webgpu": "npm:empty-npm-package@1.0.0", "gl": "npm:empty-npm-package@1.0.0" } }';

/** GPU.js; an error that says how to install it otherwise. */
export async function loadGpuJs(): Promise<GpuJs> {
  try {
    const module = (await import('gpu.js')) as unknown as Partial<GpuJs> & { readonly default: GpuJs };
    return module.GPU ? (module as GpuJs) : module.default;
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

/** Starts GPU.js in a mode; an Error that names the cure where it is not available. */
export async function startEngine(mode: Mode): Promise<Engine> {
  const lib = await loadGpuJs();
  if (mode === 'webgpu') await provideWebGpu(lib);
  try {
    const gpu = new lib.GPU({ mode });
    return mode === 'webgpu' ? await startWebGpu(lib, gpu) : startHere(gpu, mode);
  } catch (cause) {
    throw new Error(`gpu: expected mode '${mode}' to be available, got none here; it needs ${cures[mode]}`, { cause });
  }
}

/** GPU.js in a mode whose results are there at once: typed arrays, or textures. */
function startHere(gpu: Gpu, mode: Mode): Engine {
  const compile = compilerOf(gpu, mode);
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
}
