import { cut, kindOf, show } from '../core/words.js';
import { aString, count, listOf, numberThat, positive } from '../core/check.js';
import { checkOptions } from '../core/options.js';
import { sizeOf } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { copyTree, flattenTree, leafPaths, leavesOf, mapTree } from '../core/tree.js';
import { fromTypedArray } from '../ops/create.js';
import { add, dot, mul } from '../ops/index.js';
import { grad } from '../transforms/index.js';
import { drawer } from './draw.js';

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
  /** What errors call `f`. */
  readonly name?: string;
}

/**
 * A gradient that differs from the differences of its function.
 * @example
 * const twice = customVjp((x: Tensor) => mul(x, 2), (g) => mul(g, 3)); // wrong
 * try {
 *   checkGrads(twice, [tensor([1], { dtype: 'float64' })]);
 * } catch (error) {
 *   error instanceof GradientError; // true
 * }
 */
export class GradientError extends Error {
  override readonly name = 'GradientError';
  constructor(
    readonly op: string,
    readonly order: number,
    readonly input: string,
    readonly index: readonly number[] | null,
    readonly analytic: number,
    readonly numeric: number,
  ) {
    const where = index ? `${input}[${index.join(',')}]` : `${input} along a random direction`;
    super(
      `${op}: derivative of order ${order} in ${where}: expected ${numeric} (differences), got ${analytic} (rules)`,
    );
  }
}

/**
 * Checks derivatives of `f(...args)` against central differences, to the order asked, in float64.
 * The outputs are paired with random cotangents; each further order differentiates a random
 * directional derivative of the one before, in the arguments and in the cotangents. Throws a
 * GradientError that names function, order, input, index and both values. Arguments are trees of
 * float64 tensors (int32 leaves are held fixed), at least 1e-2 away from kinks.
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
  const {
    order = 2,
    tolerance = 1e-6,
    seed = 1,
    elements = 40,
    name = f.name || 'function',
  } = checkOptions('checkGrads', options, {
    order: count,
    tolerance: positive,
    seed: numberThat('to be a safe integer', Number.isSafeInteger),
    elements: numberThat('of at least 0', (v) => v >= 0),
    name: aString,
  });
  const draw = drawer(seed);
  const given = copyTree(
    'checkGrads',
    listOf('checkGrads', 'arguments', args, (arg) => arg),
  ) as unknown as A;
  const run = (xs: A): unknown => f(...copyTree('checkGrads', xs)); // f may write into its arguments
  const inputs = leavesOf('checkGrads', given);
  for (const x of inputs)
    if (x.dtype === 'float32')
      throw new TypeError(
        `checkGrads: expected float64 arguments, got float32 ${show(x.shape)}; convert them with cast(x, 'float64')`,
      );
  if (!inputs.some((x) => x.dtype === 'float64'))
    throw new TypeError('checkGrads: expected at least one float64 tensor among the arguments, got none');
  const y = run(given);
  const outputs = leavesOf('checkGrads', y);
  if (outputs.length === 0) throw new TypeError(`checkGrads: expected f to return tensors, got ${kindOf(y)}`);

  const cotangents = outputs.flatMap((out) => (out.dtype === 'float64' ? [randomLike(out, draw)] : []));
  if (cotangents.length === 0)
    throw new TypeError(
      `checkGrads: expected f to return float64 tensors, got ${cut(outputs.map((o) => o.dtype).join(', '))}`,
    );
  const paired = (x: { args: A; cotangent: Tensor[] }): Tensor => {
    const floats = leavesOf('checkGrads', run(x.args)).filter((out) => out.dtype === 'float64');
    return floats.map((out, i) => dot(out, x.cotangent[i])).reduce((a, b) => add(a, b));
  };
  const names = {
    args: leafPaths('checkGrads', given).map((p) => `argument ${p.slice(1)}`),
    cotangent: cotangents.map((_, i) => `cotangent ${i}`),
  };
  const check = { tolerance, elements, name, draw, paths: [...names.args, ...names.cotangent] };
  checkOrder(paired, { args: given, cotangent: cotangents }, 1, order, check);
}

interface Check {
  tolerance: number;
  elements: number;
  name: string;
  draw: () => number;
  paths: string[];
}

/**
 * Compares the gradient of a scalar function with differences, then does the same to its derivative
 * along a random direction.
 */
function checkOrder<X>(f: (x: X) => Tensor, x: X, order: number, last: number, check: Check): void {
  const gradient = leavesAlongside(x, grad(f)(x));
  const { leaves: list, rebuild } = flattenTree(x);
  const value = (moved: readonly Tensor[]): number => f(rebuild(moved)).readSync()[0]!;
  const scale = Math.abs(value(list));
  list.forEach((leaf, i) => {
    const g = gradient[i];
    if (!g) return;
    const along = (direction: Tensor): number =>
      difference((h) => value(list.map((t, j) => (j === i ? add(t, mul(direction, h)) : t))));
    if (leaf.size <= check.elements) {
      const got = g.readSync();
      for (let k = 0; k < leaf.size; k++) {
        const numeric = along(unit(leaf, k));
        if (differs(got[k]!, numeric, scale, check.tolerance))
          throw new GradientError(check.name, order, check.paths[i]!, indexOf(leaf, k), got[k]!, numeric);
      }
    } else {
      const direction = randomLike(leaf, check.draw);
      const [got, numeric] = [dot(g, direction).readSync()[0]!, along(direction)];
      if (differs(got, numeric, scale, check.tolerance))
        throw new GradientError(check.name, order, check.paths[i]!, null, got, numeric);
    }
  });
  if (order === last) return;
  const direction = mapTree((t) => (t.dtype === 'float64' ? randomLike(t, check.draw) : t), x);
  const floats = (tree: unknown): Tensor[] => leavesOf('checkGrads', tree).filter((t) => t.dtype === 'float64');
  checkOrder((y: X) => dot(floats(grad(f)(y)), floats(direction)), x, order + 1, last, check);
}

/** The gradient of each leaf of x, in their order; undefined for integer leaves. */
function leavesAlongside(x: unknown, gradient: unknown): (Tensor | undefined)[] {
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

/** f'(0) by the five-point rule, with an error of about h^4 + 1e-16/h. */
function difference(f: (h: number) => number): number {
  const h = 1e-3;
  return (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h);
}

/** A NaN on either side differs from everything. */
const differs = (a: number, b: number, scale: number, tolerance: number): boolean =>
  !(Math.abs(a - b) <= tolerance * Math.max(1, scale, Math.abs(a), Math.abs(b)));

const unit = (x: Tensor, k: number): Tensor => {
  const data = new Float64Array(x.size);
  data[k] = 1;
  return fromTypedArray(x.device, data, x.shape);
};

const randomLike = (x: Tensor, draw: () => number): Tensor =>
  fromTypedArray(x.device, Float64Array.from({ length: x.size }, draw), x.shape);

const indexOf = (x: Tensor, k: number): number[] =>
  x.shape.map((d, axis) => Math.floor(k / sizeOf(x.shape.slice(axis + 1))) % d);
