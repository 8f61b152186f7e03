import type { Shape } from '../core/shape.js';
import type { Spec } from '../core/tensor.js';
import { show } from '../core/words.js';
import { placeOf, type CallSite } from './call-site.js';
import { directionOf, type Direction } from './direction.js';
import { userCallOf, type OpCall, type Value } from './watching.js';

/** An input of the op that a NaN began in. */
export interface BadInput extends Spec {
  /** Its element at the place of the NaN, where the op works element by element. */
  readonly value?: number;
  /** The `where` whose derivative it passes on. */
  readonly chosenBy?: OpCall;
}

/** Where something bad began. */
export interface Origin {
  readonly value: Value;
  readonly index: readonly number[];
  /** NaN, or an infinity. */
  readonly found: number;
  readonly inputs: readonly BadInput[];
  /** The `where` that did not choose the element, so that its cotangent was 0. */
  silencedBy?: OpCall;
  /** The first `where` whose result did not have it. */
  hiddenBy?: OpCall;
}

/** Where a NaN came from. In a template, or by `String`, it is text. */
export interface NaNReport {
  /** The op that made it; undefined where an argument or a captured tensor had it. */
  readonly op: string | undefined;
  /** What had it, where no op made it: `argument 0.w`. */
  readonly source: string | undefined;
  /** NaN, or an infinity if these are bad too. */
  readonly value: number;
  /** Which element: the first bad one in row-major order. */
  readonly index: readonly number[];
  /** The shape of the result that it is in. */
  readonly shape: Shape;
  /** The inputs of the op, with the element at the same place where ops work element by element. */
  readonly inputs: readonly { readonly shape: Shape; readonly dtype: string; readonly value?: number }[];
  /** 0 for the value of f, 1 for a pullback, 2 for the pullback of a pullback. */
  readonly order: number;
  /** The order in words. */
  readonly direction: Direction;
  /** The ops whose derivative the op is part of, innermost first, and where they were called. */
  readonly derivativeOf: readonly { readonly op: string; readonly at: CallSite | undefined }[];
  /** Where your code called the op, or the op that it is a derivative of. */
  readonly at: CallSite | undefined;
  /** The calls that led there, as the engine writes them. */
  readonly stack: string;
  /** Whether a result of f has what came of it. */
  readonly reachesResult: boolean;
  /** What to do, where the reason is one of those that are known. */
  readonly advice: string | undefined;
  /** All of it in words. */
  toString(): string;
}

/** What is known of the whole run. */
interface Run {
  readonly reaches: boolean;
  readonly error?: { readonly thrown: unknown };
}

/** The report of an origin. */
export function reportOf(origin: Origin, { reaches, error }: Run): NaNReport {
  const { value, index, found, inputs } = origin;
  const call = value.by;
  const derivativeOf = [];
  for (let of = call?.of; of; of = of.call?.of) derivativeOf.push({ op: of.op, at: of.call?.stack.site });
  const stack = userCallOf(call)?.stack;
  const report = {
    op: call?.op.name,
    source: call ? undefined : value.name,
    value: found,
    index,
    shape: value.shape,
    inputs: inputs.map(({ shape, dtype, value: v }) => ({ shape, dtype, ...(v !== undefined && { value: v }) })),
    order: call?.order ?? 0,
    direction: directionOf(call?.order ?? 0),
    derivativeOf,
    at: stack?.site,
    stack: stack?.text ?? '',
    reachesResult: reaches,
    advice: adviceOf(origin),
  };
  const text = () => [inWords(report), failed(error)].filter((part) => part !== '').join(' ');
  return Object.defineProperty(report, 'toString', { value: text });
}

const failed = (error: Run['error']): string =>
  error ? `Then f threw: ${error.thrown instanceof Error ? error.thrown.message : 'something else'}.` : '';

function inWords(report: Omit<NaNReport, 'toString'>): string {
  const { op, source, value, index, shape, inputs, order, direction, derivativeOf, at, reachesResult, advice } = report;
  if (op === undefined) return `${source} has ${value} at ${show(index)} of its shape ${show(shape)}.`;
  const from = inputs.map((x) => `${x.dtype} ${show(x.shape)}${x.value === undefined ? '' : ` with ${x.value} there`}`);
  const called = at ? `, called at ${placeOf(at)}` : '';
  const whose = derivativeOf.map((d) => d.op).join(', in that of ');
  return [
    `${op} gives ${value} at ${show(index)} of its result ${show(shape)}, from ${from.join(' and ') || 'no inputs'}.`,
    whose === '' ? `It runs in the ${direction} (order ${order})${called}.` : '',
    whose === '' ? '' : `It runs in the ${direction} (order ${order}), in the derivative of ${whose}${called}.`,
    reachesResult ? '' : 'No result of f has it.',
    advice ?? '',
  ]
    .filter((part) => part !== '')
    .join(' ');
}

/** What is known of a `where` whose branch has no safe input. */
function adviceOf({ value, silencedBy, hiddenBy }: Origin): string | undefined {
  const call = value.by;
  if (!call) return undefined;
  const by = silencedBy ?? hiddenBy;
  if (!by) return undefined;
  const site = by.stack.site;
  const where = `where${site ? ` at ${placeOf(site)}` : ''}`;
  const user = userCallOf(call)?.op.name ?? call.op.name;
  const cure = `Make its input safe first: ${user}(where(condition, x, 1)).`;
  return silencedBy
    ? `${where} chooses the other branch there, and passes 0 back to this one. The derivative of ${user} makes NaN of 0. ${cure}`
    : `${where} chooses the other branch there, but a gradient has the derivative of ${user} all the same, and 0 times NaN is NaN. ${cure}`;
}
