import type { Tensor } from 'bigrad';
import type { GraphProto, ModelProto, NodeProto } from './format.js';
import { narrowed } from './halves.js';
import { callOf, isSequence, NotExpressible, tensorOf, type Graph, type Value } from './node.js';
import { elementsOf } from './reading.js';
import { expressions, reasons, structures } from './table.js';

/** What names stand for at a node, and the declared types of their elements. */
interface Scope {
  readonly values: ReadonlyMap<string, Value>;
  readonly types: ReadonlyMap<string, string | undefined>;
}

/** Throws `NotExpressible` for a graph with an operator that has no expression. */
function checkOperators({ node }: GraphProto): void {
  for (const { op_type: op, attribute } of node) {
    if (!expressions[op] && !structures[op]) throw new NotExpressible(`${op}: ${reasons[op] ?? 'unknown'}`);
    for (const { g } of attribute) if (g) checkOperators(g);
  }
}

/** The names that the graphs inside of a node read. */
const readBy = (node: NodeProto): string[] =>
  node.attribute.flatMap(({ g }) =>
    g ? [...g.node.flatMap((inner) => [...inner.input, ...readBy(inner)]), ...g.output.map(({ name }) => name)] : [],
  );

/** The outputs of a node. */
function run(node: NodeProto, opset: number, scope: Scope): readonly Value[] {
  const ins = node.input.map((name) => scope.values.get(name));
  const call = callOf(node, {
    ins: ins as (Tensor | undefined)[],
    opset,
    types: node.input.map((name) => scope.types.get(name)),
    outer: Object.fromEntries(
      readBy(node)
        .filter((name) => scope.values.has(name))
        .map((name) => [name, scope.values.get(name)]),
    ),
    inner: (graph, outer) =>
      graphOf(graph, opset, { ...scope, values: new Map([...scope.values, ...Object.entries(outer)]) }),
  });
  const structure = structures[node.op_type];
  if (structure) return structure(call, ...ins);
  if (ins.some(isSequence)) throw new TypeError(`${node.op_type}: expected tensors, got a sequence`);
  const found = expressions[node.op_type]!(call, ...(ins as [Tensor, ...Tensor[]]));
  return Array.isArray(found) ? (found as readonly Tensor[]) : [found as Tensor];
}

/** A graph as a function, inside of another one or alone. */
function graphOf(graph: GraphProto, opset: number, around: Scope): Graph {
  const types = new Map([...around.types, ...graph.input.map((v) => [v.name, elementsOf(v.type)] as const)]);
  return (...given) => {
    const values = new Map(around.values);
    for (const t of graph.initializer) values.set(t.name, tensorOf(t));
    graph.input.forEach(({ name }, i) => {
      if (given[i] !== undefined) values.set(name, given[i]);
    });
    for (const node of graph.node) {
      const outs = run(node, opset, { values, types });
      node.output.forEach((name, i) => {
        if (name !== '') values.set(name, outs[i]);
      });
    }
    return graph.output.map(({ name }) => values.get(name));
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
    y === undefined || isSequence(y) ? y : narrowed(y, elementsOf(model.graph.output[i]!.type)),
  );
}
