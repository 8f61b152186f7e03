// What the device asks of GPU.js, in our own words.

import type { Handle, Mode, Pending } from './gpu-js.js';

/** A kernel ready to run. */
export interface Compiled {
  /** The result for arguments that are handles or numbers. */
  run(args: readonly (Handle | number)[]): Pending;
  destroy(): void;
}

/**
 * A kernel to compile: JavaScript text, the helpers that it calls, how many cells it computes, and
 * its constants.
 */
export interface Recipe {
  readonly source: string;
  readonly helpers: readonly string[];
  readonly size: number;
  readonly constants: Readonly<Record<string, number>>;
}

/** A WGSL shader to compile, in place of a kernel of GPU.js. */
export interface Shader {
  /**
   * With an entry point `main`, whose storage buffers are the arguments, in order, and then the
   * result.
   */
  readonly code: string;
  /**
   * Workgroups in all: `workgroup_id.x + workgroup_id.y * num_workgroups.x` counts them, and
   * beyond.
   */
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
