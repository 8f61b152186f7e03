import type { Compiled, Shader } from '../engine/engine.js';
import type { BufferHandle, GpuDevice, GpuPipeline } from '../engine/gpu-js.js';
import { launch, type Program, type Site } from './site.js';

/** Compiles shaders of our own for GPU.js's device. */
export const shadersOf =
  (site: Site) =>
  ({ code, groups, size }: Shader): Compiled => {
    const { device } = site.context;
    site.pool.check(4 * size);
    const grid = gridOf(device, groups);
    let program: Program | null = null;
    const compiling = compile(device, code).then((pipeline) => {
      const layout = pipeline.getBindGroupLayout(0);
      return (program = { pipeline, layout, grid, bytes: 4 * size, groups: new Map() });
    });
    return {
      run: (args) => {
        const handles = args as readonly BufferHandle[];
        return program ? launch(site, program, handles) : compiling.then((made) => launch(site, made, handles));
      },
      destroy: () => undefined, // the garbage collector's
    };
  };

/** At least so many workgroups, in rows that the adapter takes. */
function gridOf({ limits: { maxComputeWorkgroupsPerDimension: most } }: GpuDevice, groups: number): [number, number] {
  const high = Math.ceil(groups / most);
  if (high > most)
    throw new RangeError(`gpu: expected at most ${most} x ${most} workgroups on this adapter, got ${groups}`);
  return [Math.ceil(groups / high), high];
}

async function compile(device: GpuDevice, code: string): Promise<GpuPipeline> {
  device.pushErrorScope('validation');
  const pipeline = device.createComputePipeline({
    layout: 'auto',
    compute: { module: device.createShaderModule({ code }), entryPoint: 'main' },
  });
  const error = await device.popErrorScope();
  if (error) throw new Error(`gpu: expected a shader that this adapter takes, got ${error.message}`);
  return pipeline;
}
