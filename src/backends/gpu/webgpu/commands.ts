import type {
  GpuBinding,
  GpuBuffer,
  GpuEncoder,
  GpuGroup,
  GpuPass,
  GpuPipeline,
  WebGpuContext,
} from '../engine/gpu-js.js';
import { UNIFORM_USAGE } from './usage.js';

/** Dispatches that are recorded before they are submitted. */
const MOST = 32;
/** Where WebGPU lets a uniform begin, and bytes for those of the dispatches recorded. */
const [ALIGN, ROOM] = [256, 65536];

/**
 * Work for the GPU in the order in which it is given. It is submitted together: a submission costs
 * more than a dispatch. No work waits longer than the JavaScript that gave it runs.
 */
export interface Commands {
  /** Runs a pipeline on what a group binds, in x by y workgroups. */
  readonly dispatch: (pipeline: GpuPipeline, group: GpuGroup, grid: readonly [x: number, y: number]) => void;
  /** Copies a buffer into another one, which has room for it from `at` on. */
  readonly copy: (from: GpuBuffer, to: GpuBuffer, at: number, bytes: number) => void;
  /** Stores words for the next dispatch. */
  readonly uniform: (words: Uint32Array) => GpuBinding;
  /** Submits what was recorded. */
  readonly flush: () => void;
  /** Submits, and frees what the recording took. */
  readonly destroy: () => void;
}

/** No work yet. */
export function createCommands({ device }: WebGpuContext): Commands {
  const uniforms = device.createBuffer({ size: ROOM, usage: UNIFORM_USAGE });
  const mirror = new Uint32Array(ROOM / 4);
  let encoder: GpuEncoder | null = null;
  let pass: GpuPass | null = null;
  let [count, used] = [0, 0];
  const endPass = (): void => {
    pass?.end();
    pass = null;
  };
  const flush = (): void => {
    if (encoder) {
      endPass();
      if (used > 0) device.queue.writeBuffer(uniforms, 0, mirror, 0, used / 4);
      device.queue.submit([encoder.finish()]);
    }
    encoder = null;
    [count, used] = [0, 0];
  };
  const open = (): GpuEncoder => {
    if (!encoder) queueMicrotask(flush);
    return (encoder ??= device.createCommandEncoder());
  };
  return {
    dispatch: (pipeline, group, [x, y]) => {
      pass ??= open().beginComputePass();
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(x, y);
      if (++count >= MOST) flush();
    },
    copy: (from, to, at, bytes) => {
      endPass();
      open().copyBufferToBuffer(from, 0, to, at, bytes);
    },
    uniform: (words) => {
      if (used + words.byteLength > ROOM) flush();
      mirror.set(words, used / 4);
      const offset = used;
      used += Math.ceil(words.byteLength / ALIGN) * ALIGN;
      return { buffer: uniforms, offset, size: words.byteLength };
    },
    flush,
    destroy: () => {
      flush();
      uniforms.destroy();
    },
  };
}
