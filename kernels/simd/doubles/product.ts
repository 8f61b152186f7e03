import { doubles4, doubles5, doubles6 } from '../generated/tiles';
import { packDoubles } from './pack';

// Blocks of A (60 rows) and B (256 columns) over a depth of at most 256 share a second-level cache
// of 1 MB; one panel of each shares a first-level cache of 32 KB.
const ROWS: i32 = 60;
const COLUMNS: i32 = 256;
const DEPTH: i32 = 256;
/** Bytes of a tile. */
const TILE: i32 = 6 * 32;

/** Bytes of the scratch memory of a product. */
export const PRODUCT_SCRATCH: i32 = (ROWS + COLUMNS) * DEPTH * 8 + TILE;

// What a product does to C.
export const SET: i32 = 0;
export const ADD: i32 = 1;
export const SUBTRACT: i32 = 2;

/**
 * Rows of the next panel where `left` are left: sixes with fused multiply-adds, else fives, which
 * leave a register for a product; fours where they waste less.
 */
function height(left: i32): i32 {
  if (ASC_FEATURE_RELAXED_SIMD) return left <= 4 || left == 7 || left == 8 ? 4 : 6;
  return left <= 4 || left == 8 || left == 12 ? 4 : 5;
}

/**
 * Sets C to A B, or adds it, or subtracts it; doubles, C [m, n] with rows `cRow` bytes apart, A [m,
 * k] and B [k, n] with such distances of rows and columns. Where `upper`, what lies left of the
 * diagonal of C may be left as it is.
 */
export function product(
  c: usize,
  cRow: i32,
  a: usize,
  aRow: i32,
  aCol: i32,
  b: usize,
  bRow: i32,
  bCol: i32,
  m: i32,
  n: i32,
  k: i32,
  how: i32,
  upper: bool,
  scratch: usize,
): void {
  const aPanels = scratch + TILE,
    bPanels = aPanels + ((ROWS * DEPTH) << 3);
  const blocks = max(1, (k + DEPTH - 1) / DEPTH);
  const depth = (k + blocks - 1) / blocks;
  for (let jc = 0; jc < n; jc += COLUMNS) {
    const nc = min(COLUMNS, n - jc);
    for (let block = 0; block < blocks; ++block) {
      const pc = block * depth,
        kc = min(depth, k - pc);
      const then = block > 0 && how == SET ? ADD : how;
      const bAt = b + <usize>(pc * bRow + jc * bCol);
      for (let j = 0; j < nc; j += 4)
        packDoubles(bPanels + ((<usize>(j * kc)) << 3), 4, bAt + <usize>(j * bCol), bCol, nc - j, bRow, kc);
      const last = upper ? min(m, jc + nc) : m;
      for (let ic = 0; ic < last; ic += ROWS) {
        const mc = min(ROWS, m - ic);
        const aAt = a + <usize>(ic * aRow + pc * aCol);
        for (let i = 0, h = 0; i < mc; i += h) {
          h = height(mc - i);
          packDoubles(aPanels + ((<usize>(i * kc)) << 3), h, aAt + <usize>(i * aRow), aRow, mc - i, aCol, kc);
        }
        for (let j = 0; j < nc; j += 4) {
          const bPanel = bPanels + ((<usize>(j * kc)) << 3);
          const most = upper ? min(mc, jc + j + 4 - ic) : mc;
          for (let i = 0, h = 0; i < most; i += h) {
            h = height(mc - i);
            const aPanel = aPanels + ((<usize>(i * kc)) << 3);
            if (h == 4) doubles4(aPanel, bPanel, kc, scratch);
            else if (ASC_FEATURE_RELAXED_SIMD) doubles6(aPanel, bPanel, kc, scratch);
            else doubles5(aPanel, bPanel, kc, scratch);
            const to = c + <usize>((ic + i) * cRow) + ((<usize>(jc + j)) << 3);
            writeDoubles(scratch, to, cRow, min(h, mc - i), min(4, nc - j), then);
          }
        }
      }
    }
  }
}

function writeDoubles(tile: usize, c: usize, cRow: i32, rows: i32, columns: i32, how: i32): void {
  for (let i = 0; i < rows; ++i, tile += 32, c += cRow) {
    if (columns == 4) {
      v128.store(c, joined(v128.load(c), v128.load(tile), how));
      v128.store(c, joined(v128.load(c, 16), v128.load(tile, 16), how), 16);
    } else
      for (let j = 0; j < columns << 3; j += 8) {
        const v = load<f64>(tile + j);
        store<f64>(c + j, how == SET ? v : how == ADD ? load<f64>(c + j) + v : load<f64>(c + j) - v);
      }
  }
}

function joined(c: v128, v: v128, how: i32): v128 {
  return how == SET ? v : how == ADD ? f64x2.add(c, v) : f64x2.sub(c, v);
}
