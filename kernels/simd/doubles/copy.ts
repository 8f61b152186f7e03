/** Columns of a turned matrix that are read at once: a line of a cache. */
const LINE: i32 = 8;

/** The number at an address. */
function numberAt(at: usize, single: bool): f64 {
  return single ? <f64>load<f32>(at) : load<f64>(at);
}

/** Row-major doubles of a matrix [m, n] whose rows and columns are so many bytes apart. */
export function copyMatrix(to: usize, from: usize, row: i32, col: i32, m: i32, n: i32, single: bool): void {
  const pitch = (<usize>n) << 3;
  if (!single && col == 8) {
    for (let i = 0; i < m; ++i, to += pitch, from += row) memory.copy(to, from, pitch);
    return;
  }
  // In bands of rows, so that a line of a turned matrix is read once.
  for (let top = 0; top < m; top += LINE) {
    const end = min(m, top + LINE);
    for (let j = 0; j < n; ++j) {
      let at = from + <usize>(top * row + j * col);
      let out = to + <usize>top * pitch + ((<usize>j) << 3);
      for (let i = top; i < end; ++i, at += row, out += pitch) store<f64>(out, numberAt(at, single));
    }
  }
}

/** So many row-major doubles, as float32 where `single`. */
export function copyOut(to: usize, from: usize, count: i32, single: bool): void {
  if (!single) memory.copy(to, from, (<usize>count) << 3);
  else for (let i = 0; i < count; ++i, to += 4, from += 8) store<f32>(to, <f32>load<f64>(from));
}

/** The upper triangle of (A + A') / 2 as doubles, row-major [n, n]. */
export function symmetricUpper(to: usize, from: usize, row: i32, col: i32, n: i32, single: bool): void {
  for (let top = 0; top < n; top += LINE) {
    const end = min(n, top + LINE);
    for (let j = top; j < n; ++j)
      for (let i = top, last = min(end, j + 1); i < last; ++i) {
        const here = numberAt(from + <usize>(i * row + j * col), single);
        const there = numberAt(from + <usize>(j * row + i * col), single);
        store<f64>(to + ((<usize>(i * n + j)) << 3), (here + there) * 0.5);
      }
  }
}

/** L = U' with zeros above its diagonal, of the upper triangle of row-major doubles [n, n]. */
export function lowerOf(to: usize, from: usize, n: i32, single: bool): void {
  const shift: usize = single ? 2 : 3;
  memory.fill(to, 0, (<usize>(n * n)) << shift);
  for (let left = 0; left < n; left += LINE) {
    const end = min(n, left + LINE);
    for (let i = left; i < n; ++i)
      for (let j = left, last = min(end, i + 1); j < last; ++j) {
        const v = load<f64>(from + ((<usize>(j * n + i)) << 3));
        const at = to + ((<usize>(i * n + j)) << shift);
        if (single) store<f32>(at, <f32>v);
        else store<f64>(at, v);
      }
  }
}
