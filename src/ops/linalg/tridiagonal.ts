import { reflect, reflection } from './householder.js';
import { dotOf } from './products.js';
import { identity, inOrder, rotate, scaled, type Eigen } from './rows.js';

/** Steps for one eigenvalue; two are usual. */
const MOST_STEPS = 60;
const EPSILON = 2 ** -52;

/**
 * Eigenvalues and eigenvectors of the symmetric row-major matrix a [n, n] of finite numbers, by
 * Householder's tridiagonal form and QL steps with Wilkinson's shift; a is overwritten. Source:
 * Golub and Van Loan, 8.3.
 */
export function eigenByQl(a: Float64Array, n: number): Eigen {
  const unit = scaled(a);
  const { diagonal, beside, rows } = tridiagonal(a, n);
  for (let first = 0; first < n; first++)
    for (let step = 0; step < MOST_STEPS; step++) {
      let last = first;
      while (last < n - 1 && isLarge(beside[last]!, diagonal[last]!, diagonal[last + 1]!)) last++;
      if (last === first) break;
      qlStep(diagonal, beside, rows, first, last);
    }
  return inOrder(
    diagonal.map((v) => v * unit),
    rows,
  );
}

/** Whether an element beside the diagonal is more than rounding of those on it. */
export const isLarge = (beside: number, a: number, b: number): boolean =>
  Math.abs(beside) > EPSILON * (Math.abs(a) + Math.abs(b)) && Math.abs(beside) > Number.MIN_VALUE / EPSILON;

/** Q' a Q = T with diagonal and beside, where the rows are those of Q'. */
function tridiagonal(a: Float64Array, n: number) {
  const beside = new Float64Array(n);
  const scales = new Float64Array(n);
  const p = new Float64Array(n);
  for (let k = 0; k < n - 1; k++) {
    const [at, length] = [k * n + k + 1, n - k - 1];
    const { first, scale } = reflection(a, at, length);
    [beside[k], scales[k]] = [first, scale];
    if (scale === 0) continue;
    // H a H = a - v q' - q v', with q = p - (scale / 2) (p'v) v and p = scale a v.
    for (let i = 0; i < length; i++) p[i] = scale * dotOf(a, at, a, at + (i + 1) * n, length);
    const half = (scale / 2) * dotOf(a, at, p, 0, length);
    for (let i = 0; i < length; i++) p[i]! -= half * a[at + i]!;
    for (let i = 0; i < length; i++) {
      const [row, v, q] = [at + (i + 1) * n, a[at + i]!, p[i]!];
      for (let j = 0; j < length; j++) a[row + j]! -= v * p[j]! + q * a[at + j]!;
    }
  }
  const rows = identity(n);
  for (let k = n - 2; k >= 0; k--)
    for (let row = k + 1; row < n; row++) reflect(a, k * n + k + 1, scales[k]!, rows, row * n + k + 1, n - k - 1);
  return { diagonal: Float64Array.from({ length: n }, (_, i) => a[i * n + i]!), beside, rows };
}

/** One step with a shift on the elements from `first` to `last`: a bulge is chased upwards. */
function qlStep(d: Float64Array, e: Float64Array, rows: Float64Array, first: number, last: number): void {
  const n = d.length;
  const ratio = (d[first + 1]! - d[first]!) / (2 * e[first]!);
  const root = Math.hypot(ratio, 1);
  const shift = d[first]! - e[first]! / (ratio + (ratio >= 0 ? root : -root));
  let [c, s, moved, along] = [1, 1, 0, d[last]! - shift];
  for (let i = last - 1; i >= first; i--) {
    const [bulge, kept] = [s * e[i]!, c * e[i]!];
    const r = Math.sqrt(bulge * bulge + along * along);
    e[i + 1] = r;
    if (r === 0) {
      // The matrix falls apart here.
      d[i + 1]! -= moved;
      e[last] = 0;
      return;
    }
    [s, c] = [bulge / r, along / r];
    const from = d[i + 1]! - moved;
    const gain = (d[i]! - from) * s + 2 * c * kept;
    moved = s * gain;
    d[i + 1] = from + moved;
    along = c * gain - kept;
    rotate(rows, n, i, i + 1, c, s);
  }
  d[first]! -= moved;
  e[first] = along;
  e[last] = 0;
}
