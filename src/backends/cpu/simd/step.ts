import type { Id } from '../../../core/tensor.js';
import { isContiguous } from '../../../core/view.js';
import type { Step } from '../../plan/step.js';
import { chainOp } from './chain/arithmetic.js';
import { gives, type Layout, type SimdOp } from './ops/op.js';
import { simdOp } from './ops/table.js';
import type { Alloc, Simd } from './wasm/instance.js';
import type { Pointer } from './wasm/kernels.js';

/** A value at its fixed place in the memory of a plan. */
export interface Operand extends Layout {
  /** Address of the element at the view's offset. */
  readonly at: Pointer;
}

/** The kernels of a step's op, if they take the step's dtypes and strides. */
function kernelOf({ calls: [call], ins, outs }: Step, operand: (id: Id) => Operand): SimdOp<unknown> | undefined {
  const kernel = call && simdOp(call.op);
  if (!kernel || !gives(kernel, operand(outs[0]!).dtype)) return undefined;
  return kernel.operands === 'any' || ins.every((id) => isContiguous(operand(id).view)) ? kernel : undefined;
}

/** A step by SIMD kernels, which is told where its scratch memory lies. */
export interface SimdStep {
  readonly scratch: number;
  at(scratch: Pointer): () => void;
}

/**
 * A step of a plan by SIMD kernels at fixed addresses; undefined where there is none for this op,
 * dtype or layout. Below `leastWork` elements functions come from Math, and float64 goes to loops,
 * as they do in eager mode, so that results are the same.
 */
export function simdStep(
  simd: Simd,
  alloc: Alloc,
  step: Step,
  operand: (id: Id) => Operand,
  leastWork: number,
): SimdStep | undefined {
  const { calls, ins, outs, bias } = step;
  const kernel = kernelOf(step, operand);
  const [from, to] = [ins.map(operand), outs.map(operand)];
  const { size } = to[0]!.view;
  if (!kernel || size === 0 || (kernel.inexact && size < leastWork)) return undefined;
  if (to[0]!.dtype === 'float64' && worksOn(kernel, from, to, calls[0]!.attrs) < leastWork) return undefined;
  const plan = kernel.plan(simd, alloc, from, to, calls[0]!.attrs);
  if (!plan) return undefined;
  const addresses = [...from, ...to].map(({ at }) => at);
  const biasAt = bias === undefined ? 0 : operand(bias).at;
  return {
    scratch: plan.scratch,
    at: (scratch) => () => {
      plan.run(addresses, scratch, biasAt);
    },
  };
}

/** How much there is to do for doubles. */
const worksOn = ({ work }: SimdOp<unknown>, from: readonly Operand[], to: readonly Operand[], attrs: unknown): number =>
  work?.(
    from.map(({ view }) => view),
    to.map(({ view: { shape }, dtype }) => ({ shape, dtype })),
    attrs,
  ) ?? Infinity;

/**
 * Tells along which axis of its result, counted from the back where negative, a step can add a
 * bias.
 */
export const biasAxis =
  (operand: (id: Id) => Operand) =>
  (step: Step): number | undefined =>
    operand(step.outs[0]!).view.size > 0 && operand(step.outs[0]!).dtype === 'float32'
      ? kernelOf(step, operand)?.biasAxis
      : undefined;

/** Tells which steps can be part of a generated chain; `leastWork` as in `simdStep`. */
export const inChain =
  (operand: (id: Id) => Operand, leastWork: number) =>
  ({ calls: [call], ins, outs }: Step): boolean => {
    const op = call?.op.kernel === undefined ? undefined : chainOp(call.op.kernel);
    const { size } = operand(outs[0]!).view;
    if (!op || size === 0 || (op.inexact && size < leastWork)) return false;
    return [...ins, ...outs].every((id) => operand(id).dtype === 'float32');
  };

/** Tells which steps read each element of row-major operands before they write in its place. */
export const inOrder =
  (operand: (id: Id) => Operand) =>
  (step: Step): boolean =>
    step.chain ?? kernelOf(step, operand)?.inOrder ?? false;
