// out [d0,d1,n] = F's function of operands that have a step in bytes for each axis, the last 4 or
// 0. F is a class of elements.ts.

/** Four elements, or one repeated where the operand stands still. */
function four(at: usize, step: i32): v128 {
  return step ? v128.load(at) : v128.load32_splat(at);
}

// What four does not divide goes through the same arithmetic, an element at a time.

export function loop1<F>(out: usize, x: usize, x0: i32, x1: i32, x2: i32, d0: i32, d1: i32, n: i32): void {
  for (let i = 0; i < d0; ++i)
    for (let j = 0; j < d1; ++j) {
      let a = x + i * x0 + j * x1;
      let k = n;
      for (; k >= 4; k -= 4, out += 16, a += x2 << 2) v128.store(out, changetype<F>(0).of(four(a, x2)));
      for (; k > 0; --k, out += 4, a += x2) v128.store32_lane(out, changetype<F>(0).of(v128.load32_splat(a)), 0);
    }
}

// prettier-ignore
export function loop2<F>(out: usize, x: usize, x0: i32, x1: i32, x2: i32, y: usize, y0: i32, y1: i32, y2: i32, d0: i32, d1: i32, n: i32): void {
  for (let i = 0; i < d0; ++i)
    for (let j = 0; j < d1; ++j) {
      let a = x + i * x0 + j * x1, b = y + i * y0 + j * y1;
      let k = n;
      if (x2 == 4 && y2 == 4)
        for (; k >= 4; k -= 4, out += 16, a += 16, b += 16) v128.store(out, changetype<F>(0).of(v128.load(a), v128.load(b)));
      else for (; k >= 4; k -= 4, out += 16, a += x2 << 2, b += y2 << 2) v128.store(out, changetype<F>(0).of(four(a, x2), four(b, y2)));
      for (; k > 0; --k, out += 4, a += x2, b += y2) v128.store32_lane(out, changetype<F>(0).of(v128.load32_splat(a), v128.load32_splat(b)), 0);
    }
}

// prettier-ignore
export function loop3<F>(out: usize, x: usize, x0: i32, x1: i32, x2: i32, y: usize, y0: i32, y1: i32, y2: i32, z: usize, z0: i32, z1: i32, z2: i32, d0: i32, d1: i32, n: i32): void {
  for (let i = 0; i < d0; ++i)
    for (let j = 0; j < d1; ++j) {
      let a = x + i * x0 + j * x1, b = y + i * y0 + j * y1, c = z + i * z0 + j * z1;
      let k = n;
      for (; k >= 4; k -= 4, out += 16, a += x2 << 2, b += y2 << 2, c += z2 << 2)
        v128.store(out, changetype<F>(0).of(four(a, x2), four(b, y2), four(c, z2)));
      for (; k > 0; --k, out += 4, a += x2, b += y2, c += z2)
        v128.store32_lane(out, changetype<F>(0).of(v128.load32_splat(a), v128.load32_splat(b), v128.load32_splat(c)), 0);
    }
}
