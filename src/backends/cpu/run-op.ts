import type { AnyOp, Dense, View } from '../../core/tensor.js';
import { dense } from '../../core/view.js';
import { mapElements } from './loops/elementwise.js';
import type { KernelTable } from './loops/kernel.js';

/** Fills zeroed row-major views with the results of an op that is no view. */
export type RunOp = (op: AnyOp, ins: readonly View[], outs: readonly View[], attrs: unknown) => void;

/**
 * By its function of integers where it has one, by the kernel that the table has for it, else
 * element by element, else by the op's own definition.
 */
export function runBy(table: KernelTable): RunOp {
  const kernels = new Map(Object.entries(table));
  return (op, ins, outs, attrs) => {
    if (op.integer && outs[0]!.data instanceof Int32Array && mapElements(op.integer, outs[0]!, ins)) return;
    if (op.kernel !== undefined && kernels.get(op.kernel)?.(outs, ins, attrs)) return;
    if (op.scalar && mapElements(op.scalar, outs[0]!, ins)) return;
    const row = (v: View): Dense => ({ data: dense(v), shape: v.shape });
    op.ref!(outs.map(row), ins.map(row), attrs);
  };
}
