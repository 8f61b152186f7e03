// Indices [outer, count, inner] point into [outer, length, inner] along the middle axis, and from
// its end where they are negative. Each kernel stops at the first index below `least` or beyond the
// axis, and gives back its place; -1 where there is none.

/** Whether four indices are all on the axis. */
function onAxis(indices: v128, least: i32, length: i32): bool {
  return i32x4.all_true(i32x4.lt_u(i32x4.sub(indices, i32x4.splat(least)), i32x4.splat(length - least)));
}

/** Byte offsets of four elements in a row, from indices that are on the axis. */
function inRow(indices: v128, length: i32): v128 {
  const fromEnd = v128.and(i32x4.shr_s(indices, 31), i32x4.splat(length));
  return i32x4.shl(i32x4.add(indices, fromEnd), 2);
}

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
  for (let o = 0; o < outer; ++o, x += (<usize>(length * inner)) << 2) {
    let j = 0;
    if (inner == 1)
      for (; j + 4 <= count; j += 4, at += 4, indices += 16, out += 16) {
        const four = v128.load(indices);
        if (!onAxis(four, least, length)) break; // what follows tells which
        const from = inRow(four, length);
        store<u32>(out, load<u32>(x + i32x4.extract_lane(from, 0)));
        store<u32>(out, load<u32>(x + i32x4.extract_lane(from, 1)), 4);
        store<u32>(out, load<u32>(x + i32x4.extract_lane(from, 2)), 8);
        store<u32>(out, load<u32>(x + i32x4.extract_lane(from, 3)), 12);
      }
    for (; j < count; ++j)
      for (let i = 0; i < inner; ++i, ++at, indices += 4, out += 4) {
        let index = load<i32>(indices);
        if (index < least || index >= length) return at;
        if (index < 0) index += length;
        const from = x + ((<usize>(index * inner + i)) << 2);
        store<f32>(out, load<f32>(from));
      }
  }
  return -1;
}

function addTo(sum: usize, x: usize): void {
  store<f32>(sum, load<f32>(sum) + load<f32>(x));
}

/** Its adjoint, which begins at zeros: out[o, indices[o,j,i], i] += g[o,j,i] */
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
  for (let o = 0; o < outer; ++o, out += (<usize>(length * inner)) << 2) {
    let j = 0;
    if (inner == 1)
      for (; j + 4 <= count; j += 4, at += 4, indices += 16, g += 16) {
        const four = v128.load(indices);
        if (!onAxis(four, least, length)) break;
        const to = inRow(four, length);
        addTo(out + i32x4.extract_lane(to, 0), g);
        addTo(out + i32x4.extract_lane(to, 1), g + 4);
        addTo(out + i32x4.extract_lane(to, 2), g + 8);
        addTo(out + i32x4.extract_lane(to, 3), g + 12);
      }
    for (; j < count; ++j)
      for (let i = 0; i < inner; ++i, ++at, indices += 4, g += 4) {
        let index = load<i32>(indices);
        if (index < least || index >= length) return at;
        if (index < 0) index += length;
        const to = out + ((<usize>(index * inner + i)) << 2);
        addTo(to, g);
      }
  }
  return -1;
}

/** out = x, and then out[o, indices[o,j,i], i] = values[o,j,i] */
export function scatterSet(
  x: usize,
  indices: usize,
  values: usize,
  out: usize,
  outer: i32,
  count: i32,
  inner: i32,
  length: i32,
  least: i32,
): i32 {
  memory.copy(out, x, (<usize>(outer * length * inner)) << 2);
  let at = 0;
  for (let o = 0; o < outer; ++o, out += (<usize>(length * inner)) << 2)
    for (let j = 0; j < count; ++j)
      for (let i = 0; i < inner; ++i, ++at, indices += 4, values += 4) {
        let index = load<i32>(indices);
        if (index < least || index >= length) return at;
        if (index < 0) index += length;
        const to = out + ((<usize>(index * inner + i)) << 2);
        store<u32>(to, load<u32>(values));
      }
  return -1;
}

/**
 * out[o,j,i] = g[o, indices[o,j,i], i] where no later j points there, else 0; `writers` is room for
 * [length, inner] addresses.
 */
export function takeWritten(
  g: usize,
  indices: usize,
  out: usize,
  writers: usize,
  outer: i32,
  count: i32,
  inner: i32,
  length: i32,
  least: i32,
): i32 {
  let at = 0;
  for (let o = 0; o < outer; ++o, g += (<usize>(length * inner)) << 2) {
    memory.fill(writers, 0, (<usize>(length * inner)) << 2);
    for (let j = 0; j < count; ++j)
      for (let i = 0; i < inner; ++i, ++at, indices += 4, out += 4) {
        let index = load<i32>(indices);
        if (index < least || index >= length) return at;
        if (index < 0) index += length;
        const target = (<usize>(index * inner + i)) << 2;
        const before = load<usize>(writers + target);
        if (before > 0) store<u32>(before, 0);
        store<u32>(out, load<u32>(g + target));
        store<usize>(writers + target, out);
      }
  }
  return -1;
}
