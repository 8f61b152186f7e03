/**
 * C = A B for operands that lie as the innermost loop reads them: A in panels of 6 rows, B in
 * panels of 8 columns, C row by row. No tails, no packing, no blocks for the cache: a block of 6 x
 * 8 of C stays in 12 registers while k runs, and that is all.
 */
export function gemm(a: usize, b: usize, c: usize, m: i32, k: i32, n: i32): void {
  const line = (<usize>n) << 2;
  for (let j = 0; j < n; j += 8, b += (<usize>k) << 5) {
    let rows = a;
    for (let i = 0; i < m; i += 6) {
      let c00 = f32x4.splat(0),
        c01 = c00,
        c10 = c00,
        c11 = c00,
        c20 = c00,
        c21 = c00;
      let c30 = c00,
        c31 = c00,
        c40 = c00,
        c41 = c00,
        c50 = c00,
        c51 = c00;
      let columns = b;
      for (const end = rows + <usize>k * 24; rows < end; rows += 24, columns += 32) {
        const b0 = v128.load(columns),
          b1 = v128.load(columns, 16);
        let s = v128.load32_splat(rows);
        c00 = madd(s, b0, c00);
        c01 = madd(s, b1, c01);
        s = v128.load32_splat(rows, 4);
        c10 = madd(s, b0, c10);
        c11 = madd(s, b1, c11);
        s = v128.load32_splat(rows, 8);
        c20 = madd(s, b0, c20);
        c21 = madd(s, b1, c21);
        s = v128.load32_splat(rows, 12);
        c30 = madd(s, b0, c30);
        c31 = madd(s, b1, c31);
        s = v128.load32_splat(rows, 16);
        c40 = madd(s, b0, c40);
        c41 = madd(s, b1, c41);
        s = v128.load32_splat(rows, 20);
        c50 = madd(s, b0, c50);
        c51 = madd(s, b1, c51);
      }
      let to = c + <usize>i * line + ((<usize>j) << 2);
      v128.store(to, c00);
      v128.store(to, c01, 16);
      to += line;
      v128.store(to, c10);
      v128.store(to, c11, 16);
      to += line;
      v128.store(to, c20);
      v128.store(to, c21, 16);
      to += line;
      v128.store(to, c30);
      v128.store(to, c31, 16);
      to += line;
      v128.store(to, c40);
      v128.store(to, c41, 16);
      to += line;
      v128.store(to, c50);
      v128.store(to, c51, 16);
    }
  }
}

/** a b + c in each lane: rounded once where the build may use relaxed SIMD, else twice. */
function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}
