import { packPanel } from '../pack';
import { tile3, tile4, tile5, tile6 } from '../generated/tiles';

// Blocks of A (96 rows) and B (512 columns) over a depth of at most 320 share a second-level cache
// of 1 MB; one panel of each shares a first-level cache of 32 KB.
const ROWS: i32 = 96;
const COLUMNS: i32 = 512;
const DEPTH: i32 = 320;
/** Of a tile, of the zeros at which sums start, and of a tile's row and column of bias. */
const EXTRA: i32 = 192 + 32 + 32 + 32;
/** Of a panel of 3 rows, which is packed by fours, the last of which reaches beyond it. */
const SLACK: i32 = 16;

/** Bytes of the scratch memory that `gemm` needs. */
export function gemmScratch(): i32 {
  return (ROWS + COLUMNS) * DEPTH * 4 + EXTRA + SLACK;
}

/**
 * Rows of the next panel where `left` are left. Without fused multiply-adds a block of 6 rows
 * leaves no register for a product, so there it is fives, and threes where they waste less; else
 * sixes and fours.
 */
function height(left: i32): i32 {
  if (ASC_FEATURE_RELAXED_SIMD) return left <= 4 || left == 7 || left == 8 ? 4 : 6;
  return left < 3 || (left <= 12 && left % 3 == 0) ? 3 : 5;
}

/**
 * C[i,j] = rowBias[i] + colBias[j] + sum over p of A[i,p] B[p,j], added to C where `accumulate`; i
 * < m, j < n, p < k, float32. Element (i, j) of a matrix lies at its base + its row table[i] + its
 * column table[j] (int32 byte offsets), so that transposes, patches of images and folded batches
 * are all matrices. Elements of C may share memory (patches that overlap) if none within a row do
 * and `accumulate` is set: all are added. A bias of 0 is none; `scratch` is `gemmScratch()` bytes
 * aligned to 16.
 */
export function gemm(
  a: usize,
  aRow: usize,
  aCol: usize,
  b: usize,
  bRow: usize,
  bCol: usize,
  c: usize,
  cRow: usize,
  cCol: usize,
  m: i32,
  n: i32,
  k: i32,
  accumulate: bool,
  rowBias: usize,
  colBias: usize,
  scratch: usize,
): void {
  const spill = scratch,
    zeros = scratch + 192,
    rowPart = scratch + 224,
    colPart = scratch + 256;
  const aPanels = scratch + EXTRA,
    bPanels = aPanels + ((ROWS * DEPTH) << 2) + SLACK;
  memory.fill(zeros, 0, 96);
  const blocks = max(1, (k + DEPTH - 1) / DEPTH);
  const depth = (k + blocks - 1) / blocks;
  for (let jc = 0; jc < n; jc += COLUMNS) {
    const nc = min(COLUMNS, n - jc);
    for (let block = 0; block < blocks; ++block) {
      const pc = block * depth,
        kc = min(depth, k - pc);
      const add = accumulate || block > 0;
      for (let j = 0; j < nc; j += 8)
        packPanel(
          bPanels + ((<usize>(j * kc)) << 2),
          8,
          b,
          bCol + ((<usize>(jc + j)) << 2),
          nc - j,
          bRow + ((<usize>pc) << 2),
          kc,
        );
      for (let ic = 0; ic < m; ic += ROWS) {
        const mc = min(ROWS, m - ic);
        for (let i = 0, h = 0; i < mc; i += h) {
          h = height(mc - i);
          packPanel(
            aPanels + ((<usize>(i * kc)) << 2),
            h,
            a,
            aRow + ((<usize>(ic + i)) << 2),
            mc - i,
            aCol + ((<usize>pc) << 2),
            kc,
          );
        }
        for (let j = 0; j < nc; j += 8) {
          const columns = min(8, nc - j);
          const bPanel = bPanels + ((<usize>(j * kc)) << 2);
          const cc = cCol + ((<usize>(jc + j)) << 2);
          const colInit = block == 0 && colBias ? part(colPart, colBias + ((<usize>(jc + j)) << 2), columns) : zeros;
          for (let i = 0, h = 0; i < mc; i += h) {
            h = height(mc - i);
            const rows = min(h, mc - i);
            const aPanel = aPanels + ((<usize>(i * kc)) << 2);
            const cr = cRow + ((<usize>(ic + i)) << 2);
            const rowInit = block == 0 && rowBias ? part(rowPart, rowBias + ((<usize>(ic + i)) << 2), rows) : zeros;
            if (ASC_FEATURE_RELAXED_SIMD) {
              if (h == 6) tile6(aPanel, bPanel, kc, c, cr, cc, rows, columns, add, rowInit, colInit, spill);
              else tile4(aPanel, bPanel, kc, c, cr, cc, rows, columns, add, rowInit, colInit, spill);
            } else if (h == 5) tile5(aPanel, bPanel, kc, c, cr, cc, rows, columns, add, rowInit, colInit, spill);
            else tile3(aPanel, bPanel, kc, c, cr, cc, rows, columns, add, rowInit, colInit, spill);
          }
        }
      }
    }
  }
}

/** Copies the `count` numbers that a tile needs, so that it may read eight. */
function part(to: usize, from: usize, count: i32): usize {
  memory.copy(to, from, (<usize>count) << 2);
  return to;
}
