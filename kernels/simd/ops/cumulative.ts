// What is gathered on the way, as classes without content, like those of ../elements.ts.
class Sum {
  @inline start(): f64 { return 0; }
  @inline with(a: v128, b: v128): v128 { return f64x2.add(a, b); }
  @inline one(a: f64, b: f64): f64 { return a + b; }
} // prettier-ignore
class Product {
  @inline start(): f64 { return 1; }
  @inline with(a: v128, b: v128): v128 { return f64x2.mul(a, b); }
  @inline one(a: f64, b: f64): f64 { return a * b; }
} // prettier-ignore

/** out[a,c,b] = F of x[a,0..c,b], or of x[a,c..,b] where `reverse`, in double precision. */
function running<F>(x: usize, out: usize, a: i32, c: i32, b: i32, reverse: bool): void {
  const row = (<usize>b) << 2;
  const step = reverse ? -row : row;
  const first = reverse ? <usize>(c - 1) * row : 0;
  for (let i = 0; i < a; ++i, x += <usize>c * row, out += <usize>c * row) {
    let j = 0;
    for (; j + 4 <= b; j += 4) {
      let at = first + ((<usize>j) << 2);
      let low = f64x2.splat(changetype<F>(0).start());
      let high = low;
      for (let k = 0; k < c; ++k, at += step) {
        low = changetype<F>(0).with(low, f64x2.promote_low_f32x4(v128.load64_zero(x + at)));
        high = changetype<F>(0).with(high, f64x2.promote_low_f32x4(v128.load64_zero(x + at, 8)));
        v128.store64_lane(out + at, f32x4.demote_f64x2_zero(low), 0);
        v128.store64_lane(out + at, f32x4.demote_f64x2_zero(high), 0, 8);
      }
    }
    for (; j < b; ++j) {
      let at = first + ((<usize>j) << 2);
      let all = changetype<F>(0).start();
      for (let k = 0; k < c; ++k, at += step) {
        all = changetype<F>(0).one(all, <f64>load<f32>(x + at));
        store<f32>(out + at, <f32>all);
      }
    }
  }
}

/** Sums along c. */
export function cumsum(x: usize, out: usize, a: i32, c: i32, b: i32, reverse: bool): void {
  running<Sum>(x, out, a, c, b, reverse);
}

/** Products along c. */
export function cumprod(x: usize, out: usize, a: i32, c: i32, b: i32, reverse: bool): void {
  running<Product>(x, out, a, c, b, reverse);
}

/** Two floats in double precision. */
function two(at: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(at));
}

/**
 * The adjoint of the derivative of products along c: out_k = y_(k-1) r_k with r_k = g_k + x_(k+1)
 * r_(k+1), in double precision. `before` is room for c doubles, four for each where b is at least 4.
 */
export function cumprodGrad(
  g: usize,
  x: usize,
  out: usize,
  before: usize,
  a: i32,
  c: i32,
  b: i32,
  reverse: bool,
): void {
  const row = (<usize>b) << 2;
  const step = reverse ? -row : row;
  const first = reverse ? <usize>(c - 1) * row : 0;
  for (let i = 0; i < a; ++i, g += <usize>c * row, x += <usize>c * row, out += <usize>c * row) {
    let j = 0;
    for (; j + 4 <= b; j += 4) {
      let at = first + ((<usize>j) << 2);
      let y = before;
      let low = f64x2.splat(1);
      let high = low;
      for (let k = 0; k < c; ++k, at += step, y += 32) {
        v128.store(y, low);
        v128.store(y, high, 16);
        low = f64x2.mul(low, two(x + at));
        high = f64x2.mul(high, two(x + at + 8));
      }
      let lowLink = f64x2.splat(1);
      let highLink = lowLink;
      low = high = f64x2.splat(-0.0); // which changes no sum, not even to another zero
      for (let k = 0; k < c; ++k) {
        at -= step;
        y -= 32;
        low = f64x2.add(two(g + at), f64x2.mul(lowLink, low));
        high = f64x2.add(two(g + at + 8), f64x2.mul(highLink, high));
        lowLink = two(x + at);
        highLink = two(x + at + 8);
        v128.store64_lane(out + at, f32x4.demote_f64x2_zero(f64x2.mul(v128.load(y), low)), 0);
        v128.store64_lane(out + at, f32x4.demote_f64x2_zero(f64x2.mul(v128.load(y, 16), high)), 0, 8);
      }
    }
    for (; j < b; ++j) {
      let at = first + ((<usize>j) << 2);
      let y = before;
      let all: f64 = 1;
      for (let k = 0; k < c; ++k, at += step, y += 8) {
        store<f64>(y, all);
        all *= <f64>load<f32>(x + at);
      }
      let link: f64 = 1;
      all = -0.0;
      for (let k = 0; k < c; ++k) {
        at -= step;
        y -= 8;
        all = <f64>load<f32>(g + at) + link * all;
        link = <f64>load<f32>(x + at);
        store<f32>(out + at, <f32>(load<f64>(y) * all));
      }
    }
  }
}

/**
 * out[a,c,b] = the largest of x[a,0..c,b], or of x[a,c..,b] where `reverse`, and where along c it
 * is: the last of ties on the way, and the last NaN.
 */
export function cummax(x: usize, out: usize, places: usize, a: i32, c: i32, b: i32, reverse: bool): void {
  const row = (<usize>b) << 2;
  const step = reverse ? -row : row;
  const first = reverse ? <usize>(c - 1) * row : 0;
  const way = reverse ? -1 : 1;
  for (let i = 0; i < a; ++i, x += <usize>c * row, out += <usize>c * row, places += <usize>c * row) {
    let j = 0;
    for (; j + 4 <= b; j += 4) {
      let at = first + ((<usize>j) << 2);
      let top = f32x4.splat(-Infinity);
      let place = i32x4.splat(0);
      for (let n = 0, k = reverse ? c - 1 : 0; n < c; ++n, k += way, at += step) {
        const value = v128.load(x + at);
        const largest = v128.or(f32x4.ge(value, top), f32x4.ne(value, value));
        top = v128.bitselect(value, top, largest);
        place = v128.bitselect(i32x4.splat(k), place, largest);
        v128.store(out + at, top);
        v128.store(places + at, place);
      }
    }
    for (; j < b; ++j) {
      let at = first + ((<usize>j) << 2);
      let top: f32 = -Infinity;
      let place = 0;
      for (let n = 0, k = reverse ? c - 1 : 0; n < c; ++n, k += way, at += step) {
        const value = load<f32>(x + at);
        if (value >= top || value != value) {
          top = value;
          place = k;
        }
        store<f32>(out + at, top);
        store<i32>(places + at, place);
      }
    }
  }
}
