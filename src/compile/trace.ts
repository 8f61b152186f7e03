import type { DType } from '../core/dtype.js';
import { moment } from '../core/moment.js';
import { owning } from '../core/storage.js';
import {
  checkReadable,
  type Backend,
  type Call,
  type Id,
  type Program,
  type Spec,
  type Tensor,
} from '../core/tensor.js';

/** A function's ops, written down while it runs on values that have shapes but no elements. */
export interface Trace {
  /** The recording device. */
  readonly backend: Backend;
  /** A symbolic argument. */
  input(spec: Spec): Tensor;
  /** A symbolic argument that stands for a number. */
  number(dtype: DType): Tensor;
  /**
   * What was written down, for these results; tensors from outside became constants, or inputs of
   * their own where they are `captured`.
   */
  finish(outputs: readonly Tensor[]): Program;
  /** From now on its tensors, wherever they got to, are of no use. */
  close(): void;
}

/**
 * The cause of the error where tensors of two traces meet, one of which began inside the other: the
 * inner function has to run inline.
 */
export const nested = Symbol('nested traces');

/**
 * Starts a trace for a device: just another backend, which records. With `captured`, a tensor from
 * outside becomes an input, with the id that `captured` is told. Errors name `who`.
 */
export function startTrace(device: Backend, captured?: (x: Tensor, makeInput: () => Id) => Id, who = 'compile'): Trace {
  const { values, value, constants, constant } = createValues();
  const inputs: Id[] = [];
  const numbers = new WeakSet<Tensor>();
  const calls: Call[] = [];
  let open = true;
  const checkOpen = (): void => {
    if (!open) throw kept(who);
  };
  const read = (): never => {
    checkOpen();
    throw looked(who);
  };
  const input = (spec: Spec): Id => {
    const id = value(spec);
    inputs.push(id);
    return id;
  };
  const backend: Backend = {
    name: `a trace for ${device.name}`,
    tracedFor: device,
    isNumber: (x) => numbers.has(x),
    trial: { on: false },
    since: moment(),
    run: (op, ins, outs, attrs) => {
      checkOpen();
      const ids = outs.map(value);
      calls.push({ op, ins: ins.map((x) => x.storage as Id), outs: ids, attrs });
      return ids;
    },
    upload: (data, shape) => {
      checkOpen();
      const dtype = data instanceof Float32Array ? 'float32' : data instanceof Float64Array ? 'float64' : 'int32';
      return constant({ shape, dtype }, device.upload(data, shape));
    },
    adopt: (x) => {
      if (!captured) checkAdoptable(x, backend, device);
      const id = captured ? captured(x, () => input(x)) : constant(x, x.storage);
      return owning(x, backend, id, x.node, x.output);
    },
    read,
    readSync: read,
  };
  return {
    backend,
    input: (spec) => owning(spec, backend, input(spec)),
    number: (dtype) => {
      const x = owning({ shape: [], dtype }, backend, input({ shape: [], dtype }));
      numbers.add(x);
      return x;
    },
    finish: (results) => {
      const outputs = results.map((x) => (x.device === backend ? x : backend.adopt!(x)).storage as Id);
      return { values, inputs, constants, calls, outputs };
    },
    close: () => {
      open = false;
    },
  };
}

/** The error about a tensor that is used after its trace. */
const kept = (who: string): TypeError =>
  new TypeError(
    `${who}: expected functions without side effects, got a tensor that was kept while a compiled function was traced; return it instead`,
  );

/** The error about a read of a tensor that has no elements. */
const looked = (who: string): TypeError =>
  new TypeError(
    `${who}: expected a function that does not look at values while it runs, got a read of a tensor inside it; return the tensor, or use where(), and keep control flow on values outside`,
  );

/** The values of a trace by number, and which of them are storage that is there beforehand. */
function createValues() {
  const values: Spec[] = [];
  const constants = new Map<Id, unknown>();
  const adopted = new Map<unknown, Id>();
  const value = ({ shape, dtype }: Spec): Id => values.push({ shape, dtype }) - 1;
  const constant = (spec: Spec, storage: unknown): Id => {
    const known = adopted.get(storage);
    if (known !== undefined) return known;
    const id = value(spec);
    constants.set(id, storage);
    adopted.set(storage, id);
    return id;
  };
  return { values, value, constants, constant };
}

/** Checks that a trace can take in a tensor: one of its device, with values. */
function checkAdoptable(x: Tensor, trace: Backend, device: Backend): void {
  checkReadable('compile', x);
  if (x.device.adopt)
    throw new TypeError(`compile: expected tensors of one trace, got ${trace.name} and ${x.device.name}`, {
      cause: nested,
    });
  if (x.device !== device)
    throw new TypeError(
      `compile: expected captured tensors on ${device.name}, got one on ${x.device.name}; move it with to(x, device)`,
    );
}
