import type { BufferResult, GpuBuffer, GpuJs, Handle, WebGpuContext } from '../engine/gpu-js.js';

// WebGPU's buffer usages, which are pinned by its specification.
const [MAP_READ, COPY_SRC, COPY_DST, STORAGE] = [1, 4, 8, 128];

const lost = 'gpu: expected a GPU that works, got one that was lost or taken away; make a new device by gpu()';

/**
 * Throws an Error where the GPU is gone, or a buffer on it: both would do nothing without a word.
 */
export function checkAlive(context: WebGpuContext, ...handles: readonly BufferResult[]): void {
  if (context.isLost) throw new Error(lost);
  if (handles.some((handle) => handle._deleted))
    throw new Error('gpu: expected data on the GPU, got a buffer that was freed');
}

/** A buffer for the elements of a result. */
export const createResult = ({ device }: WebGpuContext, size: number): GpuBuffer =>
  device.createBuffer({ size: 4 * size, usage: STORAGE | COPY_SRC });

/** A buffer as GPU.js hands them out. */
export const handleOf = (lib: GpuJs, context: WebGpuContext, buffer: GpuBuffer, size: number): BufferResult =>
  new lib.WebGPUBufferResult({ buffer, output: [size], context, kernel: null });

/** Elements that go to the GPU. */
export function upload(lib: GpuJs, context: WebGpuContext, data: Float32Array): Handle {
  checkAlive(context);
  const { byteLength: size } = data;
  const buffer = context.device.createBuffer({ size, usage: STORAGE | COPY_SRC, mappedAtCreation: true });
  new Float32Array(buffer.getMappedRange()).set(data);
  buffer.unmap();
  return handleOf(lib, context, buffer, data.length);
}

/** A copy of elements on the GPU. */
export async function read(context: WebGpuContext, handle: BufferResult, size: number): Promise<Float32Array> {
  checkAlive(context, handle);
  const { device } = context;
  const staging = device.createBuffer({ size: size * 4, usage: MAP_READ | COPY_DST });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(handle.buffer, 0, staging, 0, size * 4);
  device.queue.submit([encoder.finish()]);
  try {
    await staging.mapAsync(1);
    return new Float32Array(staging.getMappedRange().slice(0));
  } catch (cause) {
    throw new Error(lost, { cause });
  } finally {
    staging.destroy();
  }
}
