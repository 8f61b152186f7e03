import { checkMode, destroy, kernelOf } from '../engine/compiler.js';
import type { Compiled, Recipe } from '../engine/engine.js';
import type { BufferHandle, Gpu, GpuBinding, WebGpuKernel } from '../engine/gpu-js.js';
import { checkAlive, launch, lost, type Program, type Site } from './site.js';

type Arguments = readonly (BufferHandle | number)[];

/**
 * Kernels that GPU.js writes in WGSL and compiles. They are launched here: GPU.js makes a buffer, a
 * bind group and a submission for each launch.
 */
export const kernelsOf =
  (gpu: Gpu, site: Site) =>
  (recipe: Recipe): Compiled => {
    const kernel = kernelOf(gpu, 'webgpu', recipe);
    let run: ((args: Arguments) => BufferHandle) | null = null;
    let building: Promise<(args: Arguments) => BufferHandle> | null = null;
    return {
      run: (given) => {
        const args = given as Arguments;
        if (run) return run(args);
        checkAlive(site, ...args.filter((arg) => typeof arg !== 'number'));
        if (!building) {
          checkMode(kernel, 'webgpu');
          building = built(site, kernel.kernel as WebGpuKernel, args, recipe.size);
          building.then(
            (made) => {
              run = made;
            },
            () => undefined, // each call rejects
          );
        }
        return building.then((made) => made(args));
      },
      destroy: () => {
        site.commands.flush(); // which may read the kernel's parameters
        destroy(gpu, kernel);
      },
    };
  };

/** Compiles a kernel for arguments of these sizes; the result launches it. */
async function built(
  site: Site,
  kernel: WebGpuKernel,
  args: Arguments,
  size: number,
): Promise<(args: Arguments) => BufferHandle> {
  await kernel.build(...args.map((arg) => (typeof arg === 'number' ? arg : ({ type: 'WebGPUBuffer' } as const))));
  const { context, paramsBuffer, paramsLayout, computePipeline, bindGroupLayout } = kernel;
  if (context !== site.context) throw new Error(lost);
  kernel.outputBuffer?.destroy();
  kernel.outputBuffer = null;
  const { groups, dispatchWidth } = kernel._computeDispatch([size, 1, 1]);
  const words = new Uint32Array(paramsLayout.byteLength / 4);
  words.set([size, 1, 1, dispatchWidth]);
  for (const { index, dimsOffset } of paramsLayout.arrayArgs) {
    const elements = (args[index] as BufferHandle).slot.bytes / 4;
    words.set([elements, 1, 1, elements], dimsOffset / 4);
  }
  const program: Program = {
    pipeline: computePipeline,
    layout: bindGroupLayout,
    grid: [groups[0], groups[1]],
    bytes: 4 * size,
    groups: new Map(),
  };
  context.device.queue.writeBuffer(paramsBuffer, 0, words);
  const numbers = paramsLayout.scalarArgs;
  const floats = new Float32Array(words.buffer);
  const params = (given: Arguments): GpuBinding => {
    if (numbers.length === 0) return { buffer: paramsBuffer };
    for (const { index, offset } of numbers) floats[offset / 4] = given[index] as number;
    return site.commands.uniform(words);
  };
  return (given) =>
    launch(
      site,
      program,
      given.filter((arg) => typeof arg !== 'number'),
      () => params(given),
    );
}
