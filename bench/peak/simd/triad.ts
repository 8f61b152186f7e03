/**
 * x[i] = y[i] + 3 z[i] over arrays of `bytes` (a multiple of 64), `times` over: STREAM's triad,
 * which reads two numbers for each it writes.
 */
export function triad(x: usize, y: usize, z: usize, bytes: usize, times: i32): void {
  const three = f32x4.splat(3);
  for (let t = 0; t < times; ++t)
    for (let i: usize = 0; i < bytes; i += 64) {
      v128.store(x + i, f32x4.add(v128.load(y + i), f32x4.mul(three, v128.load(z + i))));
      v128.store(x + i, f32x4.add(v128.load(y + i, 16), f32x4.mul(three, v128.load(z + i, 16))), 16);
      v128.store(x + i, f32x4.add(v128.load(y + i, 32), f32x4.mul(three, v128.load(z + i, 32))), 32);
      v128.store(x + i, f32x4.add(v128.load(y + i, 48), f32x4.mul(three, v128.load(z + i, 48))), 48);
    }
}
