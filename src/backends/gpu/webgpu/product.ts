import type { Spec } from '../../../core/tensor.js';
import type { Launcher } from '../engine/launcher.js';
import type { Window } from '../engine/memory.js';

/**
 * An operand of a product: which argument it is, and where its elements lie. That depends on the
 * sum of two positions: of the line, which is a row of the left operand or a column of the right
 * one, and of the term p. So a shader finds each position once.
 */
export interface Side {
  readonly argument: 0 | 1;
  /** WGSL expressions: of the integers batch and row, or batch and column; and of the integer p. */
  readonly line: string;
  readonly term: string;
  /**
   * The WGSL body of a function that says where the element of a sum `t` lies. Positions are
   * vec3<i32> then. It is below 0 where there is no element, which then counts for nothing. Without
   * it positions are integers, and their sum says it.
   */
  readonly at?: string;
  /** Whether neighbours in p, rather than in row or column, are neighbours in memory. */
  readonly deep: boolean;
  /** Whether four neighbours in row or column are one vec4 in memory. */
  readonly fours?: boolean;
}

/**
 * z[place(b, i, j)] = the sum over p of left(b, i, p) right(b, p, j). Constants are integers that
 * the expressions may use.
 */
export interface Product {
  readonly batches: number;
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  readonly left: Omit<Side, 'at'>;
  readonly right: Side;
  /** A WGSL expression of batch, row and column. */
  readonly place: string;
  /** Whether four neighbours in column are one vec4 of the result. */
  readonly fours: boolean;
  readonly constants: Readonly<Record<string, number>>;
}

/** An op as a product. */
export type ProductOf = (
  gpu: Launcher,
  ins: readonly Window[],
  outs: readonly Spec[],
  // As with entries, each knows the attributes of its op.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  attrs: any,
) => {
  readonly operands: readonly Window[];
  /** All that the product of this op depends on; integers, which the expressions may use. */
  readonly constants: Product['constants'];
  readonly product: () => Product;
};

export type ProductTable = Readonly<Record<string, ProductOf>>;
