import type { BufferHandle, GpuBinding, GpuGroup, GpuPipeline, Opaque, Slot, WebGpuContext } from '../engine/gpu-js.js';
import { createCommands, type Commands } from './commands.js';
import { createPool, type Pool } from './pool.js';

/** Where kernels and shaders run: a WebGPU device, the work given to it, and its buffers. */
export interface Site {
  readonly context: WebGpuContext;
  readonly commands: Commands;
  readonly pool: Pool;
  /** Whether it was given up; kernels that were compiled meanwhile are not launched. */
  ended: boolean;
}

/** A device without work and without buffers. */
export function createSite(context: WebGpuContext): Site {
  const commands = createCommands(context);
  return { context, commands, pool: createPool(context, commands.flush), ended: false };
}

/** Frees what a site has. */
export function endSite(site: Site): void {
  site.ended = true;
  site.commands.destroy();
  site.pool.clear();
}

/** A compiled pipeline, what it binds first, and in how many workgroups it runs. */
export interface Program {
  readonly pipeline: GpuPipeline;
  readonly layout: Opaque;
  readonly grid: readonly [x: number, y: number];
  readonly bytes: number;
  readonly groups: Map<string, GpuGroup>;
}

/** Bind groups that are kept for a program. */
const GROUPS = 128;

/** Runs a program on elements; `first` is bound before them. The result has a buffer of its own. */
export function launch(
  site: Site,
  program: Program,
  args: readonly BufferHandle[],
  first?: () => GpuBinding,
): BufferHandle {
  const { context, commands, pool } = site;
  checkAlive(site, ...args);
  const result = pool.take(program.bytes);
  const group = groupOf(context, program, [...args.map(({ slot }) => slot), result], first?.());
  commands.dispatch(program.pipeline, group, program.grid);
  return { slot: result, freed: false };
}

/** A bind group, which is made once for the same buffers. */
function groupOf(
  { device }: WebGpuContext,
  { layout, groups }: Program,
  slots: readonly Slot[],
  first?: GpuBinding,
): GpuGroup {
  const key = `${first?.offset ?? ''}:${slots.map(({ id }) => id).join()}`;
  const known = groups.get(key);
  if (known) return known;
  const bound = [...(first ? [first] : []), ...slots.map(({ buffer }): GpuBinding => ({ buffer }))];
  const entries = bound.map((resource, binding) => ({ binding, resource }));
  const made = device.createBindGroup({ layout, entries });
  if (groups.size >= GROUPS) groups.clear();
  groups.set(key, made);
  return made;
}

export const lost = 'gpu: expected a GPU that works, got one that was lost or taken away; make a new device by gpu()';

/**
 * Throws an Error where the GPU is gone, or a buffer on it: both would do nothing without a word.
 */
export function checkAlive({ context, ended, pool }: Site, ...handles: readonly BufferHandle[]): void {
  if (context.isLost || ended) throw new Error(lost);
  pool.checkMemory();
  if (handles.some(({ freed }) => freed)) throw new Error('gpu: expected data on the GPU, got a buffer that was freed');
}
