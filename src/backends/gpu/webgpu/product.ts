import type { Spec } from '../../../core/tensor.js';
import type { Launcher } from '../engine/launcher.js';
import type { Window } from '../engine/memory.js';

/**
 * An operand of a product: which argument it is, and the WGSL body of a function that says where
 * its element lies.
 */
export interface Side {
  readonly argument: 0 | 1;
  /**
   * Of the integers batch, row and p (left) or batch, p and column (right); below 0 where there is
   * no element, which then counts for nothing.
   */
  readonly at: string;
  /** Whether neighbours in p, rather than in row or column, are neighbours in memory. */
  readonly deep: boolean;
  /** Whether `at` may be below 0. */
  readonly gaps?: boolean;
}

/**
 * z[place(b, i, j)] = the sum over p of left(b, i, p) right(b, p, j). Constants are integers that
 * the bodies may use.
 */
export interface Product {
  readonly batches: number;
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  readonly left: Omit<Side, 'gaps'>;
  readonly right: Side;
  /** The WGSL body of a function of batch, row and column. */
  readonly place: string;
  readonly constants: Readonly<Record<string, number>>;
}

/** An op as a product, and what it is a product of. */
export type ProductOf = (
  gpu: Launcher,
  ins: readonly Window[],
  outs: readonly Spec[],
  // As with entries, each knows the attributes of its op.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  attrs: any,
) => { readonly product: Product; readonly operands: readonly Window[] };

export type ProductTable = Readonly<Record<string, ProductOf>>;
