import type { DType } from '../../../../core/dtype.js';
import type { Spec, View } from '../../../../core/tensor.js';
import type { Alloc, Simd } from '../wasm/instance.js';
import type { Pointer } from '../wasm/kernels.js';

/** How an operand or a result lies in memory; its elements need not be there yet. */
export interface Layout {
  readonly view: View;
  readonly dtype: DType;
}

/**
 * Runs an op on operands and results at these addresses, in this order. `scratch` is memory for the
 * time of the run. Sums of products start at `bias` where it is not 0, and are added to what the
 * result holds where `accumulate`.
 */
export type Run = (at: readonly Pointer[], scratch: Pointer, bias?: Pointer, accumulate?: boolean) => void;

/** An op for operands that lie in one way, and the bytes of scratch memory that a run needs. */
export interface Planned {
  readonly run: Run;
  readonly scratch: number;
}

/** A part of an op's work: an op itself, on parts of its operands and its result. */
export interface Part<A> {
  readonly ins: readonly View[];
  readonly outs: readonly View[];
  readonly attrs: A;
  /** It is added to what earlier parts gave. */
  readonly accumulate?: boolean;
}

/**
 * An op by SIMD kernels: all that compiled plans and eager mode know of it. Eager mode hands over
 * operands of float64 only to an op with `doubles`; a plan may hand them to any.
 */
export interface SimdOp<A> {
  /**
   * Plans it for operands and results that lie so; tables that its runs share come from `alloc`.
   * Undefined where the kernels do not take them. Results are row-major, and so are operands unless
   * `operands` says more.
   */
  plan(simd: Simd, alloc: Alloc, ins: readonly Layout[], outs: readonly Layout[], attrs: A): Planned | undefined;
  /**
   * Which operands it takes beside row-major ones: such as are repeated along axes, or lie in any
   * way. Those that are `copied` are made row-major for it in eager mode, which is worth it.
   */
  readonly operands?: 'repeated' | 'any' | 'copied';
  /** The dtype of its first result; float32 by default. */
  readonly result?: 'int32';
  /** It has kernels for float64 too, where its first result has that. */
  readonly doubles?: true;
  /** Its function differs from that of Math in the last bits. */
  readonly inexact?: true;
  /** It reads each element of its operands before it writes in its place. */
  readonly inOrder?: true;
  /**
   * The axis of the result, counted from the back where negative, of a bias that its sums can start
   * at.
   */
  readonly biasAxis?: number;
  /** How much there is to do, where that is not the length of its longest operand or result. */
  work?(ins: readonly View[], outs: readonly Spec[], attrs: A): number;
  /** How eager mode cuts it where scratch memory cannot hold it as a whole. */
  readonly parts?: {
    /** Bytes that operands and results take, with what a plan allocates. */
    bytes(simd: Simd, ins: readonly View[], outs: readonly Spec[], attrs: A): number;
    /** Parts of at most `limit` bytes; undefined where even the smallest takes more. */
    cut(
      simd: Simd,
      limit: number,
      ins: readonly View[],
      outs: readonly View[],
      attrs: A,
    ): readonly Part<A>[] | undefined;
  };
}

/** Whether an op has kernels for a first result of this dtype. */
export const gives = ({ result, doubles }: SimdOp<unknown>, dtype: DType): boolean =>
  dtype === (result ?? 'float32') || (dtype === 'float64' && doubles === true);

/** A tuple of addresses. */
export type Pointers<N extends number, P extends Pointer[] = []> = P['length'] extends N
  ? P
  : Pointers<N, [...P, Pointer]>;

/** A plan whose runs need no scratch memory. */
export const planned = (run: (at: readonly Pointer[]) => void): Planned => ({ run, scratch: 0 });
