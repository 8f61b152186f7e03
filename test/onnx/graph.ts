import type { Tensor } from 'bigrad';
import type { GraphProto, ModelProto, NodeProto } from './format.js';
import { narrowed } from './halves.js';
import { callOf, isSequence, NotExpressible, tensorOf, type Graph, type Outer, type Value } from './node.js';
import { elementsOf } from './reading.js';
import { expressions, reasons, structures } from './table.js';

/** What names stand for at a node, and the declared types of their elements. */
interface Scope {
  readonly values: ReadonlyMap<string, Value>;
  readonly types: ReadonlyMap<string, string | undefined>;
}

/** The sets of operators of ONNX itself. */
const DOMAINS = ['', 'ai.onnx', 'ai.onnx.preview.training'];

/** Throws `NotExpressible` for a graph with an operator that has no expression. */
function checkOperators({ node }: GraphProto): void {
  for (const { op_type: op, attribute, domain } of node) {
    if (!DOMAINS.includes(domain)) throw new NotExpressible(`${op}: unknown in '${domain}'`);
    if (![expressions, structures].some((table) => Object.hasOwn(table, op)))
      throw new NotExpressible(`${op}: ${Object.hasOwn(reasons, op) ? reasons[op] : 'unknown'}`);
    for (const { g } of attribute) if (g) checkOperators(g);
  }
}

/** The names that the graphs inside of a node read. */
const readBy = (node: NodeProto): string[] =>
  node.attribute.flatMap(({ g }) =>
    g ? [...g.node.flatMap((inner) => [...inner.input, ...readBy(inner)]), ...g.output.map(({ name }) => name)] : [],
  );

/** The inputs of a node. Throws an error for a name that stands for nothing. */
function inputsOf({ input }: NodeProto, { values }: Scope): readonly Value[] {
  return input.map((name) => {
    if (name !== '' && !values.has(name)) throw new TypeError(`expected a value for '${name}', got none`);
    return values.get(name);
  });
}

/** The outputs of a node, which comes after others of its graph. */
function run(node: NodeProto, before: readonly NodeProto[], opset: number, scope: Scope): readonly Value[] {
  const ins = inputsOf(node, scope);
  const within = (outer: Outer): Scope => ({
    ...scope,
    values: new Map([...scope.values, ...Object.entries(outer)]),
  });
  const call = callOf(node, {
    ins: ins as (Tensor | undefined)[],
    opset,
    types: node.input.map((name) => scope.types.get(name)),
    outer: Object.fromEntries(
      readBy(node)
        .filter((name) => scope.values.get(name) !== undefined)
        .map((name) => [name, scope.values.get(name)]),
    ),
    inner: (graph, outer) => graphOf(graph, opset, within(outer)),
    again: (name, given) => ran(before, opset, within(given), Object.keys(given)).get(name),
  });
  const structure = structures[node.op_type];
  if (structure) return structure(call, ...ins);
  if (ins.some(isSequence)) throw new TypeError('expected tensors, got a sequence');
  const found = expressions[node.op_type]!(call, ...(ins as [Tensor, ...Tensor[]]));
  return Array.isArray(found) ? (found as readonly Tensor[]) : [found as Tensor];
}

/** An error that names the operator where it happened. */
function named(op: string, error: unknown): unknown {
  if (error instanceof NotExpressible || !(error instanceof Error)) return error;
  return new Error(`${op}: ${error.message}`, { cause: error });
}

/** What names stand for after some nodes. Names in `kept` keep what they stand for before them. */
function ran(
  nodes: readonly NodeProto[],
  opset: number,
  { values: given, types }: Scope,
  kept: readonly string[] = [],
): ReadonlyMap<string, Value> {
  const values = new Map(given);
  for (const [at, node] of nodes.entries()) {
    try {
      const outs = run(node, nodes.slice(0, at), opset, { values, types });
      node.output.forEach((name, i) => {
        if (name !== '' && !kept.includes(name)) values.set(name, outs[i]);
      });
    } catch (error) {
      throw named(node.op_type, error);
    }
  }
  return values;
}

/** A graph as a function, inside of another one or alone. */
function graphOf(graph: GraphProto, opset: number, around: Scope): Graph {
  const types = new Map([...around.types, ...graph.input.map((v) => [v.name, elementsOf(v.type)] as const)]);
  return (...given) => {
    const values = new Map(around.values);
    for (const t of graph.initializer) values.set(t.name, tensorOf(t));
    graph.input.slice(0, given.length).forEach(({ name }, i) => {
      if (given[i] !== undefined || !values.has(name)) values.set(name, given[i]);
    });
    const all = ran(graph.node, opset, { values, types });
    return graph.output.map(({ name }) => all.get(name));
  };
}

/**
 * The outputs of a model, by an expression of bigrad for each of its nodes. Floats of 16 bits are
 * computed in float32, and have their own numbers only where they are cast and in the end.
 */
export function outputsOf(model: ModelProto, given: readonly Value[]): readonly Value[] {
  checkOperators(model.graph);
  const opset = model.opset_import.find(({ domain }) => domain === '')?.version ?? 1;
  const outs = graphOf(model.graph, opset, { values: new Map(), types: new Map() })(...given);
  return outs.map((y, i) =>
    // Another dtype stays, so that it is seen.
    y === undefined || isSequence(y) || y.dtype !== 'float32'
      ? y
      : narrowed(y, elementsOf(model.graph.output[i]!.type)),
  );
}
