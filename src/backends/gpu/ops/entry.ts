import type { Spec } from '../../../core/tensor.js';
import type { Launcher } from '../engine/launcher.js';
import type { Window } from '../engine/memory.js';

/**
 * How an op runs on the device: the windows of its outputs, made by launches. No input or output is
 * empty.
 */
// Each entry knows the attributes of its op; the table that holds them all cannot.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Entry = (gpu: Launcher, ins: readonly Window[], outs: readonly Spec[], attrs: any) => Window[];

/** Entries by the name of their op. */
export type EntryTable = Readonly<Record<string, Entry>>;

/** An op that is one kernel, whose constants come of its attributes. */
export const oneKernel =
  (kernel: string, constantsOf: (attrs: never) => Readonly<Record<string, number>>): Entry =>
  (gpu, ins, [out], attrs) => [gpu.kernel(kernel, ins, out!.shape, constantsOf(attrs as never))];
