import { product, SUBTRACT } from './product';
import { half, solveTriangle } from './triangle';

/** Rows that are factored one after another, without products. */
const FEW: i32 = 16;

/**
 * U of A = U' U in place of the upper triangle of A [n, n], whose rows are `row` bytes apart; the
 * lower triangle is neither read nor of use afterwards. False where a pivot is not above 0.
 */
export function factorUpper(a: usize, row: i32, n: i32, scratch: usize): bool {
  if (n <= FEW) return factorFew(a, row, n);
  const p = half(n),
    q = n - p;
  const right = a + ((<usize>p) << 3),
    last = right + <usize>(p * row);
  if (!factorUpper(a, row, p, scratch)) return false;
  solveTriangle(a, 8, row, true, false, right, row, p, q, scratch);
  product(last, row, right, 8, row, right, row, 8, q, q, p, SUBTRACT, true, scratch);
  return factorUpper(last, row, q, scratch);
}

function factorFew(a: usize, row: i32, n: i32): bool {
  for (let j = 0; j < n; ++j, a += row + 8) {
    const rest = load<f64>(a);
    if (!(rest > 0)) return false;
    const pivot = sqrt<f64>(rest);
    store<f64>(a, pivot);
    const count = n - 1 - j;
    const by = f64x2.splat(pivot);
    let k = 0;
    for (; k + 2 <= count; k += 2) {
      const at = a + 8 + ((<usize>k) << 3);
      v128.store(at, f64x2.div(v128.load(at), by));
    }
    if (k < count) {
      const at = a + 8 + ((<usize>k) << 3);
      store<f64>(at, load<f64>(at) / pivot);
    }
    let to = a + row;
    for (let i = 0; i < count; ++i, to += row) {
      const from = a + 8;
      const factor = v128.load64_splat(from + ((<usize>i) << 3));
      let k = i & ~1;
      for (; k + 2 <= count; k += 2) {
        const o = 8 + ((<usize>k) << 3);
        v128.store(to + o, f64x2.sub(v128.load(to + o), f64x2.mul(factor, v128.load(a + o))));
      }
      if (k < count) {
        const o = 8 + ((<usize>k) << 3);
        store<f64>(to + o, load<f64>(to + o) - f64x2.extract_lane(factor, 0) * load<f64>(a + o));
      }
    }
  }
  return true;
}
