import type { Compiled, Recipe } from './engine.js';
import type { Gpu, Kernel, Mode } from './gpu-js.js';

/** Whether results of a mode are textures. */
export const isGl = (mode: Mode): boolean => mode === 'webgl2' || mode === 'webgl' || mode === 'headlessgl';

/** Compiles on demand; a kernel that GPU.js would quietly run elsewhere is an error. */
export const compilerOf =
  (gpu: Gpu, mode: Mode) =>
  (recipe: Recipe): Compiled => {
    const kernel = kernelOf(gpu, mode, recipe);
    return {
      run: (args) => {
        const result = kernel(...args);
        checkMode(kernel, mode);
        return result;
      },
      destroy: () => {
        destroy(gpu, kernel);
      },
    };
  };

/** A kernel of GPU.js, not compiled yet. */
export function kernelOf(gpu: Gpu, mode: Mode, { source, helpers, size, constants }: Recipe): Kernel {
  const kernel: Kernel = gpu.createKernel(source, {
    output: [size],
    constants,
    functions: helpers,
    pipeline: true,
    immutable: true,
    loopMaxIterations: 2 ** 30, // by default a loop stops silently at 1000
    precision: 'single',
    tactic: 'precision',
    onRequestFallback: () => refuse(kernel, mode),
  });
  return kernel;
}

/** Throws an Error where the kernel does not run in its mode. */
export function checkMode(kernel: Kernel, mode: Mode): void {
  if (kernel.kernel.constructor.mode !== (isGl(mode) ? 'gpu' : mode)) refuse(kernel, mode);
}

/** Frees what a kernel has. */
export function destroy(gpu: Gpu, kernel: Kernel): void {
  kernel.destroy();
  const at = gpu.kernels.indexOf(kernel.kernel); // where mode cpu leaves it
  if (at >= 0) gpu.kernels.splice(at, 1);
}

function refuse({ kernel }: Kernel, mode: Mode): never {
  throw new Error(
    `gpu: expected a kernel that runs on '${mode}', got one that GPU.js would run elsewhere: ${String(kernel.fallbackReason)}`,
  );
}
