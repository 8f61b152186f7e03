import { isFloat } from './dtype.js';
import { deepest, watching } from './op.js';
import { detach, Tensor, type Node, type Scope } from './tensor.js';

/** A variable of `scope`: the value of `x` with a node of its own, behind which outer transforms still see `x`. */
export function variable(x: Tensor, scope: Scope): Tensor {
  if (!isFloat(x.dtype)) return detach(x);
  const outer = watching([x]);
  const node: Node = {
    op: null,
    ins: outer.length > 0 ? [x] : [],
    attrs: null,
    depth: 1 + deepest([x]),
    scopes: [...outer, scope],
    outs: [],
  };
  return new Tensor(x.shape, x.dtype, x.device, x.storage, node);
}

/**
 * Cotangents of a scope's variables, given those of some outputs: walks back in order of depth over the nodes that depend
 * on the scope, and no others. The scope being closed, the pass itself is recorded only for transforms that are
 * still open, so first-order training keeps no second-order graph and nobody passes `createGraph`.
 */
export function pullback(
  outs: readonly Tensor[],
  gs: readonly Tensor[],
  variables: readonly Tensor[],
  scope: Scope,
  add: (a: Tensor, b: Tensor) => Tensor,
): (Tensor | undefined)[] {
  const cotangents = new Map<Node, (Tensor | null)[]>();
  const give = (x: Tensor, g: Tensor): void => {
    const node = x.node!;
    let slots = cotangents.get(node);
    if (!slots) cotangents.set(node, (slots = node.outs.length > 1 ? node.outs.map(() => null) : [null]));
    const before = slots[x.output];
    slots[x.output] = before ? add(before, g) : g;
  };
  const depends = (x: Tensor): boolean => x.node !== null && x.node.scopes.includes(scope);

  const variableNodes = new Set(variables.map((x) => x.node));
  outs.forEach((out, i) => {
    if (depends(out)) give(out, gs[i]!);
  });
  for (const node of deepestFirst(outs.filter(depends), depends)) {
    const slots = cotangents.get(node);
    if (!slots || variableNodes.has(node)) continue;
    cotangents.delete(node);
    node.ins.forEach((x, i) => {
      if (!depends(x)) return;
      if (node.op === null) return give(x, slots[0]!); // another scope's variable: the identity
      const { vjp } = node.op;
      if (typeof vjp === 'function') return give(x, vjp(slots[0]!, i, node.ins, node.attrs));
      const rule = vjp![i];
      if (rule) give(x, rule(slots, node.ins, node.attrs, node.outs));
    });
  }
  return variables.map((x) => (x.node ? (cotangents.get(x.node)?.[0] ?? undefined) : undefined));
}

/** The nodes behind `outs`, deepest first. Iterative: unrolled loops get deep. */
function deepestFirst(outs: readonly Tensor[], depends: (x: Tensor) => boolean): Node[] {
  const seen = new Set<Node>();
  const stack = outs.map((x) => x.node!);
  for (let node; (node = stack.pop());) {
    if (seen.has(node)) continue;
    seen.add(node);
    for (const x of node.ins) if (depends(x)) stack.push(x.node!);
  }
  return [...seen].sort((a, b) => b.depth - a.depth);
}
