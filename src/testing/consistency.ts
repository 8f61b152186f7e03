import { compile } from '../compile/index.js';
import { indexAt, sameShape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { flattenTree, mapTree } from '../core/tree.js';
import { fromTypedArray } from '../ops/create.js';
import { add, cast, dot, flip, mul, reshape, slice, stack, transpose } from '../ops/index.js';
import { grad, jvp, valueAndGrad, vmap } from '../transforms/index.js';
import { GradientError } from './gradient-error.js';

/** What a gradient is compared with besides differences, and how errors name its inputs. */
export interface Consistency {
  readonly name: string;
  readonly paths: readonly string[];
  readonly tolerance: number;
  readonly draw: () => number;
  readonly compile: boolean;
  readonly vmap: boolean;
  readonly float32?: number;
}

type Leaves = readonly (Tensor | undefined)[];

/**
 * Computes the gradient of a scalar function in other ways, all of which must agree with the one
 * that is given: again, at views that are not contiguous, by jvp, compiled, in a batch and in
 * float32.
 */
export function checkConsistency<X>(
  f: (x: X) => Tensor,
  x: X,
  gradient: Leaves,
  order: number,
  check: Consistency,
): void {
  const { leaves: list, rebuild } = flattenTree(x);
  const at = (leaves: readonly Tensor[]): Leaves => leavesAlongside(x, grad(f)(rebuild(leaves)));
  const compare = (other: Leaves, against: string, tolerance: number): void => {
    compareLeaves(gradient, other, order, against, { ...check, tolerance });
  };
  checkKinds(list, gradient, order, check);

  const outside = f(x).readSync()[0]!;
  const [inside, again] = valueAndGrad(f)(x);
  const value = inside.readSync()[0]!;
  // Sums of derivatives may be in another order there, which changes last digits.
  const near = Math.abs(value - outside) <= (order === 1 ? 0 : 1e-12 * Math.max(1, Math.abs(outside)));
  if (!Object.is(value, outside) && !near)
    throw new GradientError(check.name, order - 1, 'the value', [], value, outside, 'outside of grad');
  compare(leavesAlongside(x, again), 'a second call', 0);
  compare(at(list.map(notContiguous)), 'at views that are not contiguous', check.tolerance);
  checkForward(f, x, gradient, order, check);
  if (check.compile) compare(leavesAlongside(x, compile(grad(f))(x)), 'inside compile', check.tolerance);
  if (check.vmap) checkBatches(f, x, order, check);
  if (check.float32 !== undefined) {
    const single = at(list.map((t) => (t.dtype === 'float64' ? cast(t, 'float32') : t)));
    compare(
      single.map((g) => g && cast(g, 'float64')),
      'in float32',
      check.float32,
    );
  }
}

/** Gradients have the shape and dtype of what they are the gradient in. */
function checkKinds(list: readonly Tensor[], gradient: Leaves, order: number, { name, paths }: Consistency): void {
  list.forEach((leaf, i) => {
    const g = gradient[i];
    if (g && (g.dtype !== leaf.dtype || !sameShape(g.shape, leaf.shape)))
      throw new GradientError(name, order, paths[i]!, [], g.size, leaf.size, `${leaf.dtype}, not ${g.dtype}`);
  });
}

/** <gradient, v> is the derivative along v that jvp gives. */
function checkForward<X>(f: (x: X) => Tensor, x: X, gradient: Leaves, order: number, check: Consistency): void {
  const v = mapTree((t) => (t.dtype === 'float64' ? randomLike(t, check.draw) : t), x);
  const directions = flattenTree(v).leaves;
  const expected = jvp(f, x, v)[1].readSync()[0]!;
  const got = gradient.reduce((s, g, i) => (g ? s + dot(g, directions[i]).readSync()[0]! : s), 0);
  if (differs(got, expected, 0, check.tolerance))
    throw new GradientError(check.name, order, 'all inputs', null, got, expected, 'jvp');
}

/** How far the second example of a batch is from the first: about as far as differences go. */
const ASIDE = 2e-3;

/**
 * The gradients of two examples are those that `vmap` gives: of all inputs in a batch, and of one
 * where both examples share the others.
 */
function checkBatches<X>(f: (x: X) => Tensor, x: X, order: number, check: Consistency): void {
  const { leaves: list, rebuild } = flattenTree(x);
  const at = (...leaves: Tensor[]): Tensor[] =>
    leavesAlongside(x, grad(f)(rebuild(leaves))).filter((g) => g !== undefined);
  const floats = list.flatMap((t, i) => (t.dtype === 'float64' ? [i] : []));
  const paths = floats.map((i) => check.paths[i]!);
  const moved = list.map((t) => (t.dtype === 'float64' ? add(t, mul(randomLike(t, check.draw), ASIDE)) : t));
  const compareBatch = (isBatched: (i: number) => boolean): void => {
    const other = list.map((t, i) => (isBatched(i) ? moved[i]! : t));
    const batch = list.map((t, i) => (isBatched(i) ? stack([t, other[i]!]) : t));
    const together = vmap(at, { in: list.map((_, i) => (isBatched(i) ? 0 : null)) })(...batch);
    [list, other].forEach((leaves, example) => {
      const alone = at(...leaves);
      const same = together.map((g) => exampleOf(g, example));
      compareLeaves(alone, same, order, 'inside vmap', { ...check, paths });
    });
  };
  compareBatch(() => true);
  if (list.length > 1) for (const only of floats) compareBatch((i) => i === only);
}

/** An example of a batch. */
const exampleOf = (batch: Tensor, i: number): Tensor => {
  const [, ...shape] = batch.shape;
  return reshape(slice(batch, [i, ...shape.map(() => 0)], [1, ...shape]), shape);
};

function compareLeaves(
  gradient: Leaves,
  other: Leaves,
  order: number,
  against: string,
  { name, paths, tolerance }: Consistency,
): void {
  gradient.forEach((g, i) => {
    if (!g) return;
    const [a, b] = [g.readSync(), other[i]!.readSync()];
    const scale = Math.max(0, ...Array.from(a, Math.abs));
    for (let k = 0; k < a.length; k++)
      if (tolerance === 0 ? !Object.is(a[k], b[k]) : differs(a[k]!, b[k]!, scale, tolerance))
        throw new GradientError(name, order, paths[i]!, indexAt(k, g.shape), a[k]!, b[k]!, against);
  });
}

/** The same values behind negative strides, and transposed. */
const notContiguous = (x: Tensor): Tensor => {
  if (x.dtype !== 'float64' || x.shape.length === 0) return x;
  const turned = flip(transpose(x));
  return transpose(flip(fromTypedArray(x.device, turned.readSync(), turned.shape)));
};

/** The gradient of each leaf of x, in their order; undefined for integer leaves. */
export function leavesAlongside(x: unknown, gradient: unknown): (Tensor | undefined)[] {
  const found: (Tensor | undefined)[] = [];
  mapTree(
    (leaf, g?: Tensor) => {
      found.push(g);
      return leaf;
    },
    x,
    gradient,
  );
  return found;
}

/** A NaN on either side differs from everything. */
export const differs = (a: number, b: number, scale: number, tolerance: number): boolean =>
  !(Math.abs(a - b) <= tolerance * Math.max(1, scale, Math.abs(a), Math.abs(b)));

/** Random elements in the shape of x. */
export const randomLike = (x: Tensor, draw: () => number): Tensor =>
  fromTypedArray(x.device, Float64Array.from({ length: x.size }, draw), x.shape);
