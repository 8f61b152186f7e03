import { allocate, kindOf, type DType } from '../core/dtype.js';
import { release, watching } from '../core/op.js';
import { checkReadable, Tensor, type Backend, type Plan, type PlanStats, type Spec } from '../core/tensor.js';
import { leaves, mapLeaves } from '../core/tree.js';
import { interpret } from './interpret.js';
import { simplify } from './simplify.js';
import { startTrace, type Trace } from './trace.js';

export interface CompileOptions {
  /** Where to run when no argument is a tensor; the arguments' device otherwise. */
  readonly device?: Backend;
  /** Positions of arguments whose storage the results may take over: their tensors cannot be used afterwards. */
  readonly donate?: readonly number[];
  /** How many plans are kept, one for each combination of shapes, dtypes, strings and booleans; the longest unused goes first. */
  readonly maxPlans?: number;
}

/** A compiled function, and how it fares. */
export interface Compiled<A extends readonly unknown[], Y> {
  (...args: A): Y;
  /** How often the function was traced; more than a few means that shapes, strings or booleans change from call to call. */
  readonly traces: number;
  /** What the plan of the last call costs; undefined before the first. */
  readonly stats: PlanStats | undefined;
}

interface Entry {
  readonly plan: Plan;
  readonly outputs: readonly Spec[];
  /** Puts results in the places where the traced function had tensors. */
  readonly rebuild: (results: readonly Tensor[]) => unknown;
}

/**
 * `f` traced once for each combination of shapes and dtypes, and run from then on as a plan of its device: the same results, faster. Numbers among the
 * arguments become scalars of the first float argument's dtype, so that they may change from call to call; strings and booleans choose the plan. Tensors that `f`
 * captures are inputs of the plan. `f` must be pure, and may not look at values. Under a transform that watches an argument, or inside another
 * compiled function, it runs inline.
 */
export function compile<A extends unknown[], Y>(f: (...args: A) => Y, options: CompileOptions = {}): Compiled<A, Y> {
  const { device, donate = [], maxPlans = 16 } = options;
  if (typeof f !== 'function') throw new TypeError(`compile: expected a function, got ${kindOf(f)}`);
  if (!donate.every((i) => Number.isInteger(i) && i >= 0))
    throw new RangeError(`compile: expected donate to hold positions of arguments, got [${donate.join(',')}]`);
  if (!Number.isInteger(maxPlans) || maxPlans < 1)
    throw new RangeError(`compile: expected maxPlans to be a positive integer, got ${maxPlans}`);
  const entries = new Map<string, Entry>();
  let traces = 0;
  let stats: PlanStats | undefined;

  const compiled = (...args: A): Y => {
    const tensors = leaves(args);
    if (tensors.some((x) => x.device.adopt) || watching(tensors).length > 0) return f(...args);
    for (const x of tensors) checkReadable('compile', x);
    const where = tensors[0]?.device ?? device;
    if (!where)
      throw new TypeError('compile: expected a tensor among the arguments, or the option device, got neither');
    for (const x of tensors)
      if (x.device !== where)
        throw new TypeError(`compile: expected arguments on one device, got ${where.name} and ${x.device.name}`);

    const inputs = inputsOf(args, where);
    const key = inputs.key;
    let entry = entries.get(key);
    if (!entry) {
      traces++;
      const made = traceOf(f, args, where, inputs.dtype);
      if (!made) return f(...args); // it captures a tensor that is being differentiated
      entry = made;
      while (entries.size >= maxPlans) entries.delete(entries.keys().next().value!);
    } else entries.delete(key);
    entries.set(key, entry);
    stats = entry.plan.stats;

    const given = donate.flatMap((i) => leaves(args[i]));
    const donated = inputs.tensors.map((x) => given.includes(x));
    const storages = entry.plan.run(inputs.tensors.map((x) => x.storage), donated); // prettier-ignore
    for (const x of given) (x as { storage: unknown }).storage = null;
    return entry.rebuild(entry.outputs.map((s, i) => new Tensor(s.shape, s.dtype, where, storages[i]))) as Y;
  };
  return Object.defineProperties(compiled, {
    traces: { get: () => traces },
    stats: { get: () => stats },
  }) as Compiled<A, Y>;
}

/** The tensors of a call, numbers among them, and the key of its plan. */
function inputsOf(args: unknown, device: Backend): { tensors: Tensor[]; key: string; dtype: DType } {
  const dtype = leaves(args).find((x) => x.dtype !== 'int32')?.dtype ?? 'float32';
  const tensors: Tensor[] = [];
  const key = JSON.stringify(
    mapLeaves(
      'compile',
      (x) => {
        tensors.push(x);
        return `${x.dtype}[${x.shape.join(',')}]`;
      },
      (leaf) => {
        if (typeof leaf !== 'number') return typeof leaf === 'string' ? { string: leaf } : keyOfLeaf(leaf);
        const data = allocate(dtype, 1);
        data[0] = leaf;
        tensors.push(new Tensor([], dtype, device, device.upload(data, [])));
        return 'number';
      },
      args,
    ),
  );
  return { tensors, key: `${device.name} ${key}`, dtype };
}

function keyOfLeaf(leaf: unknown): unknown {
  if (leaf === undefined) return { undefined: true };
  if (leaf === null || typeof leaf === 'boolean') return leaf;
  throw new TypeError(
    `compile: expected trees of tensors, numbers, strings and booleans as arguments, got ${kindOf(leaf)}`,
  );
}

/** Runs `f` on symbolic arguments; undefined where its results depend on a tensor that an open transform watches. */
function traceOf(f: (...args: never[]) => unknown, args: unknown, device: Backend, dtype: DType): Entry | undefined {
  const trace = startTrace(device);
  const symbolic = mapLeaves(
    'compile',
    (x) => trace.input(x),
    (leaf) => (typeof leaf === 'number' ? trace.input({ shape: [], dtype }) : leaf),
    args,
  );
  const y = f(...(symbolic as never[]));
  const results = leaves(y);
  if (watching(results).length > 0) return undefined;
  const traced = results.filter((x) => x.device === trace.backend);
  const program = simplify(trace.finish(traced));
  return {
    plan: device.plan?.(program) ?? interpret(program, device),
    outputs: traced.map(({ shape, dtype: d }) => ({ shape, dtype: d })),
    rebuild: rebuilder(y, trace),
  };
}

/** Replaces the symbolic tensors of a result by real ones, in their order; others, which `f` only passed on, stay. */
const rebuilder = (y: unknown, trace: Trace) => {
  const frame = mapLeaves('compile', (x) => (x.device === trace.backend ? hole : release(x)), (leaf) => leaf, y); // prettier-ignore
  return (results: readonly Tensor[]): unknown => {
    let i = 0;
    return mapLeaves('compile', (x) => x, (leaf) => (leaf === hole ? results[i++]! : leaf), frame); // prettier-ignore
  };
};
const hole = Symbol('a traced result');
