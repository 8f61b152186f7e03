/** Rows of 8 doubles, the last of which are 0 where there are fewer columns. */
export function copyPanel(to: usize, from: usize, row: i32, m: i32, n: i32): void {
  const bytes = (<usize>n) << 3;
  for (let i = 0; i < m; ++i, to += 64, from += row) {
    if (n < 8) memory.fill(to, 0, 64);
    memory.copy(to, from, bytes);
  }
}

/** Puts the first n of each 8 doubles back where they came from. */
export function copyBack(from: usize, to: usize, row: i32, m: i32, n: i32): void {
  for (let i = 0; i < m; ++i, to += row, from += 64) memory.copy(to, from, (<usize>n) << 3);
}
