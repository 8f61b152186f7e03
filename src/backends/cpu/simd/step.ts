import type { DType } from '../../../core/dtype.js';
import { sizeOf } from '../../../core/shape.js';
import type { Id, View } from '../../../core/tensor.js';
import { isContiguous, offsetsOf } from '../../../core/view.js';
import type { AdamAttrs } from '../../../ops/adam-step.js';
import type { ReduceAttrs } from '../../../ops/broadcast.js';
import type { ConvAttrs } from '../../../ops/conv.js';
import type { NormalizeAttrs } from '../../../ops/normalize.js';
import type { PoolAttrs } from '../../../ops/pool.js';
import type { Step } from '../../plan/step.js';
import { chainOp } from './chain/chain.js';
import { planConv, planConvInput, planConvWeight } from './ops/conv.js';
import type { Alloc, Simd } from './wasm/instance.js';
import type { Pointer } from './wasm/kernels.js';
import { planMatmul } from './ops/matmul.js';
import { reductionOf, runSum } from './ops/reduce.js';
import { spread } from './threads/tasks.js';

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
  bias?: Operand,
) => (() => void) | undefined;

/** An op by SIMD kernels at fixed addresses, and what a plan may count on. */
interface StepKernel {
  /** The step; undefined where there is none for these shapes. */
  readonly make: MakeStep;
  /** Operands may have any strides; others are row-major. */
  readonly strided?: true;
  /** Its function differs from that of Math in the last bits. */
  readonly inexact?: true;
  /** It reads each element of its operands before it writes in its place. */
  readonly inOrder?: true;
  /**
   * The axis of the result, counted from the back where negative, of a bias that its sums can start
   * at.
   */
  readonly biasAxis?: number;
}

const allContiguous = (operands: readonly Operand[]): boolean => operands.every(({ view }) => isContiguous(view));

const conv =
  (
    plan: (simd: Simd, alloc: Alloc, a: ConvAttrs) => (x: Pointer, y: Pointer, out: Pointer, bias?: Pointer) => void,
  ): MakeStep =>
  (simd, alloc, [x, y], [out], attrs: ConvAttrs, bias) => {
    const run = plan(simd, alloc, attrs);
    return () => {
      run(x!.at, y!.at, out!.at, bias?.at);
    };
  };

const matmul: MakeStep = (simd, alloc, [x, y], [out], _, bias) => {
  const rank = x!.view.shape.length;
  const [m, k, n] = [x!.view.shape[rank - 2]!, x!.view.shape[rank - 1]!, y!.view.shape[rank - 1]!];
  const lead = x!.view.shape.slice(0, rank - 2);
  const [xs, ys] = [x!, y!].map(({ view }) => offsetsOf(lead, view.stride.slice(0, rank - 2))) as [
    Int32Array,
    Int32Array,
  ];
  const strides = (v: View) => [v.stride[rank - 2]!, v.stride[rank - 1]!] as const;
  const run = planMatmul(simd, alloc, { m, k, n, x: strides(x!.view), y: strides(y!.view) }, { x: xs, y: ys });
  const epilogue = { colBias: bias?.at };
  return () => {
    run(x!.at, y!.at, out!.at, epilogue);
  };
};

/** A kernel that needs no memory of its own. */
const plain =
  <A>(
    bind: (simd: Simd, ins: readonly Operand[], outs: readonly Operand[], attrs: A) => (() => void) | undefined,
  ): MakeStep =>
  (simd, _, ins, outs, attrs) =>
    bind(simd, ins, outs, attrs);

const sum = plain<ReduceAttrs>((simd, [x], [out], { axes }) => {
  const reduction = x!.dtype === 'float32' && reductionOf(x!.view.shape, axes);
  return reduction
    ? () => {
        runSum(simd, reduction, x!.at, out!.at);
      }
    : undefined;
});

/** The axes [a,c,b] of statistics over a and b, if b is long enough for whole vectors. */
function channelsOf(x: Operand, axes: readonly number[]) {
  const reduction = reductionOf(x.view.shape, axes);
  return reduction?.kind === 'around' && reduction.b >= 4 ? reduction : undefined;
}

const normalize = plain<NormalizeAttrs>(({ kernels }, [x], outs, { axes, eps }) => {
  const channels = channelsOf(x!, axes);
  if (!channels) return undefined;
  const [y, mean, variance] = outs.map(({ at }) => at) as [Pointer, Pointer, Pointer];
  const { a, c, b } = channels;
  return () => {
    kernels.normalize(x!.at, y, mean, variance, a, c, b, eps);
  };
});

const normalizeGrad = plain<ReduceAttrs>(({ kernels }, ins, [out], { axes }) => {
  const channels = channelsOf(ins[0]!, axes);
  if (!channels) return undefined;
  const [g, y, r] = ins.map(({ at }) => at) as [Pointer, Pointer, Pointer];
  const { a, c, b } = channels;
  return () => {
    kernels.normalizeGrad(g, y, r, out!.at, a, c, b);
  };
});

const maxPool = plain<PoolAttrs>((simd, [from], [out, indices], { x, y, size, stride, padding }) => {
  const [inner, outer] = [4 * x[2]! * x[3]!, 4 * y[2]! * y[3]!];
  return () => {
    spread(simd, x[0]! * x[1]!, x[2]! * x[3]!, (plane, planes) => [
      'maxPool',
      from!.at + plane * inner,
      out!.at + plane * outer,
      indices!.at + plane * outer,
      planes,
      x[2]!,
      x[3]!,
      y[2]!,
      y[3]!,
      size[0],
      size[1],
      stride[0],
      stride[1],
      padding[0][0],
      padding[1][0],
    ]);
  };
});

const picking = (kernel: 'poolGather' | 'poolScatter') =>
  plain<PoolAttrs>((simd, [from, indices], [out], { x, y }) => {
    const [inner, outer] = [x[2]! * x[3]!, y[2]! * y[3]!];
    const [read, written] = kernel === 'poolGather' ? [inner, outer] : [outer, inner];
    return () => {
      spread(simd, x[0]! * x[1]!, inner, (plane, planes) => [
        kernel,
        from!.at + 4 * plane * read,
        indices!.at + 4 * plane * outer,
        out!.at + 4 * plane * written,
        planes,
        inner,
        outer,
      ]);
    };
  });

const softmax = plain<{ readonly axis: number }>(({ kernels }, [x], [out], { axis }) => {
  const { shape } = x!.view;
  if (sizeOf(shape.slice(axis + 1)) !== 1) return undefined;
  const [rows, n] = [sizeOf(shape.slice(0, axis)), shape[axis]!];
  return () => {
    kernels.softmax(x!.at, out!.at, rows, n);
  };
});

const adamStep = plain<AdamAttrs>(({ kernels }, ins, outs, { beta1, beta2, eps, epsRoot }) => {
  type Ten = [Pointer, Pointer, Pointer, Pointer, Pointer, Pointer, Pointer, Pointer, Pointer, Pointer];
  const [p, g, m, v, rate, c1, c2, p1, m1, v1] = [...ins, ...outs].map(({ at }) => at) as Ten;
  const n = outs[0]!.view.size;
  return () => {
    kernels.adamStep(p, g, m, v, rate, c1, c2, p1, m1, v1, n, beta1, 1 - beta1, beta2, 1 - beta2, eps, epsRoot);
  };
});

const kernels: Readonly<Record<string, StepKernel>> = {
  sum: { make: sum },
  normalize: { make: normalize },
  normalizeGrad: { make: normalizeGrad },
  maxPool2d: { make: maxPool },
  poolGather: { make: picking('poolGather') },
  poolScatter: { make: picking('poolScatter') },
  softmax: { make: softmax, inexact: true },
  adamStep: { make: adamStep, inOrder: true },
  matmul: { make: matmul, strided: true, biasAxis: -1 },
  conv2d: { make: conv(planConv), biasAxis: 1 },
  conv2dWeight: {
    make: conv((simd, alloc, a) => {
      const run = planConvWeight(simd, alloc, a);
      return (x, y, out) => {
        run(x, y, out);
      };
    }),
  },
  conv2dInput: { make: conv(planConvInput) },
};

/** The kernel of a step's op, if it takes the step's dtype and strides. */
function kernelOf({ calls: [call], ins, outs }: Step, operand: (id: Id) => Operand): StepKernel | undefined {
  const kernel = call && Object.hasOwn(kernels, call.op.name) ? kernels[call.op.name] : undefined;
  if (!kernel || operand(outs[0]!).dtype !== 'float32') return undefined;
  return kernel.strided || allContiguous(ins.map(operand)) ? kernel : undefined;
}

/**
 * A step of a plan by SIMD kernels at fixed addresses; undefined where there is none for this op,
 * dtype or layout. Below `leastWork` elements functions come from Math, as they do in eager mode,
 * so that results are the same.
 */
export function simdStep(
  simd: Simd,
  alloc: Alloc,
  step: Step,
  operand: (id: Id) => Operand,
  leastWork: number,
): (() => void) | undefined {
  const { calls, ins, outs, bias } = step;
  const kernel = kernelOf(step, operand);
  const [from, to] = [ins.map(operand), outs.map(operand)];
  const { size } = to[0]!.view;
  if (!kernel || size === 0 || (kernel.inexact && size < leastWork)) return undefined;
  return kernel.make(simd, alloc, from, to, calls[0]!.attrs as never, bias === undefined ? undefined : operand(bias));
}

/**
 * Tells along which axis of its result, counted from the back where negative, a step can add a
 * bias.
 */
export const biasAxis =
  (operand: (id: Id) => Operand) =>
  (step: Step): number | undefined =>
    operand(step.outs[0]!).view.size > 0 ? kernelOf(step, operand)?.biasAxis : undefined;

/** Tells which steps can be part of a generated chain; `leastWork` as in `simdStep`. */
export const inChain =
  (operand: (id: Id) => Operand, leastWork: number) =>
  ({ calls: [call], ins, outs }: Step): boolean => {
    const op = call && chainOp(call.op.name);
    const { size } = operand(outs[0]!).view;
    if (!op || size === 0 || (op.inexact && size < leastWork)) return false;
    return [...ins, ...outs].every((id) => operand(id).dtype === 'float32');
  };

/** Tells which steps read each element of row-major operands before they write in its place. */
export const inOrder =
  (operand: (id: Id) => Operand) =>
  (step: Step): boolean =>
    step.chain ?? kernelOf(step, operand)?.inOrder ?? false;
