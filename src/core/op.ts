import { isFloat, type DType } from './dtype.js';
import { asTensor } from './number-argument.js';
import { kindOf, show } from './words.js';
import { checkSize, type Shape } from './shape.js';
import { track } from './history.js';
import { owning } from './storage.js';
import {
  checkReadable,
  Tensor,
  type Backend,
  type BatchCall,
  type Dense,
  type Each,
  type Node,
  type OpSpec,
  type Spec,
  type Traits,
  type VariadicRule,
  type View,
} from './tensor.js';

/** The inputs of an op of one. */
export type One = readonly [Tensor];
/** The inputs of an op of two. */
export type Two = readonly [Tensor, Tensor];
/** The inputs of an op of three. */
export type Three = readonly [Tensor, Tensor, Tensor];

/** Cotangent of one input of a single-output op, from the output's cotangent `g`. */
export type Vjp<I, A> = (g: Tensor, ins: I, attrs: A, out: Tensor) => Tensor;

/** The usual op: one output, of the dtype that all inputs have unless `dtype` says otherwise. */
export interface SimpleOp<I extends readonly Tensor[], A> extends Pick<OpSpec<I, A>, 'scalar' | 'integer' | 'traits'> {
  readonly name: string;
  /** The shape of the output; throws an error naming the op where the inputs do not fit. */
  shape(ins: Each<I, Shape>, attrs: A): Shape;
  /** The dtype of the output; throws an error naming the op where the inputs do not fit. */
  dtype?(ins: Each<I, DType>, attrs: A): DType;
  /** The value: fills the zeroed output, in row-major order. */
  ref?(out: Dense, ins: Each<I, Dense>, attrs: A): void;
  /** The outputs for a batch, for `vmap`: see `OpSpec`. */
  batch?(call: BatchCall<I, A>): readonly Tensor[];
  /** In place of `ref`, for ops that move elements: see `OpSpec`. */
  view?(x: View, shape: Shape, attrs: A): View | null;
  readonly vjp: { readonly [K in keyof I]: Vjp<I, A> | null } | null;
}

/** An op to call: with its inputs, its attributes, and a device where it has no inputs. */
export type Op<I extends readonly Tensor[], A> = (ins: I, attrs: A, device?: Backend) => Tensor;

/**
 * An op with one output and one rule per input.
 * @param kernel the name of its kernels: its own for an op of the library, null for others
 */
export function defineOp<I extends readonly Tensor[], A>(
  simple: SimpleOp<I, A>,
  kernel: string | null = simple.name,
): Op<I, A> {
  const { name, view, scalar, integer, traits, vjp } = simple;
  const dtype = simple.dtype ?? ((ins) => sameDType(name, ins));
  const ref = simple.ref?.bind(simple) ?? (scalar && !view && elementByElement(scalar, integer));
  const batch = simple.batch?.bind(simple);
  const spec: OpSpec<I, A> = {
    name,
    ...(kernel !== null && { kernel }),
    infer: (ins, attrs) => [
      {
        shape: simple.shape(
          each(ins, (x) => x.shape),
          attrs,
        ),
        dtype: dtype(
          each(ins, (x) => x.dtype),
          attrs,
        ),
      },
    ],
    ...(ref && {
      ref: (outs, ins, attrs) => {
        ref(outs[0]!, ins, attrs);
      },
    }),
    ...(view && { view }),
    ...(scalar && { scalar }),
    ...(integer && { integer }),
    ...(traits && { traits }),
    ...(batch && { batch }),
    vjp:
      vjp &&
      (vjp.map((rule) => rule && ((gs, ins, attrs, outs) => rule(gs[0]!, ins, attrs, outs[0]!))) as OpSpec<
        I,
        A
      >['vjp']),
  };
  return (ins, attrs, device) => runOp(spec, ins, attrs, device)[0]!;
}

/** The definition of an elementwise op that says only what one element is. */
const elementByElement =
  (f: (...xs: number[]) => number, integer = f) =>
  (out: Dense, ins: readonly Dense[]): void => {
    const of = out.data instanceof Int32Array ? integer : f;
    for (let i = 0; i < out.data.length; i++) out.data[i] = of(...ins.map(({ data }) => data[i]!));
  };

/** The record of an op with several outputs; each rule gets all their cotangents. */
export type MultiOp<I extends readonly Tensor[], A> = Omit<OpSpec<I, A>, 'kernel' | 'loop'>;

/** An op with several outputs. */
export function defineMultiOp<I extends readonly Tensor[], A>(
  multi: MultiOp<I, A>,
  kernel: string | null = multi.name,
): (ins: I, attrs: A) => Tensor[] {
  const { name, view, scalar, integer, traits, vjp } = multi;
  const ref = multi.ref?.bind(multi);
  const batch = multi.batch?.bind(multi);
  const spec: OpSpec<I, A> = {
    name,
    ...(kernel !== null && { kernel }),
    infer: (ins, attrs) => multi.infer(ins, attrs),
    ...(ref && { ref }),
    ...(view && { view }),
    ...(scalar && { scalar }),
    ...(integer && { integer }),
    ...(traits && { traits }),
    ...(batch && { batch }),
    vjp,
  };
  return (ins, attrs) => runOp(spec, ins, attrs);
}

/** The record of an op of any number of inputs. */
export interface VariadicOp<A> {
  readonly name: string;
  /** The shape of the output; throws an error naming the op where the inputs do not fit. */
  shape(ins: readonly Shape[], attrs: A): Shape;
  /** The value: fills the zeroed output, in row-major order. */
  ref(out: Dense, ins: readonly Dense[], attrs: A): void;
  readonly traits?: Traits<A>;
  /** The outputs for a batch, for `vmap`: see `OpSpec`. */
  batch?(call: BatchCall<readonly Tensor[], A>): readonly Tensor[];
  readonly vjp: VariadicRule<A> | null;
}

/** An op of any number of inputs, with one rule that is also told which input it is for. */
export function defineVariadicOp<A>(spec: VariadicOp<A>, kernel: string | null = spec.name): Op<readonly Tensor[], A> {
  const general: OpSpec<readonly Tensor[], A> = {
    name: spec.name,
    ...(kernel !== null && { kernel }),
    infer: (ins, attrs) => [
      {
        shape: spec.shape(
          ins.map((x) => x.shape),
          attrs,
        ),
        dtype: sameDType(
          spec.name,
          ins.map((x) => x.dtype),
        ),
      },
    ],
    ref: (outs, ins, attrs) => {
      spec.ref(outs[0]!, ins, attrs);
    },
    ...(spec.traits && { traits: spec.traits }),
    ...(spec.batch && { batch: (call) => spec.batch!(call) }),
    vjp: spec.vjp,
  };
  return (ins, attrs, device) => runOp(general, ins, attrs, device)[0]!;
}

const each = <I extends readonly unknown[], T>(ins: I, f: (x: I[number]) => T): Each<I, T> =>
  ins.map(f) as unknown as Each<I, T>;

/**
 * Runs an op where its inputs live (creation ops: on `device`) and records it while a transform
 * watches.
 */
export function runOp<I extends readonly Tensor[], A>(
  spec: OpSpec<I, A>,
  ins: I,
  attrs: A,
  device?: Backend,
): Tensor[] {
  for (const x of ins)
    if (!(x instanceof Tensor)) throw new TypeError(`${spec.name}: expected a tensor, got ${kindOf(x)}`);
  const where = device ?? deviceOf(ins);
  if (!where) throw new TypeError(`${spec.name}: expected at least one tensor or a device`);
  const local = ins.every((x) => x.device === where)
    ? ins
    : (ins.map((x) => bring(spec.name, x, where)) as unknown as I);
  for (const x of local) if (x.storage === null) checkReadable(spec.name, x);
  return runThere(spec, local, attrs, where);
}

/** Where an op runs: on the latest device of a transform among those of its inputs. */
export function deviceOf(ins: readonly Tensor[]): Backend | undefined {
  let where = ins[0]?.device;
  for (const { device } of ins) if (device !== where && (device.since ?? 0) > (where!.since ?? 0)) where = device;
  return where;
}

/** A tensor on the device where an op runs: itself, or what a tracing device makes of it. */
function bring(who: string, x: Tensor, where: Backend): Tensor {
  checkSameDevice(who, x, where);
  return x.device === where ? x : where.adopt!(x);
}

function checkSameDevice(who: string, x: Tensor, where: Backend): void {
  if (x.device !== where && !where.adopt)
    throw new TypeError(
      `${who}: expected tensors on one device, got ${where.name} and ${x.device.name}; move one with to(x, device)`,
    );
}

/**
 * Checks that tensors have one dtype and are on one device; those of a trace may meet those of the
 * device it is for.
 */
export function checkAlike(who: string, xs: readonly Tensor[]): void {
  sameDType(
    who,
    xs.map((x) => x.dtype),
  );
  checkDevices(who, xs);
}

/** Checks that tensors are on one device, as `checkAlike` does, whatever their dtypes. */
export function checkDevices(who: string, xs: readonly Tensor[]): void {
  const where = deviceOf(xs);
  if (where) for (const x of xs) checkSameDevice(who, x, where);
}

function runThere<I extends readonly Tensor[], A>(spec: OpSpec<I, A>, ins: I, attrs: A, where: Backend): Tensor[] {
  const specs = spec.infer(ins as unknown as Each<I, Spec>, attrs);
  for (const { shape } of specs) checkSize(spec.name, shape);
  const storages = where.run(spec, ins, specs, attrs);
  const make = (node: Node | null): Tensor[] => specs.map((s, i) => owning(s, where, storages[i], node, i));
  return spec.vjp ? track(spec, ins, attrs, make) : make(null);
}

/**
 * The one dtype of all inputs; a TypeError naming the op where they differ.
 * @param name of the op
 * @example
 * sameDType('f', ['int32', 'int32']); // 'int32'
 */
export function sameDType(name: string, dtypes: readonly DType[]): DType {
  const first = dtypes[0]!;
  for (const d of dtypes)
    if (d !== first)
      throw new TypeError(`${name}: expected equal dtypes, got ${first} and ${d}; convert one with cast(x, dtype)`);
  return first;
}

/**
 * Like `sameDType`, and refuses int32.
 * @param name of the op
 * @example
 * sameFloat('f', ['float32', 'float32']); // 'float32'
 */
export function sameFloat(name: string, dtypes: readonly DType[]): DType {
  const dtype = sameDType(name, dtypes);
  if (!isFloat(dtype))
    throw new TypeError(`${name}: expected float32 or float64, got ${dtype}; convert it with cast(x, dtype)`);
  return dtype;
}

/**
 * Checks a tensor argument of a public function.
 * @param who the function whose argument x is
 * @example
 * checkTensor('f', tensor([1, 2]), 1); // float32[2] on cpu [1, 2]
 */
export function checkTensor(who: string, x: unknown, rank?: number): Tensor {
  if (!(x instanceof Tensor)) throw new TypeError(`${who}: expected a tensor, got ${kindOf(x)}`);
  if (rank !== undefined && x.shape.length !== rank)
    throw new RangeError(`${who}: expected a tensor of rank ${rank}, got ${show(x.shape)}`);
  if (x.storage === null) checkReadable(who, x);
  return asTensor(who, x); // an op that changes nothing may return it
}

/**
 * Checks a float tensor argument of a public function.
 * @param who the function whose argument x is
 * @example
 * checkFloat('f', tensor([1, 2])); // float32[2] on cpu [1, 2]
 */
export function checkFloat(who: string, x: unknown): Tensor {
  const t = checkTensor(who, x);
  sameFloat(who, [t.dtype]);
  return t;
}
