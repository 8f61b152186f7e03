import type { Compiled, Recipe } from './engine.js';
import type { Gpu, Kernel, KernelState, Mode, Pending } from './gpu-js.js';

/** Whether results of a mode are textures. */
export const isGl = (mode: Mode): boolean => mode === 'webgl2' || mode === 'webgl' || mode === 'headlessgl';

/**
 * Takes the result of a call from its kernel; `submitted`: the kernel had been compiled before, so
 * that the call launched it at once.
 */
export type Take = (kernel: KernelState, result: Pending, submitted: boolean) => Pending;

/** Compiles on demand; a kernel that GPU.js would quietly run elsewhere is an error. */
export const compilerOf =
  (gpu: Gpu, mode: Mode, take: Take = (_, result) => result) =>
  (recipe: Recipe): Compiled => {
    const refuse = (why: string | null): never => {
      throw new Error(
        `gpu: expected a kernel that runs on '${mode}', got one that GPU.js would run elsewhere: ${String(why)}`,
      );
    };
    const run = kernelOf(gpu, recipe, () => refuse(run.kernel.fallbackReason));
    return {
      run: (args) => {
        const submitted = run.kernel.built;
        const result = run(...args);
        const { kernel } = run;
        if (kernel.constructor.mode !== (isGl(mode) ? 'gpu' : mode)) refuse(kernel.fallbackReason);
        return take(kernel, result, submitted);
      },
      destroy: () => {
        run.destroy();
        const at = gpu.kernels.indexOf(run.kernel); // where mode cpu leaves it
        if (at >= 0) gpu.kernels.splice(at, 1);
      },
    };
  };

const kernelOf = (gpu: Gpu, { source, helpers, size, constants }: Recipe, onRequestFallback: () => never): Kernel =>
  gpu.createKernel(source, {
    output: [size],
    constants,
    functions: helpers,
    pipeline: true,
    immutable: true,
    loopMaxIterations: 2 ** 30, // by default a loop stops silently at 1000
    precision: 'single',
    tactic: 'precision',
    onRequestFallback,
  });
