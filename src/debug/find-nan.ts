import { flag } from '../core/check.js';
import { isFloat } from '../core/dtype.js';
import { checkOptions } from '../core/options.js';
import { indexAt, sameShape, type Shape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { kindOf } from '../core/words.js';
import { reportOf, type BadInput, type NaNReport, type Origin } from './nan-report.js';
import { runWatched } from './run.js';
import type { Listener, OpCall, Value, Watching } from './watching.js';

/** What `findNaN` looks for. */
export interface FindNaNOptions {
  /** Whether infinities are bad too; false by default, for some programs mean them. */
  readonly infinities?: boolean;
}

/**
 * Runs `f` op by op, and says where the first NaN of its results came from: the op, its inputs, the
 * element, the order of the derivative, and the place in your code that called the op. Undefined
 * where no op made a NaN. A NaN that `where` hides is reported too, because the gradient has it.
 * Ops on captured tensors alone are not seen. It is slow, and needs a device that can be read at
 * once.
 * @param f a function of trees, compiled or not; it gets the arguments of the returned function
 * @example
 * const f = (x: Tensor) => sum(log(sub(x, 2)));
 * findNaN(f)(tensor([3, 1]))?.op; // 'log'
 */
export function findNaN<A extends unknown[] = Tensor[]>(
  f: (...args: A) => unknown,
  options: FindNaNOptions = {},
): (...args: A) => NaNReport | undefined {
  if (typeof f !== 'function') throw new TypeError(`findNaN: expected a function, got ${kindOf(f)}`);
  const { infinities = false } = checkOptions('findNaN', options, { infinities: flag });
  const bad = (v: number): boolean => (infinities ? !Number.isFinite(v) : Number.isNaN(v));
  return (...args) => {
    const search = searchFor(bad);
    const { results, error } = runWatched('findNaN', f, args, search.listener);
    const reached = results.flatMap(({ value }) => search.originOf(value) ?? []);
    const found = earliest(reached) ?? search.first();
    if (found) return reportOf(found, { reaches: reached.length > 0, error });
    if (error) throw error.thrown;
    return undefined;
  };
}

/** Listens to a run, and keeps what is bad: where it began, and what hid it. */
function searchFor(bad: (v: number) => boolean) {
  const origins = new WeakMap<Value, Origin>();
  /** Cotangents that a `where` has made zero in places, and what comes of them. */
  const chosen = new WeakMap<Value, OpCall>();
  let first: Origin | undefined;

  const listener = (watching: () => Watching): Listener => {
    const badIn = (value: Value): { place: number; found: number } | undefined => {
      if (!isFloat(value.dtype)) return undefined;
      const data = watching().read(value);
      const place = data.findIndex(bad);
      return place < 0 ? undefined : { place, found: data[place]! };
    };
    const begin = (value: Value, at: { place: number; found: number }, inputs: readonly BadInput[]): void => {
      const call = value.by;
      const silent = inputs.find((x) => x.value === 0 && x.chosenBy)?.chosenBy;
      const origin: Origin = { value, index: indexAt(at.place, value.shape), found: at.found, inputs };
      if (call && silent && Number.isNaN(at.found)) origin.silencedBy = silent;
      // Numbers that a program writes itself, it may mean, as long as they reach no result.
      if (call && call.ins.length > 0) first ??= origin;
      origins.set(value, origin);
    };
    const inputOf =
      (call: OpCall, shape: Shape, place: number) =>
      (x: Value): BadInput => {
        // Elements correspond where an op works element by element, which broadcasts beforehand.
        const same = call.op.scalar !== undefined && sameShape(x.shape, shape);
        const by = chosen.get(x);
        return {
          shape: x.shape,
          dtype: x.dtype,
          ...(same && { value: watching().read(x)[place]! }),
          ...(by && { chosenBy: by }),
        };
      };
    return {
      entered: (value) => {
        const at = badIn(value);
        if (at) begin(value, at, []);
      },
      ran: (call, outs) => {
        const before = earliest(call.ins.flatMap((x) => origins.get(x) ?? []));
        const silencer = silencerOf(call, chosen);
        for (const out of outs) {
          if (silencer) chosen.set(out, silencer);
          const at = badIn(out);
          if (at && before) origins.set(out, before);
          else if (at) begin(out, at, call.ins.map(inputOf(call, out.shape, at.place)));
          else if (before && call.op.kernel === 'where') before.hiddenBy ??= call;
        }
      },
    };
  };
  return { listener, originOf: (value: Value) => origins.get(value), first: () => first };
}

/** The `where` that made zeros of a cotangent, where this call passes the cotangent on. */
function silencerOf(call: OpCall, chosen: WeakMap<Value, OpCall>): OpCall | undefined {
  if (call.order === 0) return undefined;
  if (call.of?.op === 'where' && call.op.kernel === 'where') return call.of.call;
  for (const x of call.ins) {
    const by = chosen.get(x);
    if (by) return by;
  }
  return undefined;
}

/** The one that began first; what came from outside was there before all calls. */
function earliest(origins: readonly Origin[]): Origin | undefined {
  let best: Origin | undefined;
  for (const origin of origins)
    if (!best || (origin.value.by?.index ?? -1) < (best.value.by?.index ?? -1)) best = origin;
  return best;
}
