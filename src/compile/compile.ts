import { allocate, type DType } from '../core/dtype.js';
import { kindOf } from '../core/words.js';
import { watching } from '../core/history.js';
import { owning, takeAway } from '../core/storage.js';
import {
  checkReadable,
  type Backend,
  type EachStep,
  type Plan,
  type PlanOptions,
  type PlanStats,
  type Spec,
  type Tensor,
} from '../core/tensor.js';
import { count, integer, listThat } from '../core/check.js';
import { aDevice } from '../core/device.js';
import { isNumberArgument } from '../core/number-argument.js';
import { checkOptions } from '../core/options.js';
import { retell } from '../core/retell.js';
import { copyArguments, leavesOf, mapLeaves } from '../core/tree.js';
import { interpret } from './interpret.js';
import { checkLeaf, signatureOf } from './signature.js';
import { simplify } from './simplify.js';
import { nested, startTrace, type Trace } from './trace.js';

/** How `compile` runs what it traced. */
export interface CompileOptions {
  /** Where to run when no argument is a tensor; the arguments' device otherwise. */
  readonly device?: Backend;
  /**
   * Positions of arguments whose storage the results may take over: their tensors cannot be used
   * afterwards.
   */
  readonly donate?: readonly number[];
  /**
   * Positions of arguments whose numbers stay numbers, such as an axis or a size: there is a plan
   * for each value. They hold no tensors.
   */
  readonly static?: readonly number[];
  /**
   * How many plans are kept, one for each combination of shapes, dtypes, strings, booleans and
   * static numbers; the longest unused goes first.
   */
  readonly maxPlans?: number;
  /**
   * How many threads share the large steps of a plan, the caller's among them (1); the results are
   * the same whatever their number.
   */
  readonly threads?: number;
}

/** A compiled function, and how it fares. */
export interface Compiled<A extends readonly unknown[], Y> {
  (...args: A): Y;
  /**
   * How often the function was traced; more than a few means that shapes, strings, booleans or
   * static numbers change from call to call.
   */
  readonly traces: number;
  /** What the plan of the last call costs; undefined before the first. */
  readonly stats: PlanStats | undefined;
}

/**
 * The door of `profile` to a compiled function: a call that is told of each step. It gives the plan
 * too, or none where the function ran inline.
 */
export const stepwise = Symbol('stepwise');
/** What is behind the door. */
export type Stepwise = (
  args: readonly unknown[],
  each?: EachStep,
) => { readonly result: unknown; readonly plan?: Plan };

const MAX_THREADS = 64;
const checks = {
  device: aDevice,
  donate: listThat(integer(0, 2 ** 16)),
  static: listThat(integer(0, 2 ** 16)),
  maxPlans: count,
  threads: integer(1, MAX_THREADS),
};

interface Entry {
  readonly plan: Plan;
  /** Whether it runs just now. */
  busy: boolean;
  readonly outputs: readonly Spec[];
  /** Whether an op, or a result, takes the value of each leaf of the arguments. */
  readonly used: readonly boolean[];
  /**
   * Puts results in the places where the traced function had tensors, and leaves of the arguments
   * where it had numbers of theirs.
   */
  readonly rebuild: (results: readonly Tensor[], given: readonly unknown[]) => unknown;
}

/**
 * `f` traced once for each combination of shapes and dtypes, and run from then on as a plan of its
 * device: the same results, faster. Ops get numbers among the arguments as scalars of the first
 * float argument's dtype, so that they may change from call to call; in trees they stay numbers.
 * Strings, booleans and the numbers of `static` arguments choose the plan. Tensors that `f`
 * captures are inputs of the plan. `f` must be pure, and may not look at values. Under a transform
 * that watches an argument, or inside another compiled function, it runs inline.
 * @param f a pure function of trees; it is traced, and so may not look at values
 * @example
 * const step = compile((w, rate: number) => sub(w, mul(w, rate)));
 * step(tensor([1, 2]), 0.5); // float32[2] on cpu [0.5, 1]
 * step.traces; // 1
 * const total = compile((x, axis: number) => sum(x, axis), { static: [1] });
 * total(tensor([[1, 2], [3, 4]]), 0); // float32[2] on cpu [4, 6]
 */
export function compile<A extends unknown[] = Tensor[], Y = Tensor>(
  f: (...args: A) => Y,
  options: CompileOptions = {},
): Compiled<A, Y> {
  const own = checkOptions('compile', options, checks);
  const { device, donate = [], static: still = [], maxPlans = 16, threads = 1 } = own;
  if (typeof f !== 'function') throw new TypeError(`compile: expected a function, got ${kindOf(f)}`);
  const entries = new Map<string, Entry>();
  const devices: Backend[] = [];
  let traces = 0;
  let stats: PlanStats | undefined;

  const call = (args: A, each?: EachStep): { readonly result: Y; readonly plan?: Plan } => {
    const { leaves: inputs, tensors, key: kinds, odd } = signatureOf(args, still);
    const inline = () => ({ result: f(...copyArguments('compile', args)) });
    if (tensors.some((x) => x.device.adopt) || watching(tensors).length > 0) return inline();
    if (odd) checkLeaf('as arguments', odd.leaf);
    const where = deviceOf(tensors, device);
    if (!devices.includes(where)) devices.push(where); // their names need not differ

    const dtype = tensors.find((x) => x.dtype !== 'int32')?.dtype ?? 'float32';
    const given = new Set(donate.flatMap((i) => leavesOf('compile', args[i])));
    const donated = inputs.map((x) => typeof x !== 'number' && given.has(x));
    const key = `${devices.indexOf(where)} ${kinds}`;
    let entry = entries.get(key);
    if (!entry) {
      traces++;
      entry = traceOf(f, args, still, where, dtype, { donated, threads });
      if (!entry) return inline();
      while (entries.size >= maxPlans) {
        const [oldest, { plan }] = entries.entries().next().value!;
        entries.delete(oldest);
        plan.dispose?.();
      }
    } else entries.delete(key);
    entries.set(key, entry);
    stats = entry.plan.stats;

    const { used } = entry;
    inputs.forEach((x, i) => {
      if (typeof x === 'number' && used[i]) checkHeld(x, dtype);
    });
    const storages = inputs.map((x) => (typeof x === 'number' ? scalar(x, dtype, where) : x.storage));
    // A call from within, such as that of a search's progress, may not write into its memory.
    if (entry.busy) return inline();
    entry.busy = true;
    let results: readonly unknown[];
    try {
      results = entry.plan.run(storages, donated, each);
    } finally {
      entry.busy = false;
    }
    given.forEach(takeAway);
    const fresh = entry.outputs.map((s, i) => owning(s, where, results[i]));
    return { result: entry.rebuild(fresh, inputs) as Y, plan: entry.plan };
  };
  return Object.defineProperties((...args: A) => call(args).result, {
    [stepwise]: { value: call },
    traces: { get: () => traces },
    stats: { get: () => stats },
  }) as Compiled<A, Y>;
}

/** Where a call runs. */
function deviceOf(tensors: readonly Tensor[], device: Backend | undefined): Backend {
  const where = tensors[0]?.device ?? device;
  if (!where) throw new TypeError('compile: expected a tensor among the arguments, or the option device, got neither');
  for (const x of tensors) {
    checkReadable('compile', x);
    if (x.device !== where)
      throw new TypeError(`compile: expected arguments on one device, got ${where.name} and ${x.device.name}`);
  }
  return where;
}

/** Throws a RangeError for an integer that would become another one. */
function checkHeld(x: number, dtype: DType): void {
  if (dtype === 'float32' && Number.isSafeInteger(x) && Math.fround(x) !== x)
    throw new RangeError(
      `compile: expected numbers that float32 can hold among the arguments, got ${x}; make the argument static, or pass a tensor of int32 or float64`,
    );
}

/** Storage of a number. */
function scalar(x: number, dtype: DType, device: Backend): unknown {
  const data = allocate(dtype, 1);
  data[0] = x;
  return device.upload(data, []);
}

/**
 * Runs `f` on symbolic arguments; undefined where it captures what only an open transform or
 * another trace knows.
 */
function traceOf(
  f: (...args: never[]) => unknown,
  args: readonly unknown[],
  still: readonly number[],
  device: Backend,
  dtype: DType,
  options: PlanOptions,
): Entry | undefined {
  if ((options.threads ?? 1) > 1 && !device.threads)
    throw new TypeError(`compile: expected a device that has threads for the option threads, got ${device.name}`);
  const trace = startTrace(device);
  const numbers = new Map<unknown, number>(); // their places among the leaves of the arguments
  try {
    const symbolic = symbolsOf(trace, args, still, dtype, numbers);
    const y = f(...(symbolic as never[]));
    const results = leavesOf('compile', y);
    if (watching(results).length > 0) return undefined;
    const rebuild = rebuilder(y, (x) => {
      if (!numbers.has(x)) trace.backend.adopt!(x); // refused: it is of another trace
      return new Given(numbers.get(x)!);
    });
    const program = simplify(trace.finish(results));
    const read = new Set([...program.outputs, ...program.calls.flatMap(({ ins }) => ins)]);
    return {
      plan: device.plan?.(program, options) ?? interpret(program, device),
      busy: false,
      outputs: results.map(({ shape, dtype: d }) => ({ shape, dtype: d })),
      used: program.inputs.map((id) => read.has(id)),
      rebuild,
    };
  } catch (error) {
    if (error instanceof TypeError && error.cause === nested) return undefined;
    if (numbers.size > 0) tellOfNumbers(error, dtype);
    throw error;
  } finally {
    trace.close();
  }
}

/** Arguments with symbols in the place of tensors, and of numbers that are not static. */
function symbolsOf(
  trace: Trace,
  args: readonly unknown[],
  still: readonly number[],
  dtype: DType,
  numbers: Map<unknown, number>,
): readonly unknown[] {
  let at = 0;
  const tensor = (x: Tensor): Tensor => (at++, trace.input(x));
  const number = (v: unknown): unknown => {
    if (typeof v !== 'number') return v;
    const x = trace.number(dtype);
    numbers.set(x, at++);
    return x;
  };
  return args.map((arg, i) => mapLeaves('compile', tensor, still.includes(i) ? (v) => v : number, arg));
}

/**
 * Says in an error about a tensor where a number belongs, or about the dtype of one, that `compile`
 * may have made it.
 */
function tellOfNumbers(error: unknown, dtype: DType): void {
  retell(error, (message) => {
    if (/\b(a Tensor|an operator on a tensor)\b/.test(message))
      return `${message}; compile makes tensors of numbers among its arguments: see its option static`;
    const [, ...dtypes] = /expected equal dtypes, got (\w+) and (\w+)/.exec(message) ?? [];
    if (!dtypes.includes(dtype)) return message;
    const other = dtypes.find((d) => d !== dtype);
    return `${message}; compile makes ${dtype} tensors of numbers among its arguments: pass a tensor of ${other} instead, or see its option static`;
  });
}

/** Puts fresh tensors, and numbers that were given, in the places of a traced result's. */
const rebuilder = (y: unknown, givenFor: (x: Tensor) => Given): Entry['rebuild'] => {
  const check = (leaf: unknown): unknown => {
    if (isNumberArgument(leaf)) return givenFor(leaf);
    checkLeaf('as results', leaf);
    return leaf;
  };
  const frame = mapLeaves('compile', () => hole, check, y);
  return (results, given): unknown => {
    let i = 0;
    const filled = (leaf: unknown): unknown =>
      leaf === hole ? results[i++]! : leaf instanceof Given ? given[leaf.at] : leaf;
    return mapLeaves('compile', (x) => x, filled, frame);
  };
};
const hole = Symbol('a result');
/** In a frame of results, a number among the leaves of the arguments. */
class Given {
  constructor(readonly at: number) {}
}
