import { elementwiseOps } from '../../../../kernels/elementwise.js';
import { sizeOf, stridesOf, type Shape } from '../../../core/shape.js';
import type { View } from '../../../core/tensor.js';
import { dense, isContiguous, stridedView } from '../../../core/view.js';
import type { AdamAttrs } from '../../../ops/adam-step.js';
import type { ReduceAttrs } from '../../../ops/broadcast.js';
import type { NormalizeAttrs } from '../../../ops/normalize.js';
import type { PoolAttrs } from '../../../ops/pool.js';
import type { Kernel, KernelTable } from '../loops/kernel.js';
import { planElementwise } from './ops/elementwise.js';
import { reductionOf, runSum } from './ops/reduce.js';
import { copyIn, copyOut, type Scratch } from './scratch.js';

// Ops that touch each element a few times. The copies take about half the time, and still these win
// over loops in typed arrays: twofold for sums of two operands, three to eight times for
// statistics, pooling, the gate and functions with a power of e.

type Run<A> = (scratch: Scratch, outs: readonly View[], ins: readonly View[], attrs: A) => boolean;

/**
 * Elementwise ops, sums, normalisation, pooling and softmax of float32 by SIMD kernels, through the
 * scratch region that `scratch` makes on first use; from `least` elements on, since below them
 * copying costs more than it brings.
 */
export function eagerElements(scratch: () => Scratch | undefined, least: number): KernelTable {
  const where =
    <A>(run: Run<A>): Kernel =>
    (outs, ins, attrs: A) => {
      const all = [...outs, ...ins];
      const size = all.reduce((n, { size }) => Math.max(n, size), 0);
      if (size === 0 || size < least || all.some((v) => v.dtype === 'float64')) return false;
      const s = scratch();
      if (!s || 4 * all.reduce((n, v) => n + v.size, 0) > s.limit) return false;
      s.region.reset();
      return run(s, outs, ins, attrs);
    };
  const table: Record<string, Kernel> = {};
  for (const op of elementwiseOps.flat()) table[op] = where(elementwise(op));
  return {
    ...table,
    sum: where(sum),
    normalize: where(normalize),
    normalizeGrad: where(normalizeGrad),
    maxPool2d: where(maxPool),
    poolGather: where(gather),
    poolScatter: where(scatter),
    softmax: where(softmax),
    adamStep: where(adamStep),
  };
}

const room = ({ region }: Scratch, v: View): number => region.alloc(4 * v.size);
/** Copies of row-major operands; undefined where one is not. */
const copies = (scratch: Scratch, ins: readonly View[]): number[] | undefined =>
  ins.every(isContiguous) ? ins.map((v) => copyIn(scratch, dense(v))) : undefined;

/** Strides of an operand that is repeated along the axes where its own length is 1. */
const stepsOf = (own: Shape): number[] => stridesOf(own).map((step, axis) => (own[axis] === 1 ? 0 : step));

const elementwise =
  (op: string): Run<null> =>
  (scratch, [out], ins) => {
    if (out!.dtype !== 'float32' || ins.some((v) => v.dtype !== 'float32')) return false;
    // What is repeated is copied once.
    const own = ins.map((v) => v.shape.map((d, axis) => (v.stride[axis] === 0 ? 1 : d)));
    const parts = ins.map((v, i) => stridedView(v, own[i]!, v.stride, v.offset));
    const run = planElementwise(scratch.simd, op, out!.shape, own.map(stepsOf));
    const pointers = run && copies(scratch, parts);
    if (!pointers) return false;
    const at = room(scratch, out!);
    run(at, ...pointers);
    copyOut(scratch, out!.data, at);
    return true;
  };

const sum: Run<ReduceAttrs> = (scratch, [out], [x], { axes }) => {
  const reduction = reductionOf(x!.shape, axes);
  const [from] = (x!.dtype === 'float32' && reduction && copies(scratch, [x!])) || [];
  if (!reduction || from === undefined) return false;
  const at = room(scratch, out!);
  runSum(scratch.simd, reduction, from, at);
  copyOut(scratch, out!.data, at);
  return true;
};

/** The axes [a,c,b] of statistics over a and b, if b is long enough for whole vectors. */
function channelsOf(x: View, axes: readonly number[]) {
  const reduction = reductionOf(x.shape, axes);
  return reduction?.kind === 'around' && reduction.b >= 4 ? reduction : undefined;
}

const normalize: Run<NormalizeAttrs> = (scratch, outs, [x], { axes, eps }) => {
  const channels = channelsOf(x!, axes);
  const [from] = (channels && copies(scratch, [x!])) ?? [];
  if (!channels || from === undefined) return false;
  const { a, c, b } = channels;
  const at = outs.map((v) => room(scratch, v)) as [number, number, number];
  scratch.simd.kernels.normalize(from, ...at, a, c, b, eps);
  outs.forEach((v, i) => {
    copyOut(scratch, v.data, at[i]!);
  });
  return true;
};

const normalizeGrad: Run<ReduceAttrs> = (scratch, [out], ins, { axes }) => {
  const channels = channelsOf(ins[0]!, axes);
  const from = channels && copies(scratch, ins);
  if (!from) return false;
  const at = room(scratch, out!);
  const { a, c, b } = channels;
  scratch.simd.kernels.normalizeGrad(from[0]!, from[1]!, from[2]!, at, a, c, b);
  copyOut(scratch, out!.data, at);
  return true;
};

const maxPool: Run<PoolAttrs> = (scratch, [out, indices], ins, { x, y, size, stride, padding }) => {
  const [from] = copies(scratch, ins) ?? [];
  if (from === undefined) return false;
  const [at, where] = [room(scratch, out!), room(scratch, indices!)];
  const planes = x[0]! * x[1]!;
  scratch.simd.kernels.maxPool(
    from,
    at,
    where,
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
  );
  copyOut(scratch, out!.data, at);
  copyOut(scratch, indices!.data, where);
  return true;
};

const picking =
  (kernel: 'poolGather' | 'poolScatter'): Run<PoolAttrs> =>
  (scratch, [out], ins, { x, y }) => {
    const from = out!.dtype === 'float32' && copies(scratch, ins);
    if (!from) return false;
    const at = room(scratch, out!);
    scratch.simd.kernels[kernel](from[0]!, from[1]!, at, x[0]! * x[1]!, x[2]! * x[3]!, y[2]! * y[3]!);
    copyOut(scratch, out!.data, at);
    return true;
  };
const gather = picking('poolGather');
const scatter = picking('poolScatter');

const softmax: Run<{ readonly axis: number }> = (scratch, [out], ins, { axis }) => {
  const shape = out!.shape;
  if (sizeOf(shape.slice(axis + 1)) !== 1) return false;
  const [from] = copies(scratch, ins) ?? [];
  if (from === undefined) return false;
  const at = room(scratch, out!);
  scratch.simd.kernels.softmax(from, at, sizeOf(shape.slice(0, axis)), shape[axis]!);
  copyOut(scratch, out!.data, at);
  return true;
};

const adamStep: Run<AdamAttrs> = (scratch, outs, ins, { beta1, beta2, eps, epsRoot }) => {
  const from = copies(scratch, ins);
  if (!from) return false;
  const at = outs.map((v) => room(scratch, v));
  const [p, g, m, v, rate, c1, c2, p1, m1, v1] = [...from, ...at] as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const { kernels } = scratch.simd;
  kernels.adamStep(
    p,
    g,
    m,
    v,
    rate,
    c1,
    c2,
    p1,
    m1,
    v1,
    outs[0]!.size,
    beta1,
    1 - beta1,
    beta2,
    1 - beta2,
    eps,
    epsRoot,
  );
  outs.forEach((out, i) => {
    copyOut(scratch, out.data, at[i]!);
  });
  return true;
};
