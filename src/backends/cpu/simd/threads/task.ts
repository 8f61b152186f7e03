import type { Pointer, SimdKernels } from '../wasm/kernels.js';

/** Kernels that take integers only, and so can be called from a table. */
type Product = 'gemm' | 'multiplyDoubles';
type Shared = Product | 'binary' | 'cropImages' | 'maxPool' | 'padImages' | 'poolGather' | 'poolScatter';
type Arguments<K extends Shared> = K extends Product
  ? Parameters<SimdKernels[K]> extends [...infer A, Pointer]
    ? A
    : never
  : Parameters<SimdKernels[K]>;
/** A call of a kernel; a product has the scratch memory of the thread that makes it. */
export type Order = { [K in Shared]: readonly [kernel: K, ...args: Arguments<K>] }[Shared];
/** Calls one after another, which may be made again from the first on. */
export type Task = readonly Order[];

/** Makes the calls of a task, products with this scratch memory. */
export function perform(kernels: SimdKernels, task: Task, scratch: Pointer): void {
  for (const [kernel, ...args] of task) (kernels[kernel] as (...args: unknown[]) => void)(...args, scratch);
}
