import { isFloat } from './dtype.js';
import { deepest, watching } from './history.js';
import { retell } from './retell.js';
import { checkDevices } from './op.js';
import { sameShape } from './shape.js';
import { detach, sharing } from './storage.js';
import { Tensor, type AnyOp, type Backend, type Node, type Running, type Scope, type Watcher } from './tensor.js';
import { kindOf, show } from './words.js';

/** Tensors from outside of what is differentiated, such as those that a loop captures. */
export interface Beyond {
  /** The tensor outside that x stands for; undefined for one inside. */
  original(x: Tensor): Tensor | undefined;
  give(original: Tensor, g: Tensor): void;
}

/**
 * A variable of `scope`: the value of `x` with a node of its own, behind which outer transforms
 * still see `x`.
 */
export function variable(who: string, x: Tensor, scope: Scope): Tensor {
  if (!isFloat(x.dtype)) return detach(x, who);
  const outer = watching([x]);
  const node: Node = {
    op: null,
    ins: outer.length > 0 ? [x] : [],
    attrs: null,
    depth: 1 + deepest([x]),
    scopes: [...outer, scope],
    outs: [],
  };
  return sharing(who, x, node);
}

/**
 * Cotangents of a scope's variables, given those of some outputs: walks back in order of depth over
 * the nodes that depend on the scope, and no others. The scope being closed, the pass itself is
 * recorded only for transforms that are still open, so first-order training keeps no second-order
 * graph and nobody passes `createGraph`. It does not enter what is `beyond`.
 */
export function pullback(
  outs: readonly Tensor[],
  gs: readonly Tensor[],
  variables: readonly Tensor[],
  scope: Scope,
  add: (a: Tensor, b: Tensor) => Tensor,
  beyond?: Beyond,
): (Tensor | undefined)[] {
  const from = [...outs, ...gs];
  const watcher = from.map((x) => beneathAll(x).device.watcher).find((w) => w !== undefined);
  for (const run of runsOf(from)) checkRunning(run);
  const among = new Set<Running>();
  const walk = (): (Tensor | undefined)[] => walkBack(outs, gs, variables, scope, add, { watcher, beyond, among });
  try {
    return watcher ? watcher.pass(scope, from, walk) : walk();
  } finally {
    for (const run of among) run.passes--;
  }
}

/** Throws where examples are used of which the function of their `vmap` has kept some. */
export function checkRunning({ open, passes }: Running): void {
  if (!open && passes === 0)
    throw new TypeError(
      'vmap: expected a function without side effects, got a tensor that was kept while it ran; return it instead',
    );
}

/** The tensor that stores x: of a `vmap` that of the device beneath. */
export function beneathAll(x: Tensor): Tensor {
  for (let inner: Tensor | undefined = x; inner; inner = inner.device.beneath?.(inner)) x = inner;
  return x;
}

/** What a walk is told, beside what it is for. */
interface Walk {
  readonly watcher: Watcher | undefined;
  readonly beyond: Beyond | undefined;
  /** The runs of `vmap` that it has come to: their examples are of use until it ends. */
  readonly among: Set<Running>;
}

function walkBack(
  outs: readonly Tensor[],
  gs: readonly Tensor[],
  variables: readonly Tensor[],
  scope: Scope,
  add: (a: Tensor, b: Tensor) => Tensor,
  { watcher, beyond, among }: Walk,
): (Tensor | undefined)[] {
  const cotangents = new Map<Node, (Tensor | null)[]>();
  const levels = new Map<number, Node[]>(); // nodes that hold a cotangent, by depth
  const own = new Map(variables.map((x) => [x.node, x]));
  let waiting = 0;
  let deepestLevel = -1;
  const give = (x: Tensor, cotangent: Tensor): void => {
    const { node } = x;
    if (!node?.scopes.includes(scope)) return;
    if (x.device.running || cotangent.device.running) comeTo(runsOf([x, cotangent]), among);
    const other = beyond?.original(x);
    if (other) {
      beyond!.give(other, settled(cotangent, [other]));
      return;
    }
    // The rule of an op mixes its inputs, so that each of them may keep a cotangent in examples.
    const mine = own.get(node) ?? (node.op ? undefined : (node.outs[x.output] ?? node.ins[0]));
    const g = settled(cotangent, mine ? [mine] : [...node.ins, ...node.outs]);
    let slots = cotangents.get(node);
    if (!slots) {
      cotangents.set(node, (slots = new Array<null>(Math.max(1, node.outs.length)).fill(null)));
      if (!own.has(node)) {
        const level = levels.get(node.depth);
        if (level) level.push(node);
        else levels.set(node.depth, [node]);
        deepestLevel = Math.max(deepestLevel, node.depth);
        waiting++;
      }
    }
    const before = slots[x.output];
    if (!before) slots[x.output] = g;
    else slots[x.output] = watcher ? watcher.rule(node, () => add(before, g)) : add(before, g);
  };

  outs.forEach((out, i) => {
    give(out, gs[i]!);
  });
  // Inputs are less deep than outputs, so a node's cotangent is whole when its level comes.
  // Iterative: unrolled loops get deep. What a node makes anew may be deeper than itself: it goes
  // first, and gives to nobody else who is.
  while (waiting > 0) {
    const level = levels.get(deepestLevel) ?? [];
    levels.delete(deepestLevel--);
    for (const node of level) {
      const slots = cotangents.get(node)!;
      cotangents.delete(node);
      waiting--;
      passOn(node, slots, give, scope, watcher);
    }
  }
  return variables.map((x) => (x.node ? (cotangents.get(x.node)?.[0] ?? undefined) : undefined));
}

/**
 * A cotangent that came out of a `vmap` to what all its examples shared: the sum over them. While
 * the function of the `vmap` runs, each example has its own. So it has where one of `homes` has
 * examples of that `vmap`, at any depth.
 */
function settled(g: Tensor, homes: readonly Tensor[]): Tensor {
  if (!g.device.total) return g;
  const kept = new Set<Backend>();
  for (const home of homes) for (let x: Tensor | undefined = home; x; x = x.device.beneath?.(x)) kept.add(x.device);
  const sums = ({ device }: Tensor): boolean =>
    device.total !== undefined && !kept.has(device) && !device.running!.open;
  const anyOf = (x: Tensor | undefined): boolean => x !== undefined && (sums(x) || anyOf(x.device.beneath?.(x)));
  const walk = (x: Tensor): Tensor => {
    if (!anyOf(x)) return x;
    return sums(x) ? walk(x.device.total!(x)) : x.device.mapBeneath!(x, walk);
  };
  return walk(g);
}

/** Lets a walk use examples of runs of `vmap`. */
function comeTo(runs: readonly Running[], among: Set<Running>): void {
  for (const run of runs) {
    if (among.has(run)) continue;
    among.add(run);
    run.passes++;
  }
}

/** The runs of `vmap` that have examples in tensors, at any depth. */
export const runsOf = (xs: readonly Tensor[]): Running[] =>
  xs.flatMap((x) => {
    const inner = x.device.beneath?.(x);
    return inner ? [x.device.running!, ...runsOf([inner])] : [];
  });

/** Gives the inputs of a node that count their parts of its cotangents. */
function passOn(
  node: Node,
  slots: readonly (Tensor | null)[],
  give: (x: Tensor, g: Tensor) => void,
  scope: Scope,
  watcher: Watcher | undefined,
): void {
  const { op, ins, attrs, outs, passes } = node;
  if (passes) {
    const pass = () => passes(slots, scope);
    for (const [x, g] of watcher ? watcher.rule(node, pass) : pass()) give(x, g);
    return;
  }
  ins.forEach((x, i) => {
    if (!x.node?.scopes.includes(scope)) return;
    if (op === null) {
      give(x, slots[0]!);
      return;
    } // another scope's variable: the identity
    const { vjp } = op;
    if (typeof vjp === 'function') {
      give(
        x,
        ruled(node, op, i, () => vjp(slots[0]!, i, ins, attrs), watcher),
      );
      return;
    }
    const rule = vjp![i];
    if (rule === null) return;
    give(
      x,
      ruled(node, op, i, () => ruleOf(op, i, rule)(slots, ins, attrs, outs), watcher),
    );
  });
}

/** The rule for an input, which the record may lack. */
function ruleOf<R>({ name, vjp }: AnyOp, i: number, rule: R | undefined): R {
  if (rule === undefined)
    throw new TypeError(`${name}: expected a rule or null for input ${i}, got a list of ${vjp!.length} in vjp`);
  return rule;
}

/** What the rule for an input gives, checked; its errors say whose derivative it is. */
function ruled(node: Node, op: AnyOp, i: number, cotangent: () => Tensor, watcher: Watcher | undefined): Tensor {
  const { name } = op;
  try {
    return checkCotangent(op, i, node.ins[i]!, watcher ? watcher.rule(node, cotangent) : cotangent());
  } catch (error) {
    const at = watcher?.calledAt(node);
    const whose = `; in the derivative of ${name}${at === undefined ? '' : `, called at ${at}`}`;
    retell(error, (message) => (at === undefined && message.startsWith(`${name}:`) ? message : message + whose));
    throw error;
  }
}

/** Checks that a cotangent is like its input: a tensor of that shape, dtype and device. */
function checkCotangent({ name }: AnyOp, i: number, x: Tensor, g: Tensor | undefined): Tensor {
  if (g?.dtype !== x.dtype || !(g.shape === x.shape || sameShape(g.shape, x.shape)))
    throw unlike(`${name}: expected the rule for input ${i} to give ${x.dtype} ${show(x.shape)}`, g);
  if (g.device !== x.device) checkDevices(name, [x, g]);
  return g;
}

const unlike = (expected: string, g: unknown): Error =>
  g instanceof Tensor
    ? new RangeError(`${expected}, got ${g.dtype} ${show(g.shape)}`)
    : new TypeError(`${expected}, got ${kindOf(g)}`);
