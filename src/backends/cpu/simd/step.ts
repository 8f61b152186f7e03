import type { DType } from '../../../core/dtype.js';
import { sizeOf } from '../../../core/shape.js';
import type { Call, View } from '../../../core/tensor.js';
import { isContiguous, offsetsOf } from '../../../core/view.js';
import type { ConvAttrs } from '../../../ops/conv.js';
import { planConv, planConvInput, planConvWeight } from './conv.js';
import type { Alloc, Simd } from './instance.js';
import type { Pointer } from './kernels.js';
import { planMatmul } from './matmul.js';

/** A value at its fixed place in the memory of a plan. */
export interface Operand {
  /** Address of the element at the view's offset. */
  readonly at: Pointer;
  /** Shape and strides; its data is not there yet. */
  readonly view: View;
  readonly dtype: DType;
}

type MakeStep = (
  simd: Simd,
  alloc: Alloc,
  ins: readonly Operand[],
  outs: readonly Operand[],
  attrs: never,
) => (() => void) | undefined;

const allContiguous = (operands: readonly Operand[]): boolean => operands.every(({ view }) => isContiguous(view));

const conv =
  (plan: (simd: Simd, alloc: Alloc, a: ConvAttrs) => (x: Pointer, y: Pointer, out: Pointer) => void): MakeStep =>
  (simd, alloc, ins, [out], attrs: ConvAttrs) => {
    if (!allContiguous(ins)) return undefined;
    const run = plan(simd, alloc, attrs);
    const [x, y] = ins as [Operand, Operand];
    return () => {
      run(x.at, y.at, out!.at);
    };
  };

const matmul: MakeStep = (simd, alloc, [x, y], [out]) => {
  const rank = x!.view.shape.length;
  const [m, k, n] = [x!.view.shape[rank - 2]!, x!.view.shape[rank - 1]!, y!.view.shape[rank - 1]!];
  const lead = x!.view.shape.slice(0, rank - 2);
  const [xs, ys] = [x!, y!].map(({ view }) => offsetsOf(lead, view.stride.slice(0, rank - 2))) as [
    Int32Array,
    Int32Array,
  ];
  const strides = (v: View) => [v.stride[rank - 2]!, v.stride[rank - 1]!] as const;
  const run = planMatmul(simd, alloc, { m, k, n, x: strides(x!.view), y: strides(y!.view) });
  return () => {
    for (let b = 0; b < xs.length; b++) run(x!.at + 4 * xs[b]!, y!.at + 4 * ys[b]!, out!.at + 4 * b * m * n);
  };
};

const steps: Readonly<Record<string, MakeStep>> = {
  matmul,
  conv2d: conv(planConv),
  conv2dWeight: conv((simd, alloc, a) => {
    const run = planConvWeight(simd, alloc, a);
    return (x, y, out) => {
      run(x, y, out);
    };
  }),
  conv2dInput: conv(planConvInput),
};

/** A step of a plan by SIMD kernels at fixed addresses; undefined where there is none for this op, dtype or layout. */
export function simdStep(
  simd: Simd,
  alloc: Alloc,
  call: Call,
  ins: readonly Operand[],
  outs: readonly Operand[],
): (() => void) | undefined {
  if (outs[0]!.dtype !== 'float32' || sizeOf(outs[0]!.view.shape) === 0) return undefined;
  return steps[call.op.name]?.(simd, alloc, ins, outs, call.attrs as never);
}
