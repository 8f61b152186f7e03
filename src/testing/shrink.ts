import type { Tensor } from '../core/tensor.js';
import { flattenTree } from '../core/tree.js';
import { fromTypedArray } from '../ops/create.js';
import { slice } from '../ops/index.js';
import { GradientError } from './gradient-error.js';

/** Most arguments that are tried. */
const MOST = 60;

/**
 * The error at the smallest arguments at which `check` still finds a wrong derivative: axes are cut
 * to half their length, together with all others of that length or alone, and then values are
 * rounded. Arguments at which f fails, is right, or has no finite derivative are passed over.
 */
export function smallest<A extends readonly unknown[]>(
  error: GradientError,
  args: A,
  check: (smaller: A) => void,
): GradientError {
  let [best, found, left] = [args, error, MOST];
  const isWrong = (candidate: A): boolean => {
    left--;
    try {
      check(candidate);
    } catch (e) {
      // Another mistake is none of a smaller size: f may not be made for such arguments.
      if (!(e instanceof GradientError) || e.order !== error.order || e.against !== error.against) return false;
      if (losesNumbers(error, e)) return false; // these arguments are outside of the domain of f
      [best, found] = [candidate, e];
      return true;
    }
    return false;
  };
  for (let went = true; went && left > 0;) went = smallerThan(best).some((c) => left > 0 && isWrong(c));
  for (const digits of [1, 2]) if (left > 0 && isWrong(rounded(best, digits))) break;
  const { op, order, input, index, analytic, numeric, against } = found;
  return new GradientError(op, order, input, index, analytic, numeric, against, best);
}

/** Whether a number of the first error is NaN or infinite in the second. */
const losesNumbers = (first: GradientError, second: GradientError): boolean =>
  (['analytic', 'numeric'] as const).some((side) => Number.isFinite(first[side]) && !Number.isFinite(second[side]));

/** Arguments with shorter axes. */
function smallerThan<A extends readonly unknown[]>(args: A): A[] {
  const { leaves, rebuild } = flattenTree(args);
  const lengths = [...new Set(leaves.flatMap((x) => x.shape))].filter((d) => d > 1).sort((a, b) => b - a);
  const cut = (x: Tensor, axis: number): Tensor => {
    const shape = x.shape.map((d, i) => (i === axis ? Math.floor(d / 2) : d));
    return copied(
      slice(
        x,
        shape.map(() => 0),
        shape,
      ),
    );
  };
  const together = lengths.map((length) =>
    rebuild(leaves.map((x) => x.shape.reduce((y, d, axis) => (d === length ? cut(y, axis) : y), x))),
  );
  const alone = leaves.flatMap((x, i) =>
    x.shape.flatMap((d, axis) => (d > 1 ? [rebuild(leaves.map((y, j) => (j === i ? cut(y, axis) : y)))] : [])),
  );
  return [...together, ...alone];
}

/** Arguments whose floats have few significant digits: so they keep their sign, and stay off 0. */
function rounded<A extends readonly unknown[]>(args: A, digits: number): A {
  const { leaves, rebuild } = flattenTree(args);
  const round = (v: number): number => Number(v.toPrecision(digits));
  return rebuild(
    leaves.map((x) => (x.dtype === 'int32' ? x : fromTypedArray(x.device, x.readSync().map(round), x.shape))),
  );
}

const copied = (x: Tensor): Tensor => fromTypedArray(x.device, x.readSync(), x.shape);
