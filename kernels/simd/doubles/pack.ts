/**
 * Packs `lanes` vectors of `k` doubles side by side: to[p * lanes + i] is the
 * element at from + i * across + p * along. Of fewer than `lanes` vectors the last is repeated:
 * what is computed from the repeats is never stored.
 */
export function packDoubles(to: usize, lanes: i32, from: usize, across: i32, count: i32, along: i32, k: i32): void {
  const pitch = (<usize>lanes) << 3;
  for (let i = 0; i < lanes; i += 2, to += 16) {
    const x = from + <usize>(min(i, count - 1) * across);
    const y = from + <usize>(min(i + 1, count - 1) * across);
    if (i == lanes - 1) packOne(to, pitch, x, along, k);
    else if (along == 8) packRows(to, pitch, x, y, k);
    else packPairs(to, pitch, x, y, along, k);
  }
}

/** Of two vectors whose elements adjoin. */
function packRows(to: usize, pitch: usize, x: usize, y: usize, k: i32): void {
  let p = k;
  for (; p >= 2; p -= 2, x += 16, y += 16) {
    const u = v128.load(x),
      v = v128.load(y);
    v128.store(to, v128.shuffle<i64>(u, v, 0, 2));
    to += pitch;
    v128.store(to, v128.shuffle<i64>(u, v, 1, 3));
    to += pitch;
  }
  if (p > 0) v128.store(to, v128.load64_lane(y, v128.load64_zero(x), 1));
}

function packPairs(to: usize, pitch: usize, x: usize, y: usize, along: i32, k: i32): void {
  if (y == x + 8) for (let p = 0; p < k; ++p, to += pitch, x += along) v128.store(to, v128.load(x));
  else
    for (let p = 0; p < k; ++p, to += pitch, x += along, y += along)
      v128.store(to, v128.load64_lane(y, v128.load64_zero(x), 1));
}

function packOne(to: usize, pitch: usize, x: usize, along: i32, k: i32): void {
  for (let p = 0; p < k; ++p, to += pitch, x += along) store<f64>(to, load<f64>(x));
}
