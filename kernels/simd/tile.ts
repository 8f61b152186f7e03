import { gather, layout, madd, scatter, TOGETHER } from './vector';

// A block of C stays in registers while k runs. Engines leave 15: with fused multiply-adds 6 x 8
// elements take 12 of them, two of B and one of A the rest; without, products take one more, so it
// is 5 x 8 there. Blocks of 4 rows, or of 3, fill up what these leave over. Sums start at
// rowInit[i] + colInit[j].
// prettier-ignore
export function tile6(a: usize, b: usize, k: i32, c: usize, cRow: usize, cCol: usize, rows: i32, columns: i32, accumulate: bool, rowInit: usize, colInit: usize, spill: usize): void {
  let b0 = v128.load(colInit), b1 = v128.load(colInit, 16);
  let s = v128.load32_splat(rowInit); let c00 = f32x4.add(s, b0), c01 = f32x4.add(s, b1);
  s = v128.load32_splat(rowInit, 4); let c10 = f32x4.add(s, b0), c11 = f32x4.add(s, b1);
  s = v128.load32_splat(rowInit, 8); let c20 = f32x4.add(s, b0), c21 = f32x4.add(s, b1);
  s = v128.load32_splat(rowInit, 12); let c30 = f32x4.add(s, b0), c31 = f32x4.add(s, b1);
  s = v128.load32_splat(rowInit, 16); let c40 = f32x4.add(s, b0), c41 = f32x4.add(s, b1);
  s = v128.load32_splat(rowInit, 20); let c50 = f32x4.add(s, b0), c51 = f32x4.add(s, b1);
  for (const end = a + <usize>k * 24; a < end; a += 24, b += 32) {
    b0 = v128.load(b); b1 = v128.load(b, 16);
    s = v128.load32_splat(a); c00 = madd(s, b0, c00); c01 = madd(s, b1, c01);
    s = v128.load32_splat(a, 4); c10 = madd(s, b0, c10); c11 = madd(s, b1, c11);
    s = v128.load32_splat(a, 8); c20 = madd(s, b0, c20); c21 = madd(s, b1, c21);
    s = v128.load32_splat(a, 12); c30 = madd(s, b0, c30); c31 = madd(s, b1, c31);
    s = v128.load32_splat(a, 16); c40 = madd(s, b0, c40); c41 = madd(s, b1, c41);
    s = v128.load32_splat(a, 20); c50 = madd(s, b0, c50); c51 = madd(s, b1, c51);
  }
  v128.store(spill, c00); v128.store(spill, c01, 16); v128.store(spill, c10, 32); v128.store(spill, c11, 48);
  v128.store(spill, c20, 64); v128.store(spill, c21, 80); v128.store(spill, c30, 96); v128.store(spill, c31, 112);
  v128.store(spill, c40, 128); v128.store(spill, c41, 144); v128.store(spill, c50, 160); v128.store(spill, c51, 176);
  write(spill, c, cRow, cCol, rows, columns, accumulate);
}

// prettier-ignore
export function tile5(a: usize, b: usize, k: i32, c: usize, cRow: usize, cCol: usize, rows: i32, columns: i32, accumulate: bool, rowInit: usize, colInit: usize, spill: usize): void {
  let b0 = v128.load(colInit), b1 = v128.load(colInit, 16);
  let s = v128.load32_splat(rowInit); let c00 = f32x4.add(s, b0), c01 = f32x4.add(s, b1);
  s = v128.load32_splat(rowInit, 4); let c10 = f32x4.add(s, b0), c11 = f32x4.add(s, b1);
  s = v128.load32_splat(rowInit, 8); let c20 = f32x4.add(s, b0), c21 = f32x4.add(s, b1);
  s = v128.load32_splat(rowInit, 12); let c30 = f32x4.add(s, b0), c31 = f32x4.add(s, b1);
  s = v128.load32_splat(rowInit, 16); let c40 = f32x4.add(s, b0), c41 = f32x4.add(s, b1);
  for (const end = a + <usize>k * 20; a < end; a += 20, b += 32) {
    b0 = v128.load(b); b1 = v128.load(b, 16);
    s = v128.load32_splat(a); c00 = madd(s, b0, c00); c01 = madd(s, b1, c01);
    s = v128.load32_splat(a, 4); c10 = madd(s, b0, c10); c11 = madd(s, b1, c11);
    s = v128.load32_splat(a, 8); c20 = madd(s, b0, c20); c21 = madd(s, b1, c21);
    s = v128.load32_splat(a, 12); c30 = madd(s, b0, c30); c31 = madd(s, b1, c31);
    s = v128.load32_splat(a, 16); c40 = madd(s, b0, c40); c41 = madd(s, b1, c41);
  }
  v128.store(spill, c00); v128.store(spill, c01, 16); v128.store(spill, c10, 32); v128.store(spill, c11, 48);
  v128.store(spill, c20, 64); v128.store(spill, c21, 80); v128.store(spill, c30, 96); v128.store(spill, c31, 112);
  v128.store(spill, c40, 128); v128.store(spill, c41, 144);
  write(spill, c, cRow, cCol, rows, columns, accumulate);
}

// prettier-ignore
export function tile4(a: usize, b: usize, k: i32, c: usize, cRow: usize, cCol: usize, rows: i32, columns: i32, accumulate: bool, rowInit: usize, colInit: usize, spill: usize): void {
  let b0 = v128.load(colInit), b1 = v128.load(colInit, 16);
  let s = v128.load32_splat(rowInit); let c00 = f32x4.add(s, b0), c01 = f32x4.add(s, b1);
  s = v128.load32_splat(rowInit, 4); let c10 = f32x4.add(s, b0), c11 = f32x4.add(s, b1);
  s = v128.load32_splat(rowInit, 8); let c20 = f32x4.add(s, b0), c21 = f32x4.add(s, b1);
  s = v128.load32_splat(rowInit, 12); let c30 = f32x4.add(s, b0), c31 = f32x4.add(s, b1);
  for (const end = a + <usize>k * 16; a < end; a += 16, b += 32) {
    b0 = v128.load(b); b1 = v128.load(b, 16);
    s = v128.load32_splat(a); c00 = madd(s, b0, c00); c01 = madd(s, b1, c01);
    s = v128.load32_splat(a, 4); c10 = madd(s, b0, c10); c11 = madd(s, b1, c11);
    s = v128.load32_splat(a, 8); c20 = madd(s, b0, c20); c21 = madd(s, b1, c21);
    s = v128.load32_splat(a, 12); c30 = madd(s, b0, c30); c31 = madd(s, b1, c31);
  }
  v128.store(spill, c00); v128.store(spill, c01, 16); v128.store(spill, c10, 32); v128.store(spill, c11, 48);
  v128.store(spill, c20, 64); v128.store(spill, c21, 80); v128.store(spill, c30, 96); v128.store(spill, c31, 112);
  write(spill, c, cRow, cCol, rows, columns, accumulate);
}

// prettier-ignore
export function tile3(a: usize, b: usize, k: i32, c: usize, cRow: usize, cCol: usize, rows: i32, columns: i32, accumulate: bool, rowInit: usize, colInit: usize, spill: usize): void {
  let b0 = v128.load(colInit), b1 = v128.load(colInit, 16);
  let s = v128.load32_splat(rowInit); let c00 = f32x4.add(s, b0), c01 = f32x4.add(s, b1);
  s = v128.load32_splat(rowInit, 4); let c10 = f32x4.add(s, b0), c11 = f32x4.add(s, b1);
  s = v128.load32_splat(rowInit, 8); let c20 = f32x4.add(s, b0), c21 = f32x4.add(s, b1);
  const end = a + <usize>k * 12;
  if (k & 1) {
    b0 = v128.load(b); b1 = v128.load(b, 16);
    s = v128.load32_splat(a); c00 = madd(s, b0, c00); c01 = madd(s, b1, c01);
    s = v128.load32_splat(a, 4); c10 = madd(s, b0, c10); c11 = madd(s, b1, c11);
    s = v128.load32_splat(a, 8); c20 = madd(s, b0, c20); c21 = madd(s, b1, c21);
    a += 12; b += 32;
  }
  for (; a < end; a += 24, b += 64) {
    b0 = v128.load(b); b1 = v128.load(b, 16);
    s = v128.load32_splat(a); c00 = madd(s, b0, c00); c01 = madd(s, b1, c01);
    s = v128.load32_splat(a, 4); c10 = madd(s, b0, c10); c11 = madd(s, b1, c11);
    s = v128.load32_splat(a, 8); c20 = madd(s, b0, c20); c21 = madd(s, b1, c21);
    b0 = v128.load(b, 32); b1 = v128.load(b, 48);
    s = v128.load32_splat(a, 12); c00 = madd(s, b0, c00); c01 = madd(s, b1, c01);
    s = v128.load32_splat(a, 16); c10 = madd(s, b0, c10); c11 = madd(s, b1, c11);
    s = v128.load32_splat(a, 20); c20 = madd(s, b0, c20); c21 = madd(s, b1, c21);
  }
  v128.store(spill, c00); v128.store(spill, c01, 16); v128.store(spill, c10, 32); v128.store(spill, c11, 48);
  v128.store(spill, c20, 64); v128.store(spill, c21, 80);
  write(spill, c, cRow, cCol, rows, columns, accumulate);
}

/**
 * Puts the part of a tile that lies inside C where the tables say, or adds it to what is there: row
 * by row, since rows may overlap.
 */
// prettier-ignore
function write(tile: usize, c: usize, cRow: usize, cCol: usize, rows: i32, columns: i32, accumulate: bool): void {
  for (let j = 0; j < columns; j += 4, cCol += 16, tile += 16) {
    const left = columns - j;
    const t0 = load<i32>(cCol);
    if (left < 4) {
      for (let i = 0; i < rows; ++i) {
        const row = c + load<i32>(cRow + (<usize>i << 2));
        for (let l = 0; l < left; ++l) {
          const to = row + load<i32>(cCol + (<usize>l << 2));
          const v = load<f32>(tile + (<usize>i << 5) + (<usize>l << 2));
          store<f32>(to, accumulate ? load<f32>(to) + v : v);
        }
      }
      return;
    }
    const t1 = load<i32>(cCol, 4), t2 = load<i32>(cCol, 8), t3 = load<i32>(cCol, 12);
    const how = layout(t0, t1, t2, t3);
    if (how == TOGETHER) {
      const to = c + t0;
      if (accumulate)
        for (let i = 0; i < rows; ++i) {
          const at = to + load<i32>(cRow + (<usize>i << 2));
          v128.store(at, f32x4.add(v128.load(at), v128.load(tile + (<usize>i << 5))));
        }
      else for (let i = 0; i < rows; ++i) v128.store(to + load<i32>(cRow + (<usize>i << 2)), v128.load(tile + (<usize>i << 5)));
      continue;
    }
    for (let i = 0; i < rows; ++i) {
      const row = c + load<i32>(cRow + (<usize>i << 2));
      const v = v128.load(tile + (<usize>i << 5));
      scatter(row, how, t0, t1, t2, t3, accumulate ? f32x4.add(gather(row, how, t0, t1, t2, t3), v) : v);
    }
  }
}
