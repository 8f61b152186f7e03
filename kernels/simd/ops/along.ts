// Indices [outer, count, inner] point into [outer, length, inner] along the middle axis, and from
// its end where they are negative. Each kernel stops at the first index below `least` or beyond the
// axis, and gives back its place; -1 where there is none.

/** out[o,j,i] = x[o, indices[o,j,i], i] */
export function takeAlong(
  x: usize,
  indices: usize,
  out: usize,
  outer: i32,
  count: i32,
  inner: i32,
  length: i32,
  least: i32,
): i32 {
  let at = 0;
  for (let o = 0; o < outer; ++o, x += (<usize>(length * inner)) << 2)
    for (let j = 0; j < count; ++j)
      for (let i = 0; i < inner; ++i, ++at, indices += 4, out += 4) {
        let index = load<i32>(indices);
        if (index < least || index >= length) return at;
        if (index < 0) index += length;
        const from = x + ((<usize>(index * inner + i)) << 2);
        store<f32>(out, load<f32>(from));
      }
  return -1;
}

/** Its adjoint, into zeros: out[o, indices[o,j,i], i] += g[o,j,i] */
export function takeAlongAdjoint(
  g: usize,
  indices: usize,
  out: usize,
  outer: i32,
  count: i32,
  inner: i32,
  length: i32,
  least: i32,
): i32 {
  memory.fill(out, 0, (<usize>(outer * length * inner)) << 2);
  let at = 0;
  for (let o = 0; o < outer; ++o, out += (<usize>(length * inner)) << 2)
    for (let j = 0; j < count; ++j)
      for (let i = 0; i < inner; ++i, ++at, indices += 4, g += 4) {
        let index = load<i32>(indices);
        if (index < least || index >= length) return at;
        if (index < 0) index += length;
        const to = out + ((<usize>(index * inner + i)) << 2);
        store<f32>(to, load<f32>(to) + load<f32>(g));
      }
  return -1;
}

/** out[o, indices[o,j,i], i] = 1 + the last such j, and 0 where no index points. */
export function lastWrite(
  indices: usize,
  out: usize,
  outer: i32,
  count: i32,
  inner: i32,
  length: i32,
  least: i32,
): i32 {
  memory.fill(out, 0, (<usize>(outer * length * inner)) << 2);
  let at = 0;
  for (let o = 0; o < outer; ++o, out += (<usize>(length * inner)) << 2)
    for (let j = 0; j < count; ++j)
      for (let i = 0; i < inner; ++i, ++at, indices += 4) {
        let index = load<i32>(indices);
        if (index < least || index >= length) return at;
        if (index < 0) index += length;
        const to = out + ((<usize>(index * inner + i)) << 2);
        store<i32>(to, j + 1);
      }
  return -1;
}
