/**
 * The largest element of each window of planes [h,w] and where in its plane it was found; NaN wins,
 * then the first of ties.
 */
export function maxPool(
  x: usize,
  y: usize,
  index: usize,
  planes: i32,
  h: i32,
  w: i32,
  p: i32,
  q: i32,
  sizeY: i32,
  sizeX: i32,
  strideY: i32,
  strideX: i32,
  top: i32,
  left: i32,
): void {
  // Windows two wide and two apart go four at a time, as long as they lie within the row.
  const pairs = sizeX == 2 && strideX == 2;
  const first = (left + 1) >> 1;
  const fours = pairs ? max(0, (min(q, (w + left) >> 1) - first) >> 2) : 0;
  const last = first + (fours << 2);
  for (let plane = 0; plane < planes; ++plane, x += (<usize>(h * w)) << 2)
    for (let u = 0; u < p; ++u) {
      const i0 = max(0, u * strideY - top),
        i1 = min(h, u * strideY - top + sizeY);
      for (let v = 0; v < q; ++v, y += 4, index += 4) {
        if (v == first && fours > 0) {
          fourWindows(x, y, index, w, i0, i1, 2 * first - left, fours);
          v = last;
          y += (<usize>fours) << 4;
          index += (<usize>fours) << 4;
          if (v >= q) break;
        }
        window(x, y, index, w, i0, i1, max(0, v * strideX - left), min(w, v * strideX - left + sizeX));
      }
    }
}

/** One window: rows i0 to i1, columns j0 to j1. */
function window(x: usize, y: usize, index: usize, w: i32, i0: i32, i1: i32, j0: i32, j1: i32): void {
  let best = i0 * w + j0;
  let value = load<f32>(x + ((<usize>best) << 2));
  for (let i = i0; i < i1; ++i)
    for (let j = j0; j < j1; ++j) {
      const candidate = load<f32>(x + ((<usize>(i * w + j)) << 2));
      if (candidate > value || (candidate != candidate && value == value)) {
        value = candidate;
        best = i * w + j;
      }
    }
  store<f32>(y, value);
  store<i32>(index, best);
}

/**
 * Four windows at a time, `fours` times: columns j and j + 1, j + 2 and j + 3, and so on, in the
 * same order as `window`.
 */
function fourWindows(x: usize, y: usize, index: usize, w: i32, i0: i32, i1: i32, j: i32, fours: i32): void {
  for (; fours > 0; --fours, j += 8, y += 16, index += 16) {
    let value = f32x4.splat(0),
      best = i32x4.splat(0);
    for (let i = i0; i < i1; ++i) {
      const at = i * w + j;
      const low = v128.load(x + ((<usize>at) << 2)),
        high = v128.load(x + ((<usize>at) << 2), 16);
      const even = v128.shuffle<i32>(low, high, 0, 2, 4, 6),
        odd = v128.shuffle<i32>(low, high, 1, 3, 5, 7);
      const here = i32x4.add(i32x4.splat(at), i32x4(0, 2, 4, 6));
      const wins = i == i0 ? i32x4.splat(-1) : beats(even, value);
      value = v128.bitselect(even, value, wins);
      best = v128.bitselect(here, best, wins);
      const beaten = beats(odd, value);
      value = v128.bitselect(odd, value, beaten);
      best = v128.bitselect(i32x4.add(here, i32x4.splat(1)), best, beaten);
    }
    v128.store(y, value);
    v128.store(index, best);
  }
}

/** Where a candidate is larger, or the first NaN. */
function beats(candidate: v128, value: v128): v128 {
  const first = v128.and(f32x4.ne(candidate, candidate), f32x4.eq(value, value));
  return v128.or(f32x4.gt(candidate, value), first);
}

/** y[plane, i] = x[plane, index[plane, i]], planes of `inner` elements of x and `outer` of y. */
export function poolGather(x: usize, index: usize, y: usize, planes: i32, inner: i32, outer: i32): void {
  for (let plane = 0; plane < planes; ++plane, x += (<usize>inner) << 2)
    for (let i = 0; i < outer; ++i, y += 4, index += 4) store<f32>(y, load<f32>(x + ((<usize>load<i32>(index)) << 2)));
}

/** x = 0, then x[plane, index[plane, i]] += y[plane, i]: the adjoint of `poolGather`. */
export function poolScatter(y: usize, index: usize, x: usize, planes: i32, inner: i32, outer: i32): void {
  memory.fill(x, 0, <usize>planes * ((<usize>inner) << 2));
  for (let plane = 0; plane < planes; ++plane, x += (<usize>inner) << 2)
    for (let i = 0; i < outer; ++i, y += 4, index += 4) {
      const at = x + ((<usize>load<i32>(index)) << 2);
      store<f32>(at, load<f32>(at) + load<f32>(y));
    }
}
