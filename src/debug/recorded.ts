import type { DType } from '../core/dtype.js';
import type { Shape } from '../core/shape.js';
import type { CallSite } from './call-site.js';
import type { Direction } from './direction.js';

/** A value of a recorded program. */
export interface GraphValue {
  /** Its place in the list of values. */
  readonly id: number;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly bytes: number;
  /** The place of the op that made it; undefined for what came from outside. */
  readonly by: number | undefined;
  /** What came from outside: `argument 0.w`. */
  readonly name: string | undefined;
}

/** A call of an op in a recorded program. */
export interface GraphOp {
  /** Its place in the order in which the ops ran. */
  readonly id: number;
  readonly op: string;
  /** The values that it reads, and those that it makes. */
  readonly ins: readonly number[];
  readonly outs: readonly number[];
  /** 0 for the value of f, 1 for a pullback, 2 for the pullback of a pullback. */
  readonly order: number;
  /** The order in words. */
  readonly direction: Direction;
  /** The op whose derivative it is a part of. */
  readonly derivativeOf: string | undefined;
  /** Whether it moves no bytes: its result is a window on what it reads. */
  readonly view: boolean;
  /** Where your code called the op, or the op that it is a derivative of. */
  readonly at: CallSite | undefined;
}

/** A result of a recorded program. */
export interface GraphResult {
  /** `result.loss` */
  readonly path: string;
  readonly value: number;
}

/** How a recorded program is drawn. */
export interface DrawOptions {
  /** Whether ops that move no bytes are drawn, such as broadcasts and transpositions; true. */
  readonly views?: boolean;
}

/** The data of a recorded program. */
export interface Recorded {
  readonly ops: readonly GraphOp[];
  readonly values: readonly GraphValue[];
  readonly results: readonly GraphResult[];
  /** Bytes of all that ops made. Views share the memory of what they are views of. */
  readonly bytes: number;
}
