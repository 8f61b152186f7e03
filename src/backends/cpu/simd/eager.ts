import { BYTES, dtypeOf, type Buffer, type DType } from '../../../core/dtype.js';
import { sizeOf, stridesOf, type Shape } from '../../../core/shape.js';
import type { AnyOp, Spec, View } from '../../../core/tensor.js';
import { dense, emptyView, isContiguous, offsetsOf, stridedView, viewOf } from '../../../core/view.js';
import { layout } from '../../plan/layout.js';
import { gives, type Layout, type Planned, type SimdOp } from './ops/op.js';
import { simdOp } from './ops/table.js';
import { regionOf, type Simd } from './wasm/instance.js';
import type { Pointer } from './wasm/kernels.js';

// Eager mode copies operands into WebAssembly memory, runs a kernel there, and copies results out.
// The copies take about half the time of ops that touch each element a few times, and still the
// kernels win over loops in typed arrays: twofold for sums of two operands, three to eight times
// for statistics, pooling, the gate and functions with a power of e.

/**
 * The results of an op, in the memory of `into` where it is given; undefined, with nothing written,
 * where its kernels do not take it or it is too small for them.
 */
export type Eager = (
  op: AnyOp,
  ins: readonly View[],
  outs: readonly Spec[],
  attrs: unknown,
  into?: readonly View[],
) => readonly View[] | undefined;

const KEPT_PLANS = 4096;
const KEPT_BYTES = 1 << 24; // of their tables

/**
 * Ops by SIMD kernels through the memory of `simdOf`, which is made at the first use: from `least`
 * elements (or multiply-adds of a product) on, with operands and results of at most `limit` bytes
 * at a time. Plans are kept by the layout of operands.
 */
export function eagerBy(simdOf: () => Simd | undefined, least: number, limit: number): Eager {
  let run: ReturnType<typeof createMemory> | undefined;
  return (op, ins, outs, attrs, into) => {
    const kernel = simdOp(op);
    const dtype = outs[0]!.dtype;
    if (!kernel || !gives(kernel, dtype)) return undefined;
    if (dtype !== 'float64' && ins.some(({ data }) => data instanceof Float64Array)) return undefined;
    const work = kernel.work?.(ins, outs, attrs) ?? longest(ins, outs);
    if (work < least || sizeOf(outs[0]!.shape) === 0) return undefined;
    const simd = simdOf();
    if (!simd) return undefined;
    run ??= createMemory(simd);
    const bytes = kernel.parts?.bytes(simd, ins, outs, attrs) ?? bytesOf(ins, outs);
    if (bytes <= limit) return run(op, kernel, { ins, outs, attrs }, into);
    const whole = into ?? outs.map(({ shape, dtype }) => emptyView(dtype, shape, op.name));
    const parts = kernel.parts?.cut(simd, limit, ins, whole, attrs);
    for (const part of parts ?? []) run(op, kernel, part, part.outs);
    return parts && whole;
  };
}

/** The elements of the largest operand or result. */
function longest(ins: readonly View[], outs: readonly Spec[]): number {
  let most = 0;
  for (const { size } of ins) most = Math.max(most, size);
  for (const { shape } of outs) most = Math.max(most, sizeOf(shape));
  return most;
}

/** The bytes of all operands and results. */
function bytesOf(ins: readonly View[], outs: readonly Spec[]): number {
  let all = 0;
  for (const { size, data } of ins) all += size * data.BYTES_PER_ELEMENT;
  for (const { shape, dtype } of outs) all += sizeOf(shape) * BYTES[dtype];
  return all;
}

/** The memory of an operand that a kernel sees: its elements, and how they lie there. */
interface Window {
  readonly data: Buffer;
  readonly shape: Shape;
  /** Absent where the elements lie in row-major order. */
  readonly stride?: readonly number[];
}

/** Plans with their tables, and behind these the operands and results of one run at a time. */
function createMemory(simd: Simd) {
  const tables = regionOf(simd);
  const plans = new Map<string, Planned | undefined>();

  function planFor(op: AnyOp, kernel: SimdOp<unknown>, ins: readonly Window[], outs: readonly Spec[], attrs: unknown) {
    const key = keyOf(op, ins, attrs);
    const found = plans.get(key);
    if (found || plans.has(key)) return found;
    if (plans.size >= KEPT_PLANS || tables.used() > KEPT_BYTES) {
      plans.clear();
      tables.reset();
    }
    const plan = kernel.plan(simd, tables.alloc, ins.map(layoutOf), outs.map(resultLayout), attrs);
    plans.set(key, plan);
    return plan;
  }

  /** Runs it as a whole; added to what `into` holds where it accumulates. */
  return (
    op: AnyOp,
    kernel: SimdOp<unknown>,
    { ins, outs, attrs, accumulate = false }: Work,
    into?: readonly View[],
  ): readonly View[] | undefined => {
    const windows = ins.map((view) => windowOf(view, kernel.operands));
    if (!windows.every((window) => window !== undefined)) return undefined;
    const plan = planFor(op, kernel, windows, outs, attrs);
    if (!plan) return undefined;
    const { alloc } = regionOf(simd, tables.used());
    const at = windows.map(({ data }) => copyIn(simd, alloc(data.byteLength), data));
    const to = outs.map(({ shape, dtype }) => alloc(BYTES[dtype] * sizeOf(shape)));
    if (accumulate) into!.forEach((view, i) => copyIn(simd, to[i]!, dense(view)));
    plan.run([...at, ...to], alloc(plan.scratch), 0, accumulate);
    return into?.map((view, i) => copyInto(simd, to[i]!, view)) ?? outs.map((spec, i) => copyOut(simd, to[i]!, spec));
  };
}

/** What is run at once. */
interface Work {
  readonly ins: readonly View[];
  readonly outs: readonly Spec[];
  readonly attrs: unknown;
  readonly accumulate?: boolean;
}

/** All that a plan depends on: results follow from operands. */
function keyOf({ kernel }: AnyOp, ins: readonly Window[], attrs: unknown): string {
  let key = attrs === null ? kernel! : kernel! + JSON.stringify(attrs);
  for (const { data, shape, stride } of ins) {
    key += data instanceof Float32Array ? '|' : data instanceof Float64Array ? '|d' : '|i';
    for (const d of shape) key += `${d},`;
    if (stride) key += `;${stride.join()}`;
  }
  return key;
}

const layoutOf = ({ data, shape, stride }: Window): Layout => ({
  view: stride ? stridedView(viewOf(data, [data.length]), shape, stride, 0) : viewOf(data, shape),
  dtype: dtypeOf('cpu', data),
});
const resultLayout = ({ shape, dtype }: Spec): Layout => ({ view: layout(shape), dtype });

/** Undefined where a kernel that takes such operands cannot see the view as it lies. */
function windowOf(view: View, operands: SimdOp<unknown>['operands']): Window | undefined {
  const { shape, stride } = view;
  if (isContiguous(view)) return { data: dense(view), shape };
  switch (operands) {
    case 'any':
      return spanOf(view) ?? rowMajor(view);
    case 'copied':
      return rowMajor(view);
    case 'repeated': {
      const own = shape.map((d, axis) => (stride[axis] === 0 ? 1 : d));
      const once = stridedView(view, own, stride, view.offset);
      if (!isContiguous(once)) return undefined;
      return { data: dense(once), shape, stride: stridesOf(own).map((step, axis) => (own[axis] === 1 ? 0 : step)) };
    }
    case undefined:
      return undefined;
  }
}

const rowMajor = (view: View): Window => ({ data: dense(view), shape: view.shape });

/** The memory from the first element to the last; undefined where much of it is others'. */
function spanOf({ data, shape, stride, offset, size }: View): Window | undefined {
  if (stride.some((step) => step < 0)) return undefined;
  const span = shape.reduce((sum, d, axis) => sum + (d - 1) * stride[axis]!, 1);
  return span <= 2 * size ? { data: data.subarray(offset, offset + span), shape, stride } : undefined;
}

const arrayOf = (simd: Simd, dtype: DType): Buffer =>
  dtype === 'float32' ? simd.f32() : dtype === 'float64' ? simd.f64() : simd.i32();

function copyIn(simd: Simd, at: Pointer, data: Buffer): Pointer {
  arrayOf(simd, dtypeOf('cpu', data)).set(data, at / data.BYTES_PER_ELEMENT);
  return at;
}

/** A new row-major view of a result. */
function copyOut(simd: Simd, at: Pointer, { shape, dtype }: Spec): View {
  const size = sizeOf(shape);
  const from = at / BYTES[dtype];
  return viewOf(arrayOf(simd, dtype).slice(from, from + size), shape);
}

/** Fills a view, whose rows follow one another each, with a result. */
function copyInto(simd: Simd, at: Pointer, view: View): View {
  const { data, shape, stride, offset, size } = view;
  const from = arrayOf(simd, dtypeOf('cpu', data));
  const first = at / data.BYTES_PER_ELEMENT;
  if (isContiguous(view)) data.set(from.subarray(first, first + size), offset);
  else {
    const length = shape.at(-1)!;
    offsetsOf(shape.slice(0, -1), stride, offset).forEach((to, row) => {
      data.set(from.subarray(first + row * length, first + (row + 1) * length), to);
    });
  }
  return view;
}
