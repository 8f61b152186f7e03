import { gather, layout, scatter, TOGETHER } from './vector';

/**
 * Puts the part of a tile that lies inside C where the tables say, or adds it to what is there: row
 * by row, since rows may overlap.
 */
export function writeTile(
  tile: usize,
  c: usize,
  cRow: usize,
  cCol: usize,
  rows: i32,
  columns: i32,
  accumulate: bool,
): void {
  for (let j = 0; j < columns; j += 4, cCol += 16, tile += 16) {
    const left = columns - j;
    const t0 = load<i32>(cCol);
    if (left < 4) {
      for (let i = 0; i < rows; ++i) {
        const row = c + load<i32>(cRow + ((<usize>i) << 2));
        for (let l = 0; l < left; ++l) {
          const to = row + load<i32>(cCol + ((<usize>l) << 2));
          const v = load<f32>(tile + ((<usize>i) << 5) + ((<usize>l) << 2));
          store<f32>(to, accumulate ? load<f32>(to) + v : v);
        }
      }
      return;
    }
    const t1 = load<i32>(cCol, 4),
      t2 = load<i32>(cCol, 8),
      t3 = load<i32>(cCol, 12);
    const how = layout(t0, t1, t2, t3);
    if (how == TOGETHER) {
      const to = c + t0;
      if (accumulate)
        for (let i = 0; i < rows; ++i) {
          const at = to + load<i32>(cRow + ((<usize>i) << 2));
          v128.store(at, f32x4.add(v128.load(at), v128.load(tile + ((<usize>i) << 5))));
        }
      else
        for (let i = 0; i < rows; ++i)
          v128.store(to + load<i32>(cRow + ((<usize>i) << 2)), v128.load(tile + ((<usize>i) << 5)));
      continue;
    }
    for (let i = 0; i < rows; ++i) {
      const row = c + load<i32>(cRow + ((<usize>i) << 2));
      const v = v128.load(tile + ((<usize>i) << 5));
      scatter(row, how, t0, t1, t2, t3, accumulate ? f32x4.add(gather(row, how, t0, t1, t2, t3), v) : v);
    }
  }
}
