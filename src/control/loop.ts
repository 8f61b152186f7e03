import { isFloat } from '../core/dtype.js';
import { pullback, runsOf, variable } from '../core/graph.js';
import { attach, deepest, watching, withOpen } from '../core/history.js';
import { deviceOf, runOp } from '../core/op.js';
import { sharing } from '../core/storage.js';
import type { Backend, Node, Scope, Tensor } from '../core/tensor.js';
import { full } from '../ops/create.js';
import { add, zerosLike } from '../ops/index.js';
import { traceBody, type Inside } from './body.js';
import { scanOp } from './scan-op.js';

/** What a step of a loop gives, and what the loop does. */
export interface Parts {
  /** For the next step; in the end, from the last one. */
  readonly carry: readonly Tensor[];
  /** Of each step; in the end stacked. */
  readonly ys: readonly Tensor[];
  /** Summed over the steps. */
  readonly totals: readonly Tensor[];
}

/** One step, on what is carried and a slice of each x. */
export type Step = (inside: Inside, carry: readonly Tensor[], xs: readonly Tensor[]) => Parts;

/** How often a loop runs, on what. */
export interface Course {
  /** The function that errors name. */
  readonly who: string;
  /** The device that the loop is traced for. */
  readonly device: Backend;
  readonly length: number;
  readonly reverse: boolean;
  /** Something carried that ends the loop where it is 0; a step that finds this changes nothing. */
  readonly until?: number;
  /** A scalar: where it is 0, no step is made, nor one of a derivative. */
  readonly guard?: Tensor;
}

/**
 * A loop in a trace: one op with a program of its own. Its pullback is again a loop, which goes the
 * other way and runs each step once more; so derivatives of every order are loops. What is carried
 * comes back from it as what is carried, cotangents of the xs as its ys, and those of what the step
 * captures as its totals.
 */
export function loop(
  step: Step,
  carry: readonly Tensor[],
  xs: readonly Tensor[],
  { who, until, guard, ...course }: Course,
): Parts {
  const { program, captured, seen, parts } = traceBody(course.device, who, (inside) => {
    if (guard) inside.capture(guard); // the first of what all steps share
    const own = carry.map((x) => inside.input(x));
    const slices = xs.map(({ shape, dtype }) => inside.input({ shape: shape.slice(1), dtype }));
    const made = step(inside, own, slices);
    const before = made.totals.map((t) => inside.input(t));
    const sums = made.totals.map((t, k) => add(before[k]!, t));
    return {
      inputs: [...own, ...before, ...slices],
      // What each step gets is for a pullback.
      outputs: [...made.carry, ...sums, ...made.ys, ...own],
      parts: made,
    };
  });
  // A `vmap` in the step takes in tensors without their history. Results show who watches them.
  const sources = [...carry, ...xs, ...seen, ...parts.carry, ...parts.totals, ...parts.ys];
  const scopes = watching(sources);
  const [c, t, y] = [carry.length, parts.totals.length, parts.ys.length];
  const kept = scopes.length > 0 ? program : { ...program, outputs: program.outputs.slice(0, c + t + y) };
  const where = deviceOf([...carry, ...xs, ...captured])!;
  const zeros = parts.totals.map(({ shape, dtype }) => full(where, shape, 0, dtype));
  const ends = until === undefined ? {} : { until };
  const guarded = guard !== undefined;
  const body = { ...course, ...ends, guarded, program: kept, carried: c + t, sliced: xs.length };
  const values = runOp(scanOp, [...carry, ...zeros, ...xs, ...captured], () => body);

  const runs = [...new Set(runsOf(sources))].filter((s) => s.open);
  const passes = (gs: readonly (Tensor | null)[], scope: Scope): (readonly [Tensor, Tensor])[] => {
    const cut = <T>(list: readonly T[]) => ({
      carry: list.slice(0, c),
      totals: list.slice(c, c + t),
      ys: list.slice(c + t, c + t + y),
      saved: list.slice(c + t + y),
    });
    const again = { step, scope, open: [scope, ...runs], xs, outs: cut(node.outs), gs: cut(gs) };
    const { carry: first, ys, totals, ...rest } = pullLoop(again, { ...course, who, ...(guard && { guard }) });
    const pairs = (to: readonly Tensor[], g: readonly Tensor[]) => to.map((x, k) => [x, g[k]!] as const);
    return [
      ...pairs(
        carry.filter(({ dtype }) => isFloat(dtype)),
        first,
      ),
      ...pairs(rest.xs, ys),
      ...pairs(rest.captured, totals),
    ];
  };
  const node: Node = { op: null, ins: [], attrs: null, depth: 1 + deepest(sources), scopes, outs: [], passes };
  const results = scopes.length > 0 ? attach(node, (n) => values.map((v, i) => sharing('scan', v, n, i))) : values;
  return { carry: results.slice(0, c), totals: results.slice(c, c + t), ys: results.slice(c + t, c + t + y) };
}

/** By kind, the outputs of a loop, or what belongs to them. */
interface ByKind<T> {
  readonly carry: readonly T[];
  readonly totals: readonly T[];
  readonly ys: readonly T[];
  /** What each step got. */
  readonly saved: readonly T[];
}

/** What a pullback of a loop needs. */
interface Again {
  readonly step: Step;
  /** The transform whose pass it is. */
  readonly scope: Scope;
  /** What is to be open while the step runs again. */
  readonly open: readonly Scope[];
  readonly xs: readonly Tensor[];
  readonly outs: ByKind<Tensor>;
  readonly gs: ByKind<Tensor | null>;
}

/** The pullback of a loop, with the xs that have cotangents, and what the step captured. */
function pullLoop({ step, scope, open, xs, outs, gs }: Again, course: Course) {
  const watched = xs.filter((x) => isFloat(x.dtype) && x.node?.scopes.includes(scope));
  const floats = outs.carry.flatMap((x, k) => (isFloat(x.dtype) ? [k] : []));
  const given = [...gs.ys, ...gs.saved].filter((g) => g !== null);
  let captured: readonly Tensor[] = [];

  const back: Step = (inside, cotangents, slices) => {
    const mine = slices.slice(0, outs.saved.length).map((x) => variable('scan', x, scope));
    const own = xs.map((x, k) => {
      const slice = slices[outs.saved.length + k]!;
      return watched.includes(x) ? variable('scan', slice, scope) : slice;
    });
    const made = withOpen(open, true, () => step(inside, mine, own));
    const found = collector(inside);
    const pairs = [
      ...floats.map((k, i) => [made.carry[k]!, cotangents[i]!] as const),
      // One for all steps. Inside, each example of a `vmap` around the loop has its own.
      ...withGiven(
        made.totals,
        gs.totals.map((g) => g && inside.capture(g)),
      ),
      ...withGiven(
        [...made.ys, ...mine].filter((_, k) => [...gs.ys, ...gs.saved][k]),
        slices.slice(outs.saved.length + xs.length),
      ),
    ];
    const variables = [...floats.map((k) => mine[k]!), ...own.filter((_, k) => watched.includes(xs[k]!))];
    const result = pullback(
      pairs.map(([y]) => y),
      pairs.map(([, g]) => g),
      variables,
      scope,
      add,
      inside.beyond(found.give),
    ).map((g, k) => g ?? zerosLike(variables[k]!));
    captured = found.originals();
    return { carry: result.slice(0, floats.length), ys: result.slice(floats.length), totals: found.cotangents() };
  };
  const last = floats.map((k) => gs.carry[k] ?? zerosLike(outs.carry[k]!));
  const result = loop(back, last, [...outs.saved, ...xs, ...given], { ...course, reverse: !course.reverse });
  return { ...result, xs: watched, captured };
}

/** Outputs that have cotangents, with these. */
const withGiven = (outs: readonly Tensor[], gs: readonly (Tensor | null)[]): (readonly [Tensor, Tensor])[] =>
  outs.flatMap((y, k) => (gs[k] ? [[y, gs[k]] as const] : []));

/**
 * Gathers the cotangents of tensors from outside, in the order in which the step captures these. A
 * pullback of this loop runs the step again and pairs the results of both runs by that order. The
 * order in which cotangents arrive may differ: it follows the depths of nodes.
 */
function collector(inside: Inside) {
  const found = new Map<Node, Map<number, { readonly original: Tensor; g: Tensor }>>();
  const list = () =>
    [...found.values()]
      .flatMap((outputs) =>
        [...outputs.values()].map((entry) => ({ ...entry, at: inside.whenCaptured(entry.original) })),
      )
      .sort((a, b) => a.at - b.at);
  return {
    give: (original: Tensor, g: Tensor): void => {
      const outputs = found.get(original.node!) ?? new Map<number, { original: Tensor; g: Tensor }>();
      found.set(original.node!, outputs);
      const before = outputs.get(original.output);
      if (before) before.g = add(before.g, g);
      else outputs.set(original.output, { original, g });
    },
    originals: () => list().map(({ original }) => original),
    cotangents: () => list().map(({ g }) => g),
  };
}
