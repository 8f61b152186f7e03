import { reflect, reflection } from './householder.js';
import { identity, picked, rotate, scaled, type Singular } from './rows.js';
import { isLarge } from './tridiagonal.js';

/** Steps for one singular value; two are usual. */
const MOST_STEPS = 60;
const EPSILON = 2 ** -52;

/** An upper bidiagonal matrix with its left and right vectors, which are rows. */
interface Bidiagonal {
  readonly diagonal: Float64Array;
  readonly beside: Float64Array;
  /** n rows of m numbers. */
  readonly left: Float64Array;
  /** n rows of n numbers. */
  readonly right: Float64Array;
}

/**
 * Singular values and vectors of n rows of m finite numbers with n <= m, by Householder's
 * bidiagonal form and the QR steps of Golub and Kahan; x is overwritten. Source: Golub and Van
 * Loan, 8.6.
 */
export function singularByQr(x: Float64Array, n: number, m: number): Singular {
  const unit = scaled(x);
  const b = bidiagonal(x, n, m);
  const { diagonal, beside, left, right } = b;
  for (let last = n - 1; last > 0; last--)
    for (let step = 0; step < MOST_STEPS; step++) {
      if (!besideIsLarge(b, last - 1)) break;
      let first = last - 1;
      while (first > 0 && besideIsLarge(b, first - 1)) first--;
      for (let i = 0; i < first; i++) if (!besideIsLarge(b, i)) beside[i] = 0;
      const zero = zeroBetween(diagonal, first, last);
      if (zero === undefined) qrStep(b, first, last);
      else if (zero < last) clearRow(b, zero, last);
      else clearColumn(b, first, last);
    }
  diagonal.forEach((v, i) => {
    diagonal[i] = Math.abs(v) * unit;
    if (v < 0) for (let k = i * n; k < (i + 1) * n; k++) right[k] = -right[k]!;
  });
  const order = [...diagonal.keys()].sort((i, j) => diagonal[j]! - diagonal[i]!);
  const values = Float64Array.from(order, (i) => diagonal[i]!);
  return { values, left: picked(left, m, order), right: picked(right, n, order) };
}

const besideIsLarge = ({ diagonal, beside }: Bidiagonal, i: number): boolean =>
  isLarge(beside[i]!, diagonal[i]!, diagonal[i + 1]!);

/** The last zero of the diagonal, up to rounding of a matrix whose largest element is about 1. */
function zeroBetween(d: Float64Array, first: number, last: number): number | undefined {
  for (let i = last; i >= first; i--) if (Math.abs(d[i]!) <= EPSILON) return i;
  return undefined;
}

function bidiagonal(x: Float64Array, n: number, m: number): Bidiagonal {
  const [diagonal, beside] = [new Float64Array(n), new Float64Array(n)];
  const [ofLeft, ofRight] = [new Float64Array(n), new Float64Array(n)];
  const vectors = new Float64Array(n * n); // of the reflections from the right
  const sums = new Float64Array(m);
  for (let k = 0; k < n; k++) {
    const at = k * m + k;
    const below = reflection(x, at, m - k);
    [diagonal[k], ofLeft[k]] = [below.first, below.scale];
    for (let j = k + 1; j < n; j++) reflect(x, at, below.scale, x, j * m + k, m - k);
    if (k === n - 1) break;
    const to = k * n + k + 1;
    for (let j = k + 1; j < n; j++) vectors[k * n + j] = x[j * m + k]!;
    const behind = reflection(vectors, to, n - k - 1);
    [beside[k], ofRight[k]] = [behind.first, behind.scale];
    if (behind.scale === 0) continue;
    sums.fill(0);
    for (let j = k + 1; j < n; j++) {
      const v = vectors[k * n + j]!;
      for (let i = k + 1; i < m; i++) sums[i]! += v * x[j * m + i]!;
    }
    for (let j = k + 1; j < n; j++) {
      const v = behind.scale * vectors[k * n + j]!;
      for (let i = k + 1; i < m; i++) x[j * m + i]! -= v * sums[i]!;
    }
  }
  const [left, right] = [identity(n, m), identity(n)];
  for (let k = n - 1; k >= 0; k--) {
    for (let row = k; row < n; row++) reflect(x, k * m + k, ofLeft[k]!, left, row * m + k, m - k);
    for (let row = k + 1; row < n; row++)
      reflect(vectors, k * n + k + 1, ofRight[k]!, right, row * n + k + 1, n - k - 1);
  }
  return { diagonal, beside, left, right };
}

/** The rotation [c, s] with c a + s b = r and - s a + c b = 0. */
function rotation(a: number, b: number): { readonly c: number; readonly s: number; readonly r: number } {
  const r = Math.sqrt(a * a + b * b);
  return r === 0 ? { c: 1, s: 0, r } : { c: a / r, s: b / r, r };
}

/** One step with Wilkinson's shift of B'B: rotations of B chase a bulge downwards. */
function qrStep({ diagonal: d, beside: e, left, right }: Bidiagonal, first: number, last: number): void {
  const n = d.length;
  const m = left.length / n;
  const before = last - 1 > first ? e[last - 2]! : 0;
  const [a, b, c] = [d[last - 1]! ** 2 + before ** 2, d[last - 1]! * e[last - 1]!, d[last]! ** 2 + e[last - 1]! ** 2];
  const half = (a - c) / 2;
  const root = Math.sqrt(half * half + b * b);
  const shift = root === 0 ? c : c - (b * b) / (half + (half >= 0 ? root : -root));
  let [y, z] = [d[first]! ** 2 - shift, d[first]! * e[first]!];
  for (let k = first; k < last; k++) {
    const behind = rotation(y, z);
    if (k > first) e[k - 1] = behind.r;
    y = behind.c * d[k]! + behind.s * e[k]!;
    e[k] = behind.c * e[k]! - behind.s * d[k]!;
    z = behind.s * d[k + 1]!;
    d[k + 1]! *= behind.c;
    rotate(right, n, k, k + 1, behind.c, -behind.s);
    const below = rotation(y, z);
    d[k] = below.r;
    y = below.c * e[k]! + below.s * d[k + 1]!;
    d[k + 1] = below.c * d[k + 1]! - below.s * e[k]!;
    if (k < last - 1) {
      z = below.s * e[k + 1]!;
      e[k + 1]! *= below.c;
    }
    rotate(left, m, k, k + 1, below.c, -below.s);
  }
  e[last - 1] = y;
}

/** Where the diagonal has a zero, its row becomes zero by rotations with the rows below. */
function clearRow({ diagonal: d, beside: e, left }: Bidiagonal, zero: number, last: number): void {
  const m = left.length / d.length;
  d[zero] = 0;
  let rest = e[zero]!;
  e[zero] = 0;
  for (let k = zero + 1; k <= last && rest !== 0; k++) {
    const { c, s, r } = rotation(d[k]!, rest);
    d[k] = r;
    if (k < last) {
      rest = -s * e[k]!;
      e[k]! *= c;
    }
    rotate(left, m, k, zero, c, -s);
  }
}

/** Where the last of the diagonal is zero, its column becomes zero by those before. */
function clearColumn({ diagonal: d, beside: e, right }: Bidiagonal, first: number, last: number): void {
  const n = d.length;
  d[last] = 0;
  let rest = e[last - 1]!;
  e[last - 1] = 0;
  for (let k = last - 1; k >= first && rest !== 0; k--) {
    const { c, s, r } = rotation(d[k]!, rest);
    d[k] = r;
    if (k > first) {
      rest = -s * e[k - 1]!;
      e[k - 1]! *= c;
    }
    rotate(right, n, k, last, c, -s);
  }
}
