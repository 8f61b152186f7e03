import { kindOf, show } from '../core/words.js';
import { checkAlike } from '../core/op.js';
import { runsOf } from '../core/graph.js';
import { track, watching } from '../core/history.js';
import { sameShape } from '../core/shape.js';
import { detach, sharing } from '../core/storage.js';
import type { AnyOp, Node, Rule, Tensor } from '../core/tensor.js';
import { flatten, leavesOf, mapLeaves, type Gradient } from '../core/tree.js';
import { zerosLike } from '../ops/index.js';

/**
 * `f` with a derivative of your own: pullback(g, x, y) gives the cotangent of x from that of y =
 * f(x). It must be linear in g, and is differentiated in turn, so write it with ops. `f` may not
 * capture a tensor that is being differentiated. The pullback may not capture an example of a
 * `vmap` on which x does not depend. Pass such tensors in x. Absent parts of the pullback's result
 * count as zeros.
 * @param f the function
 * @param pullback gets the cotangent g of y = f(x), and returns that of x
 * @example
 * const rounded = customVjp((x: Tensor) => floor(x), (g) => g);
 * grad((x) => sum(rounded(x)))(tensor([1.5])); // float32[1] on cpu [1]
 */
export function customVjp<X = Tensor, Y = Tensor>(
  f: (x: X) => Y,
  pullback: (g: Gradient<Y>, x: X, y: Y) => Gradient<X>,
): (x: X) => Y {
  for (const arg of [f, pullback] as unknown[])
    if (typeof arg !== 'function') throw new TypeError(`customVjp: expected two functions, got ${kindOf(arg)}`);
  return (x) => {
    const input = flatten('customVjp', x);
    const output = flatten('customVjp', f(input.rebuild(input.leaves.map((leaf) => detach(leaf, 'customVjp')))));
    if (watching(output.leaves).length > 0)
      throw new TypeError(
        'customVjp: expected f to use only its argument, got a captured tensor that is being differentiated; pass it in x',
      );

    // One call of the pullback serves all inputs of one backward pass, which hands the same list of
    // cotangents to every rule.
    const results = new WeakMap<readonly (Tensor | null)[], readonly Tensor[]>();
    const rule =
      (at: number): Rule<readonly Tensor[], null> =>
      (gs, ins, _, outs) => {
        let all = results.get(gs);
        if (!all) {
          const g = output.rebuild(outs.map((y, i) => gs[i] ?? zerosLike(y))) as Gradient<Y>;
          all = alongside(input.rebuild(ins), pullback(g, input.rebuild(ins), output.rebuild(outs)));
          checkExamples(all, [...gs.filter((x) => x !== null), ...ins, ...outs]);
          results.set(gs, all);
        }
        return all[at]!;
      };
    const op: AnyOp = { name: 'customVjp', infer: () => output.leaves, vjp: input.leaves.map((_, i) => rule(i)) };
    // f may return what it was given.
    const make = (node: Node | null) => output.leaves.map((y, i) => sharing('customVjp', y, node, i));
    return output.rebuild(track(op, input.leaves, null, make));
  };
}

/** The cotangent of each tensor of x, checked. */
function alongside(x: unknown, cotangents: unknown): Tensor[] {
  return leavesOf(
    'customVjp',
    mapLeaves(
      'customVjp',
      (leaf, g?: Tensor) => {
        if (!g) return zerosLike(leaf);
        if (!sameShape(g.shape, leaf.shape) || g.dtype !== leaf.dtype)
          throw new RangeError(
            `customVjp: expected the pullback to give ${leaf.dtype} ${show(leaf.shape)}, got ${g.dtype} ${show(g.shape)}`,
          );
        checkAlike('customVjp', [leaf, g]);
        return g;
      },
      () => undefined,
      x,
      cotangents,
    ),
  );
}

/**
 * Refuses cotangents that depend on examples of a `vmap` where nothing that was given does. The
 * cotangent that was given is a sum over these examples already.
 */
function checkExamples(cotangents: readonly Tensor[], given: readonly Tensor[]): void {
  const known = new Set(runsOf(given));
  if (runsOf(cotangents).some((run) => !known.has(run)))
    throw new TypeError(
      'customVjp: expected a pullback of what it is given, got one that captures an example of a vmap; pass it in x',
    );
}
