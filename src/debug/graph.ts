import { BYTES } from '../core/dtype.js';
import { sizeOf } from '../core/shape.js';
import type { Spec, Tensor } from '../core/tensor.js';
import { kindOf } from '../core/words.js';
import { directionOf } from './direction.js';
import { dot, mermaid, text } from './drawings.js';
import type { DrawOptions, GraphOp, GraphValue, Recorded } from './recorded.js';
import { runWatched } from './run.js';
import { userCallOf, type OpCall, type Value } from './watching.js';

/** A recorded program. In a template, or by `String`, it is text. */
export interface Graph extends Recorded {
  /** A flowchart in the language of Mermaid, with a cluster for each order of derivatives. */
  mermaid(options?: DrawOptions): string;
  /** A digraph in the language of Graphviz, with a cluster for each order of derivatives. */
  dot(options?: DrawOptions): string;
  /** A line for each op. */
  toString(): string;
}

/**
 * Runs `f` op by op, and gives the program that ran: its ops in order, and the values between them.
 * The ops of derivatives are told apart by their order. It is what runs without `compile`: a plan
 * leaves out some ops, and joins others.
 * @param f a function of trees, compiled or not; it gets the arguments of the returned function
 * @example
 * const g = graph((x) => sum(square(x)))(tensor([1, 2]));
 * g.ops.map(({ op }) => op); // [ 'square', 'sum', 'reshape' ]
 * g.bytes; // 16
 */
export function graph<A extends unknown[] = Tensor[]>(f: (...args: A) => unknown): (...args: A) => Graph {
  if (typeof f !== 'function') throw new TypeError(`graph: expected a function, got ${kindOf(f)}`);
  return (...args) => {
    const calls: [OpCall, readonly Value[]][] = [];
    const listener = { ran: (call: OpCall, outs: readonly Value[]) => void calls.push([call, outs]) };
    const { results, error } = runWatched('graph', f, args, () => listener);
    if (error) throw error.thrown;
    return graphOf(calls, results);
  };
}

function graphOf(
  calls: readonly (readonly [OpCall, readonly Value[]])[],
  results: readonly { readonly path: string; readonly value: Value }[],
): Graph {
  const values: GraphValue[] = [];
  const ids = new Map<Value, number>();
  const idOf = (value: Value): number => {
    const known = ids.get(value);
    if (known !== undefined) return known;
    const { shape, dtype, by, name } = value;
    const id = values.push({ id: values.length, shape, dtype, bytes: bytesOf(value), by: by?.index, name }) - 1;
    ids.set(value, id);
    return id;
  };
  const ops = calls.map(([call, outs]): GraphOp => {
    const { index, op, order, of } = call;
    return {
      id: index,
      op: op.name,
      ins: call.ins.map(idOf),
      outs: outs.map(idOf),
      order,
      direction: directionOf(order),
      derivativeOf: of?.op,
      view: op.view !== undefined,
      at: userCallOf(call)?.stack.site,
    };
  });
  const bytes = calls.reduce((n, [, outs]) => n + outs.reduce((m, out) => m + bytesOf(out), 0), 0);
  const found = { ops, values, results: results.map(({ path, value }) => ({ path, value: idOf(value) })), bytes };
  // Not among what JSON and loops over keys see.
  return Object.defineProperties(found, {
    mermaid: { value: (options?: DrawOptions) => mermaid(found, options) },
    dot: { value: (options?: DrawOptions) => dot(found, options) },
    toString: { value: () => text(found) },
  }) as typeof found & Pick<Graph, 'mermaid' | 'dot'>;
}

const bytesOf = ({ shape, dtype }: Spec): number => sizeOf(shape) * BYTES[dtype];
