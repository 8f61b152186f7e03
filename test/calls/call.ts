// Calls go past the type checker: the table is there to be called with what the types forbid.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Any = any;

/** A valid call of a public function, or of one that a public function returns. */
export interface Call {
  /**
   * The function: `adam`, `adam().update` for a method of what it returns, `vjp()[1]`,
   * `Tensor.read`.
   */
  readonly id: string;
  /** As its errors name it. */
  readonly name: string;
  /** Fresh arguments, so that one call may change its containers without the next one noticing. */
  readonly args: () => unknown[];
  readonly call: (...args: Any[]) => unknown;
  /** Where the options are among the arguments. */
  readonly options?: number;
  /** Which arguments are trees; others may have more than the first, which is then nobody's. */
  readonly trees: readonly number[];
  /** Whether its trees are only handed on: class instances and Maps in them pass through unseen. */
  readonly handsOn?: boolean;
  /** Other functions that the caller called too, by handing them in: errors may name them. */
  readonly also: readonly string[];
  /** The method's receiver is argument 0, and must be a tensor. */
  readonly method?: boolean;
  /**
   * What shows of a result that is a function: the later calls. Also told the arguments that the
   * call got.
   */
  readonly use?: (result: Any) => unknown;
  /**
   * A tree among the arguments and one in the result whose tensors have the same shapes and dtypes,
   * whatever else there is.
   */
  readonly keeps?: (args: Any[], result: Any) => readonly [before: unknown, after: unknown];
  /**
   * True where another value is right too, though it is of another kind: `place` is a path such as
   * `0.learningRate`.
   */
  readonly allow?: (place: string, value: unknown) => boolean;
  /** Numbers that ask for more work the larger they are, without bound. */
  readonly endless?: readonly string[];
}

type Details = Partial<Omit<Call, 'id' | 'args' | 'call'>>;

/** Where the result is like the argument at a position. */
export const like =
  (at: number): Call['keeps'] =>
  (args, result) => [args[at], result];

/** An entry of the table; its errors name the first word of its id unless `name` is given. */
export const call = (
  id: string,
  args: () => unknown[],
  f: (...args: Any[]) => unknown,
  details: Details = {},
): Call => ({ name: /^\w+/.exec(id)![0], trees: [], also: [], ...details, id, args, call: f });
