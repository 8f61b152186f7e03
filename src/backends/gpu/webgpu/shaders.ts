import type { Compiled, Shader } from '../engine/engine.js';
import type { BufferResult, GpuDevice, GpuJs, GpuPipeline, WebGpuContext } from '../engine/gpu-js.js';
import { checkAlive, createResult, handleOf } from './buffers.js';

/** Compiles shaders for GPU.js's device; their results are its handles. */
export const shadersOf =
  (lib: GpuJs, context: WebGpuContext) =>
  ({ code, groups, size }: Shader): Compiled => {
    const { device } = context;
    checkSize(device, size);
    const [wide, high] = gridOf(device, groups);
    let pipeline: GpuPipeline | null = null;
    const compiling = compile(device, code).then((made) => {
      pipeline = made;
      return made;
    });
    const submit = (by: GpuPipeline, args: readonly BufferResult[]): BufferResult => {
      checkAlive(context, ...args);
      const result = createResult(context, size);
      const buffers = [...args.map((arg) => arg.buffer), result];
      const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(by);
      pass.setBindGroup(0, device.createBindGroup({ layout: by.getBindGroupLayout(0), entries }));
      pass.dispatchWorkgroups(wide, high);
      pass.end();
      device.queue.submit([encoder.finish()]);
      return handleOf(lib, context, result, size);
    };
    return {
      run: (args) => {
        const handles = args as readonly BufferResult[];
        return pipeline ? submit(pipeline, handles) : compiling.then((made) => submit(made, handles));
      },
      destroy: () => undefined, // the garbage collector's
    };
  };

function checkSize({ limits }: GpuDevice, size: number): void {
  const largest = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
  if (4 * size > largest)
    throw new RangeError(`gpu: expected a result of at most ${largest} bytes on this adapter, got ${4 * size}`);
}

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
