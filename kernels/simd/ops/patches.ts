/** A table of byte offsets: to[(i d1 + j) d2 + l] = i s0 + j s1 + l s2. */
export function offsets(to: usize, d0: i32, s0: i32, d1: i32, s1: i32, d2: i32, s2: i32): void {
  for (let i = 0; i < d0; ++i)
    for (let j = 0; j < d1; ++j) {
      let t = i * s0 + j * s1;
      for (let l = 0; l < d2; ++l, to += 4, t += s2) store<i32>(to, t);
    }
}

/** Copies planes [h,w] into zeroed planes [ph,pw] at row `top` and column `left`. */
export function padImages(
  x: usize,
  to: usize,
  planes: i32,
  h: i32,
  w: i32,
  top: i32,
  left: i32,
  ph: i32,
  pw: i32,
): void {
  memory.fill(to, 0, (<usize>planes * <usize>(ph * pw)) << 2);
  to += (<usize>(top * pw + left)) << 2;
  for (let i = 0; i < planes; ++i, to += (<usize>((ph - h) * pw)) << 2)
    for (let j = 0; j < h; ++j, to += (<usize>pw) << 2) {
      copyRow(to, x, w);
      x += (<usize>w) << 2;
    }
}

/**
 * Copies planes [h,w] out of planes [ph,pw] from row `top` and column `left`: the adjoint of
 * `padImages`.
 */
export function cropImages(
  from: usize,
  x: usize,
  planes: i32,
  h: i32,
  w: i32,
  top: i32,
  left: i32,
  ph: i32,
  pw: i32,
): void {
  from += (<usize>(top * pw + left)) << 2;
  for (let i = 0; i < planes; ++i, from += (<usize>((ph - h) * pw)) << 2)
    for (let j = 0; j < h; ++j, from += (<usize>pw) << 2) {
      copyRow(x, from, w);
      x += (<usize>w) << 2;
    }
}

/** Rows are too short for memory.copy to repay its call. */
function copyRow(to: usize, from: usize, count: i32): void {
  for (; count >= 4; count -= 4, to += 16, from += 16) v128.store(to, v128.load(from));
  for (; count > 0; --count, to += 4, from += 4) store<f32>(to, load<f32>(from));
}
