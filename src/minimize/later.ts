import { isFloat } from '../core/dtype.js';
import { runOp } from '../core/op.js';
import { detach } from '../core/storage.js';
import type { Backend, Dense, OpSpec, Spec, Tensor } from '../core/tensor.js';
import { leavesOf, mapFor } from '../core/tree.js';
import { vectorsOf, type Vectors } from '../implicit/vector.js';
import { fromTypedArray, full } from '../ops/create.js';
import { writtenFor, type Questions } from './flat.js';
import type { Minimum, SearchOptions } from './minimum.js';
import type { Hidden } from './objective.js';
import type { Limits } from './search.js';
import { hasConverged, rootOfSlopes, settledPoint, teller, type Found, type Searched } from './searched.js';

/** A search that runs where its inputs have values. */
interface Later {
  readonly outs: readonly Spec[];
  readonly run: (ins: readonly Dense[]) => readonly ArrayLike<number>[];
}

/**
 * A search as one op: values only, since its derivatives are those of a root. Its attributes are a
 * function, by which a program tells one search from another.
 */
const searchOp = (name: string): OpSpec<readonly Tensor[], () => Later> => ({
  name,
  infer: (_, attrs) => attrs().outs,
  ref: (outs, ins, attrs) => {
    attrs()
      .run(ins)
      .forEach((values, k) => {
        outs[k]!.data.set(values);
      });
  },
  traits: { mayFail: true },
  vjp: null,
});

/**
 * The result of a search inside `compile` or `vmap`, where nobody can look at values. What it asks
 * is written down, and an op searches when it runs, once for each example. What it finds, tells and
 * throws is the same as elsewhere.
 */
export function minimumLater<T, S, Q extends Questions>(
  who: string,
  { vectors, slopes, value, questions, asksFrom, seek }: Searched<T, S, Q>,
  { size, watched }: Hidden,
  x0: T,
  limits: Limits,
  { failure = 'error', linear, compile = false, progress }: SearchOptions<T>,
): Minimum<T> {
  const start = detach(vectors.pack(x0));
  const device = beneath(start).tracedFor ?? beneath(start);
  const { captured, over } = writtenFor(who, device, questions(size));
  // `progress` is shown these leaves; others come from the vector.
  const shown = progress ? leavesOf(who, x0).filter(({ dtype }) => !isFloat(dtype)) : [];
  const given = [start, ...shown, ...captured].map((x) => detach(x));
  const asked = over(compile || given.some((x) => beneath(x).tracedFor !== undefined));

  const run = (ins: readonly Dense[]): readonly ArrayLike<number>[] => {
    const [from, ...rest] = ins.map(({ data, shape }) => fromTypedArray(device, data, shape));
    const each = progress && teller({ progress }, treesOf(who, x0, device, rest.slice(0, shown.length)));
    const found = seek(asksFrom(asked(rest.slice(shown.length))), from!, false, each) as Found;
    const { point, steps, evaluations, products } = found;
    const x = settledPoint(who, found, limits, failure).readSync();
    return [x, [point.size], [steps], [evaluations], [products], [Number(hasConverged(found))]];
  };
  const scalar = (dtype: Spec['dtype']): Spec => ({ shape: [], dtype });
  const outs = [
    start,
    scalar(start.dtype),
    ...['steps', 'evaluations', 'products', 'converged'].map(() => scalar('int32')),
  ];
  const [found, gradientNorm, steps, evaluations, products, converged] = runOp(searchOp(who), given, () => ({
    outs,
    run,
  }));
  const x = vectors.unpack(rootOfSlopes(who, slopes, found!, watched, linear));
  return withReportOnly(who, {
    x,
    value: value(x),
    report: {
      gradientNorm: gradientNorm!,
      steps: steps!,
      evaluations: evaluations!,
      products: products!,
      converged: converged!,
    },
  });
}

/** The device beneath all examples of `vmap`: one with values, or a trace for one. */
function beneath(x: Tensor): Backend {
  const inner = x.device.beneath?.(x);
  return inner ? beneath(inner) : x.device;
}

/** Trees like x0 from vectors that have values, with these leaves that are no floats. */
function treesOf<T>(who: string, x0: T, device: Backend, others: readonly Tensor[]): Vectors<T> {
  const left = [...others];
  const tree = mapFor(who)(({ shape, dtype }) => (isFloat(dtype) ? full(device, shape, 0, dtype) : left.shift()!), x0);
  return vectorsOf(who, 'x0', 'a gradient', tree);
}

/** A result whose numbers are known in its report only. */
function withReportOnly<T>(who: string, known: Pick<Minimum<T>, 'x' | 'value' | 'report'>): Minimum<T> {
  const refuse = (name: string): never => {
    throw new TypeError(
      `${who}: expected ${name} to be read where values can be looked at, got a read of it inside compile or vmap; ` +
        'take what is in report',
    );
  };
  const names = ['gradientNorm', 'steps', 'evaluations', 'products', 'converged', 'reason'] as const;
  const getters = names.map((name) => [name, { get: () => refuse(name), enumerable: true }] as const);
  return Object.defineProperties({ ...known } as Minimum<T>, Object.fromEntries(getters));
}
