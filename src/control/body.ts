import type { Beyond } from '../core/graph.js';
import {
  checkReadable,
  type Backend,
  type Id,
  type Node,
  type Program,
  type Spec,
  type Tensor,
} from '../core/tensor.js';
import { simplify, startTrace } from '../compile/index.js';

/** The body of a loop while it is traced. */
export interface Inside {
  input(spec: Spec): Tensor;
  /** A tensor from outside as one of the body. */
  capture(x: Tensor): Tensor;
  /**
   * The rank of a tensor from outside among all that are captured, by time. Tensors of one value
   * rank by their histories; a `vmap` in the body captures the value alone.
   */
  whenCaptured(x: Tensor): number;
  /** Tells the tensors of the body from those that it captures. */
  beyond(give: Beyond['give']): Beyond;
}

/** A traced body. */
export interface Traced<P> {
  /** Its inputs are those that are named, then what it captures. */
  readonly program: Program;
  /** What it captures, each value once. */
  readonly captured: readonly Tensor[];
  /** All tensors that it captures, some with the same value and another history. */
  readonly seen: readonly Tensor[];
  readonly parts: P;
}

/**
 * Traces a body for a device: tensors from outside become inputs. `run` names the inputs and the
 * outputs in their order. Errors name `who`.
 */
export function traceBody<P>(
  device: Backend,
  who: string,
  run: (inside: Inside) => {
    readonly inputs: readonly Tensor[];
    readonly outputs: readonly Tensor[];
    readonly parts: P;
  },
): Traced<P> {
  const seen = new Set<Tensor>();
  const captured: Tensor[] = [];
  const captures: Id[] = [];
  const ids = new Map<Backend, Map<unknown, Id>>();
  const originals = new Map<Node, Tensor[]>();
  const trace = startTrace(
    device,
    (x, makeInput) => {
      checkReadable(who, x);
      seen.add(x);
      if (x.node) {
        const list = originals.get(x.node) ?? [];
        list[x.output] = x;
        originals.set(x.node, list);
      }
      const there = ids.get(x.device) ?? new Map<unknown, Id>();
      ids.set(x.device, there);
      const known = there.get(x.storage);
      if (known !== undefined) return known;
      const id = makeInput();
      there.set(x.storage, id);
      captured.push(x);
      captures.push(id);
      return id;
    },
    who,
  );
  const { since = 0 } = trace.backend;
  const original = (x: Tensor): Tensor | undefined => {
    if ((x.device.since ?? 0) < since) return x;
    const known = x.node && originals.get(x.node)?.[x.output];
    if (known) return known;
    const source = x.device.source?.(x);
    return source && source.node === x.node && source.output === x.output ? original(source) : undefined;
  };
  const inside: Inside = {
    input: (spec) => trace.input(spec),
    capture: (x) => trace.backend.adopt!(x),
    whenCaptured: (x) => placeIn([...seen], x),
    beyond: (give) => ({ original, give }),
  };
  try {
    const { inputs, outputs, parts } = run(inside);
    const written = trace.finish(outputs);
    const program = simplify({ ...written, inputs: [...inputs.map((x) => x.storage as Id), ...captures] });
    return { program, captured, seen: [...seen], parts };
  } finally {
    trace.close();
  }
}

/** Where a tensor stands among others: by its history, else by its value. */
function placeIn(xs: readonly Tensor[], { node, output, device, storage }: Tensor): number {
  const own = xs.findIndex((x) => x.node === node && x.output === output);
  return own >= 0 ? own : xs.findIndex((x) => x.device === device && x.storage === storage);
}
