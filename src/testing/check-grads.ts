import { cut, kindOf, show } from '../core/words.js';
import { aString, count, flag, listOf, numberThat, positive } from '../core/check.js';
import { checkOptions } from '../core/options.js';
import { indexAt } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { copyTree, flattenTree, leafPaths, leavesOf, mapTree } from '../core/tree.js';
import { fromTypedArray } from '../ops/create.js';
import { add, cast, dot, mul } from '../ops/index.js';
import { grad } from '../transforms/index.js';
import { checkConsistency, differs, leavesAlongside, randomLike, type Consistency } from './consistency.js';
import { difference, settled } from './differences.js';
import { drawer } from './draw.js';
import { GradientError } from './gradient-error.js';
import { smallest } from './shrink.js';

/** How far and how closely `checkGrads` checks. */
export interface CheckOptions {
  /** Highest order of derivative checked; 2 by default. */
  readonly order?: number;
  /** Largest difference allowed, relative to the larger of 1 and the values; 1e-6 by default. */
  readonly tolerance?: number;
  /** Of the random directions and cotangents. */
  readonly seed?: number;
  /**
   * Above this many elements, the gradient is checked along random directions instead of element by
   * element; 40 by default.
   */
  readonly elements?: number;
  /**
   * Compares each gradient along one random direction through all arguments together; false by
   * default. It takes four values of the function for each order, whatever its arguments are.
   */
  readonly fast?: boolean;
  /** Also compares gradients inside `compile` with those outside; false by default. */
  readonly compile?: boolean;
  /**
   * Also compares gradients of a batch inside `vmap` with those of its examples, which tests the
   * rule `batch` of an op; false by default. f must not look at values.
   */
  readonly vmap?: boolean;
  /**
   * Also compares gradients in float32 with those in float64, to this tolerance: f must take both.
   * Not done by default.
   */
  readonly float32?: number;
  /** Looks for smaller arguments at which a wrong derivative is wrong; true by default. */
  readonly shrink?: boolean;
  /** What errors call `f`. */
  readonly name?: string;
}

/**
 * Checks derivatives of `f(...args)` against central differences, to the order asked, in float64.
 * The outputs are paired with random cotangents; each further order differentiates a random
 * directional derivative of the one before, in the arguments and in the cotangents. Several outputs
 * are also checked one by one, where the others get no cotangent.
 *
 * At each order the gradient is also computed in other ways, which must agree: again, at tensors
 * that are not contiguous, by `jvp`, and on request inside `compile`, inside `vmap` and in float32.
 * The value inside of the transform must be that outside.
 *
 * Throws a GradientError that names function, order, input, index, both values, and the smallest
 * arguments that were found. Arguments are trees of float64 tensors (int32 leaves are held fixed),
 * at least 1e-2 away from kinks. Differences that disagree are taken with smaller steps, and their
 * own error is estimated and allowed.
 * @param f a function of trees of float64 tensors
 * @param args where its derivatives are checked
 * @example
 * const x = tensor([1, 2], { dtype: 'float64' });
 * checkGrads((v) => sum(tanh(v)), [x], { order: 2 });
 */
export function checkGrads<A extends readonly unknown[]>(
  f: (...args: A) => unknown,
  args: A,
  options: CheckOptions = {},
): void {
  if (typeof f !== 'function') throw new TypeError(`checkGrads: expected a function, got ${kindOf(f)}`);
  const { shrink = true, ...given } = checkOptions('checkGrads', options, {
    order: count,
    tolerance: positive,
    seed: numberThat('to be a safe integer', Number.isSafeInteger),
    elements: numberThat('of at least 0', (v) => v >= 0),
    fast: flag,
    compile: flag,
    vmap: flag,
    float32: positive,
    shrink: flag,
    name: aString,
  });
  const own = copyTree(
    'checkGrads',
    listOf('checkGrads', 'arguments', args, (arg) => arg),
  ) as unknown as A;
  try {
    checkAt(f, own, given);
  } catch (error) {
    if (!shrink || !(error instanceof GradientError)) throw error;
    throw smallest(error, own, (smaller) => {
      checkAt(f, smaller, given);
    });
  }
}

/** Checks at arguments as they are. */
function checkAt<A extends readonly unknown[]>(f: (...args: A) => unknown, args: A, options: CheckOptions): void {
  const { order = 2, tolerance = 1e-6, seed = 1, elements = 40, name = f.name || 'function' } = options;
  const { fast = false, compile = false, vmap = false, float32 } = options;
  const draw = drawer(seed);
  const run = (xs: A): unknown => f(...copyTree('checkGrads', xs)); // f may write into its arguments
  checkInputs(leavesOf('checkGrads', args));
  const y = run(args);
  const outputs = leavesOf('checkGrads', y);
  if (outputs.length === 0) throw new TypeError(`checkGrads: expected f to return tensors, got ${kindOf(y)}`);
  const cotangents = outputs.flatMap((out) => (out.dtype === 'float64' ? [randomLike(out, draw)] : []));
  if (cotangents.length === 0)
    throw new TypeError(
      `checkGrads: expected f to return float64 tensors, got ${cut(outputs.map((o) => o.dtype).join(', '))}`,
    );

  const inputs = leafPaths('checkGrads', args).map((p) => `argument ${p.slice(1)}`);
  const check = { tolerance, elements, fast, name, draw, compile, vmap, ...(float32 !== undefined && { float32 }) };
  const subsets = cotangents.length > 1 ? [undefined, ...cotangents.keys()] : [undefined];
  for (const only of subsets) {
    const kept = only === undefined ? cotangents : [cotangents[only]!];
    const paired = (x: { args: A; cotangent: Tensor[] }): Tensor => {
      const floats = leavesOf('checkGrads', run(x.args)).filter((out) => out.dtype !== 'int32');
      const asked = only === undefined ? floats : [floats[only]!];
      return asked.map((out, i) => dot(out, x.cotangent[i])).reduce((a, b) => add(a, b));
    };
    const names = kept.map((_, i) => `cotangent ${only ?? i}`);
    checkOrder(paired, { args, cotangent: kept }, 1, order, { ...check, paths: [...inputs, ...names] });
  }
}

function checkInputs(inputs: readonly Tensor[]): void {
  for (const x of inputs)
    if (x.dtype === 'float32')
      throw new TypeError(
        `checkGrads: expected float64 arguments, got float32 ${show(x.shape)}; convert them with cast(x, 'float64')`,
      );
  if (!inputs.some((x) => x.dtype === 'float64'))
    throw new TypeError('checkGrads: expected at least one float64 tensor among the arguments, got none');
}

/** The largest relative error of differences that a derivative may hide behind. */
const MOST_DOUBT = 1e-4;

interface Check extends Consistency {
  elements: number;
  fast: boolean;
}

/**
 * Compares the gradient of a scalar function with differences and with itself, then does the same
 * to its derivative along a random direction.
 */
function checkOrder<X>(f: (x: X) => Tensor, x: X, order: number, last: number, check: Check): void {
  const gradient = leavesAlongside(x, grad(f)(x));
  compareWithDifferences(f, x, gradient, order, check);
  checkConsistency(f, x, gradient, order, check);
  if (order === last) return;
  const direction = mapTree((t) => (t.dtype === 'float64' ? randomLike(t, check.draw) : t), x);
  const floats = (tree: unknown): Tensor[] => leavesOf('checkGrads', tree).filter((t) => t.dtype !== 'int32');
  const along = (y: X): Tensor => {
    const g = floats(grad(f)(y));
    return dot(
      g,
      floats(direction).map((d, i) => cast(d, g[i]!.dtype)),
    );
  };
  checkOrder(along, x, order + 1, last, check);
}

function compareWithDifferences<X>(
  f: (x: X) => Tensor,
  x: X,
  gradient: readonly (Tensor | undefined)[],
  order: number,
  { draw, elements, fast, name, paths, tolerance }: Check,
): void {
  const { leaves: list, rebuild } = flattenTree(x);
  const value = (moved: readonly Tensor[]): number => f(rebuild(moved)).readSync()[0]!;
  const scale = Math.abs(value(list));
  type Line = (h: number) => number;
  const along =
    (directions: readonly (Tensor | undefined)[]): Line =>
    (h) =>
      value(list.map((t, j) => (directions[j] ? add(t, mul(directions[j], h)) : t)));
  const compare = (got: number, line: Line, input: string, index: readonly number[] | null): void => {
    if (!differs(got, difference(line), scale, tolerance)) return;
    const { value: numeric, error } = settled(line);
    const doubt = Math.min(MOST_DOUBT, error / Math.max(1, scale, Math.abs(got), Math.abs(numeric)));
    if (differs(got, numeric, scale, tolerance + doubt))
      throw new GradientError(name, order, input, index, got, numeric);
  };
  const only = (i: number, d: Tensor) => list.map((_, j) => (j === i ? d : undefined));
  if (fast) {
    const directions = list.map((leaf, i) => (gradient[i] ? randomLike(leaf, draw) : undefined));
    const got = directions.reduce((s, d, i) => (d ? s + dot(gradient[i], d).readSync()[0]! : s), 0);
    compare(got, along(directions), 'all inputs', null);
    return;
  }
  list.forEach((leaf, i) => {
    const g = gradient[i];
    if (!g) return;
    if (leaf.size > elements) {
      const direction = randomLike(leaf, draw);
      compare(dot(g, direction).readSync()[0]!, along(only(i, direction)), paths[i]!, null);
      return;
    }
    const got = g.readSync();
    for (let k = 0; k < leaf.size; k++)
      compare(got[k]!, along(only(i, unit(leaf, k))), paths[i]!, indexAt(k, leaf.shape));
  });
}

const unit = (x: Tensor, k: number): Tensor => {
  const data = new Float64Array(x.size);
  data[k] = 1;
  return fromTypedArray(x.device, data, x.shape);
};
