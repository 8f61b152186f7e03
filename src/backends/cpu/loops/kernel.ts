import type { View } from '../../../core/tensor.js';

/**
 * Fills the zeroed row-major `outs`; returns false, having written nothing, where the op's own
 * definition should run instead.
 */
// Each kernel knows the attributes of its op; the table that holds them all cannot.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Kernel = (outs: readonly View[], ins: readonly View[], attrs: any) => boolean;

/** Kernels by the name of their op. */
export type KernelTable = Readonly<Record<string, Kernel>>;
