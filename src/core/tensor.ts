import type { NdArray } from 'ndarray';
import type { Buffer, DType } from './dtype.js';
import { printTensor } from './print.js';
import { sizeOf, type Shape } from './shape.js';
import { show } from './words.js';

// Tensor, Node, OpSpec and Backend name each other, so they share a file.

/** What is known of a tensor before any value is: its shape and dtype. */
export interface Spec {
  readonly shape: Shape;
  readonly dtype: DType;
}

/**
 * An immutable array on a device; `node` says how it was made, while someone differentiates through
 * it.
 * @example
 * const x = tensor([[1, 2], [3, 4]]);
 * x.shape; // [ 2, 2 ]
 * await x.read(); // Float32Array(4) [ 1, 2, 3, 4 ]
 */
export class Tensor implements Spec {
  constructor(
    readonly shape: Shape,
    readonly dtype: DType,
    readonly device: Backend,
    /**
     * Opaque to all but `device`: an ndarray view, a GPU handle, an id in a trace; null once
     * donated to a compiled function.
     */
    readonly storage: unknown,
    readonly node: Node | null = null,
    /** Which of the node's outputs this is. */
    readonly output = 0,
  ) {}

  /**
   * Only what the constructor made has it, and asking for it calls nothing of a proxy's, which
   * `instanceof` would.
   */
  readonly #made = true;

  // Messages say `a Tensor`, also where a bundler has given the class a shorter name.
  static {
    Object.defineProperty(this, 'name', { value: 'Tensor' });
  }

  /** Tells this class from those that extend it. Its name would make esbuild call it `_Tensor`. */
  static readonly #base = true;

  /** Whether x is a tensor of this library. */
  static [Symbol.hasInstance](x: unknown): boolean {
    const isTensor = typeof x === 'object' && x !== null && #made in x;
    return isTensor && (#base in this || Function.prototype[Symbol.hasInstance].call(this, x));
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /** The elements in row-major order, as a copy. */
  async read(): Promise<Buffer> {
    checkReadable('read', this);
    return this.device.read(this);
  }

  /** The elements in row-major order, as a copy; throws on a device that can only be awaited. */
  readSync(): Buffer {
    checkReadable('readSync', this);
    return this.device.readSync(this);
  }

  /**
   * The number in a tensor of one element; throws a RangeError for any other size, and where
   * `readSync` throws.
   */
  item(): number {
    if (this.size !== 1)
      throw new RangeError(`item: expected a tensor of one element, got shape ${show(this.shape)}; use readSync()`);
    checkReadable('item', this);
    return this.device.readSync(this)[0]!;
  }

  /**
   * Dtype, shape, device and values, shortened where there are many: `float32[2] on cpu [1, 2]`.
   */
  toString(): string {
    return printTensor(this);
  }

  /** For `JSON.stringify`: what `toString` gives. Files of tensors are those of `bigrad/io`. */
  toJSON(): string {
    return printTensor(this);
  }

  /** In a template it is printed; `x > 0` and `x * 2` would be wrong without a word. */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === 'string') return printTensor(this);
    throw new TypeError(
      'tensor: expected an op such as add() or greater(), got an operator on a tensor; use ops and where(), or read the value first',
    );
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return printTensor(this);
  }
}

/** A tensor that the types know to hold integers, so that its gradient is undefined. */
export type IntTensor = Tensor & { readonly dtype: 'int32' };

/** Throws where a tensor's storage has been donated to a compiled function. */
export function checkReadable(who: string, x: Tensor): void {
  if (x.storage === null)
    throw new TypeError(
      `${who}: expected a tensor with values, got one that was donated to a compiled function; use what the function returned`,
    );
}

/** A same-length tuple of `T`. */
export type Each<I, T> = { readonly [K in keyof I]: T };

/** How a tracked tensor was made. The graph is the values; there is no tape. */
export interface Node {
  /** null: a variable of a transform, or what has `passes`. */
  readonly op: AnyOp | null;
  readonly ins: readonly Tensor[];
  readonly attrs: unknown;
  /** Longest path to a variable; orders the backward pass. */
  readonly depth: number;
  /** The transforms whose variables this depends on; closed ones no longer watch. */
  readonly scopes: readonly Scope[];
  /** The op's outputs, for rules that use them. */
  outs: readonly Tensor[];
  /**
   * Instead of an op: the tensors that the cotangents of its outputs go on to in the pass of a
   * scope, each with its cotangent (see `checkpoint` and `implicit`). They may be made anew, and be
   * deeper than this node.
   */
  readonly passes?: (gs: readonly (Tensor | null)[], scope: Scope) => readonly (readonly [x: Tensor, g: Tensor])[];
  /** Whether `passes` only runs again what its outputs were made by (see `checkpoint`). */
  readonly repeats?: true;
}

/**
 * One run of a transform. It watches its variables while open; afterwards nothing new is recorded
 * for it.
 */
export interface Scope {
  open: boolean;
}

/**
 * Cotangent of one input, written with differentiable ops; `gs` and `outs` are those of every
 * output, null where none came.
 */
export type Rule<I extends readonly Tensor[], A> = (
  gs: readonly (Tensor | null)[],
  ins: I,
  attrs: A,
  outs: readonly Tensor[],
) => Tensor;

/** A variadic op's rule for all inputs; also told which one. */
export type VariadicRule<A> = (g: Tensor, at: number, ins: readonly Tensor[], attrs: A) => Tensor;

/** Row-major contiguous elements, as reference kernels see them. */
export interface Dense {
  readonly data: Buffer;
  readonly shape: Shape;
}

/** A strided window on a buffer: the storage of the CPU backends. */
export type View = NdArray<Buffer>;

/**
 * Facts of an op that hold on every device, for what rewrites programs or chooses kernels; what is
 * not said is not counted on.
 */
export interface Traits<A> {
  /** No integer among its inputs is out of range, so that it never throws. */
  readonly total?: true;
  /** Some floats are refused when it runs, such as a matrix that is singular. */
  readonly mayFail?: true;
  /** Its inputs without elements change nothing in the result. */
  readonly skipsEmpty?: true;
  /** Its result is the sum of its two inputs. */
  readonly addition?: true;
  /** (x y)' = y' x': its result transposed is that of the transposed inputs in reverse order. */
  readonly reversedByTranspose?: true;
  /**
   * Floating-point operations of a call, where an addition counts as one. What is not said is one
   * for each element of the result of an elementwise op, and unknown otherwise.
   */
  work?(ins: readonly Spec[], outs: readonly Spec[], attrs: A): number;
  /** The number that every element of its result is. */
  fill?(attrs: A): number;
  /** The axes of its input in their order in the result, which is the input otherwise. */
  permutation?(attrs: A): readonly number[];
}

/** A call of an op on a batch of examples, as a rule for `vmap` sees it. */
export interface BatchCall<I extends readonly Tensor[], A> {
  /** Its inputs; those that differ from example to example have a batch axis in front. */
  readonly ins: I;
  /** By input: whether it has the batch axis. */
  readonly batched: Each<I, boolean>;
  /** The number of examples. */
  readonly size: number;
  readonly attrs: A;
  /** Its inputs, all with the batch axis. */
  all(): I;
  /** Runs the op, on other inputs and with other attributes. */
  run(ins: readonly Tensor[], attrs: A): readonly Tensor[];
}

/** Everything the library knows about an op, in one place. */
export interface OpSpec<I extends readonly Tensor[], A> {
  readonly name: string;
  /**
   * The name under which devices have kernels that compute the same. An op from outside of the
   * library has none, whatever its name is.
   */
  readonly kernel?: string;
  /**
   * Shape and dtype of each output; throws a RangeError or TypeError naming the op and what came.
   */
  infer(ins: Each<I, Spec>, attrs: A): readonly Spec[];
  /** Reference semantics: fill the zeroed outputs. */
  ref?(outs: readonly Dense[], ins: Each<I, Dense>, attrs: A): void;
  /**
   * Instead of `ref`, for movement ops: a window on the input, nothing copied; null where that
   * needs a row-major copy first.
   */
  view?(x: View, shape: Shape, attrs: A): View | null;
  /** Elementwise ops: the function of one element, which a backend may put in its own loop. */
  readonly scalar?: (...xs: number[]) => number;
  /** The same for int32, where a product of doubles would lose the digits that wrapping keeps. */
  readonly integer?: (...xs: number[]) => number;
  readonly traits?: Traits<A>;
  /**
   * Outputs for a whole batch, with the batch axis in front, for `vmap`. Elementwise ops need no
   * such rule. Another op without one is run example by example.
   */
  batch?(call: BatchCall<I, A>): readonly Tensor[];
  /** Of an op that runs a program again and again: which, and how. Plans run it. */
  loop?(attrs: A): Loop;
  /**
   * One rule per input, null where there is no derivative; one for all inputs of a variadic op;
   * null when there is none at all.
   */
  readonly vjp: { readonly [K in keyof I]: Rule<I, A> | null } | VariadicRule<A> | null;
}

/**
 * An op of any type. Backends and the graph handle these; only an op's own rules and kernels look
 * inside.
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type AnyOp = OpSpec<readonly any[], any>;

/** A run of `vmap`. */
export interface Running {
  /** Whether its function runs. */
  open: boolean;
  /** How many backward passes are among its examples. Otherwise they are of use only in it. */
  passes: number;
}

/** A device: runs ops and moves data. It travels with the data; nothing is global. */
export interface Backend {
  readonly name: string;
  /** Storage of each output of `op`. */
  run(op: AnyOp, ins: readonly Tensor[], outs: readonly Spec[], attrs: unknown): readonly unknown[];
  /** Storage holding a copy of row-major `data`. */
  upload(data: Buffer, shape: Shape): unknown;
  /** Storage of one number everywhere, which takes the memory of one; absent where none can. */
  repeated?(value: number, spec: Spec): unknown;
  /** The elements of `x` in row-major order, as a copy. */
  read(x: Tensor): Promise<Buffer>;
  /** As `read`, at once; throws where the device can only be awaited. */
  readSync(x: Tensor): Buffer;
  /** Frees a tensor's storage early, where the garbage collector does not own it. */
  dispose?(x: Tensor): void;
  /** Told that from now on another tensor has the storage of `x` too. */
  share?(x: Tensor): void;
  /**
   * A device of a transform takes in tensors of other devices: a trace, or the examples of a
   * `vmap`.
   */
  adopt?(x: Tensor): Tensor;
  /** When such a device was made: an op runs on the latest. */
  readonly since?: number;
  /** Of a `vmap`: its run. */
  readonly running?: Running;
  /** Of a `vmap`: the tensor of the device beneath that an example is stored in. */
  beneath?(x: Tensor): Tensor;
  /** Of a `vmap`: a function of all examples, on the device beneath, that keeps the shape. */
  mapBeneath?(x: Tensor, f: (all: Tensor) => Tensor): Tensor;
  /** Of a `vmap`: the tensor that it has taken in as x, if it has. */
  source?(x: Tensor): Tensor | undefined;
  /** Of a `vmap`: the sum over its examples, on the device beneath. */
  total?(x: Tensor): Tensor;
  /** Makes a traced program ready to be run many times. */
  plan?(program: Program, options?: PlanOptions): Plan;
  /** Whether its plans run loops (see `Loop`). */
  readonly loops?: boolean;
  /** Of a trace: the device that the program is for. */
  readonly tracedFor?: Backend;
  /** Of a trace: whether x stands for a number among the arguments of the function. */
  isNumber?(x: Tensor): boolean;
  /** Of a trace: whether a side of a `cond` is only tried in it just now. */
  readonly trial?: { on: boolean };
  /** Whether its plans may run on more than one thread. */
  readonly threads?: boolean;
  /** Of a device that looks on (see `bigrad/debug`): it is told what runs for a derivative. */
  readonly watcher?: Watcher;
}

/** Who is told what runs for a derivative, and runs it. */
export interface Watcher {
  /** Runs the backward pass of a scope, which starts from these outputs and their cotangents. */
  pass<T>(scope: Scope, from: readonly Tensor[], run: () => T): T;
  /** Runs what a pass does for a node: its rule, or the sum of the cotangents of an output. */
  rule<T>(node: Node, run: () => T): T;
  /** Where the op of a node was called, in words, if that is known. */
  calledAt(node: Node): string | undefined;
}

/** A value of a program; its place in `Program.values`. */
export type Id = number;

/** One op of a program. */
export interface Call {
  readonly op: AnyOp;
  readonly ins: readonly Id[];
  readonly outs: readonly Id[];
  readonly attrs: unknown;
}

/**
 * A flat list of op calls, each after those it needs: what tracing makes of a function, and a
 * device makes a plan of.
 */
export interface Program {
  readonly values: readonly Spec[];
  readonly inputs: readonly Id[];
  /** Values known beforehand, with their storage on the device: captured tensors. */
  readonly constants: ReadonlyMap<Id, unknown>;
  readonly calls: readonly Call[];
  readonly outputs: readonly Id[];
}

/**
 * A program that runs `length` times. Its inputs are what is carried from step to step, then slices
 * along the first axis of the op's inputs, then what all steps share. Its outputs are what is
 * carried, then slices of the op's outputs.
 */
export interface Loop {
  readonly program: Program;
  readonly carried: number;
  readonly sliced: number;
  readonly length: number;
  /** From the last slice to the first. */
  readonly reverse: boolean;
  /**
   * Something carried that stops the loop where it is 0 throughout. Further steps would give what
   * the next one gives.
   */
  readonly until?: number;
  /**
   * Whether the first input that all steps share lets the loop run. Where it is 0 throughout, no
   * step is made: what is carried stays, and slices of outputs are 0.
   */
  readonly guarded?: boolean;
}

/** What a plan costs: facts that do not depend on the machine. */
export interface PlanStats {
  /** Kernels of the plan; those in a loop count once, and views cost nothing. */
  readonly steps: number;
  /** How often each op stands in the plan. */
  readonly ops: Readonly<Record<string, number>>;
  /** Distinct buffers, and the bytes of memory that they share. */
  readonly buffers: number;
  readonly bytes: number;
}

/** What a plan may count on. */
export interface PlanOptions {
  /** By position of the input: whether every call donates it. */
  readonly donated?: readonly boolean[];
  /**
   * How many threads share the work, the caller's among them (1); more only on a device that has
   * `threads`.
   */
  readonly threads?: number;
}

/** A step of a plan, for whoever measures it. */
export interface PlanStep {
  /** The ops that it runs, in their order; none: it makes a row-major copy. */
  readonly calls: readonly PlanCall[];
  /** What it reads, and what it writes. */
  readonly ins: readonly Spec[];
  readonly outs: readonly Spec[];
  /** Bytes that it reads and writes, each element of memory once. */
  readonly bytes: number;
}

/** A call of an op in a step of a plan. */
export interface PlanCall {
  readonly op: AnyOp;
  readonly ins: readonly Spec[];
  readonly outs: readonly Spec[];
  readonly attrs: unknown;
}

/** Runs a step of a plan, given by its place, and may measure it. */
export type EachStep = (step: number, run: () => void) => void;

/** A program made ready for a device. */
export interface Plan {
  readonly stats: PlanStats;
  /** Its steps in the order in which they run. */
  steps?(): readonly PlanStep[];
  /**
   * Storage of the outputs, fresh at each call but where `donated` storage (by position of the
   * input) fits. Where `each` is given, it is called for every step, and runs it.
   */
  run(inputs: readonly unknown[], donated: readonly boolean[], each?: EachStep): readonly unknown[];
  /** Ends early what the garbage collector would end later: threads. */
  dispose?(): void;
}
