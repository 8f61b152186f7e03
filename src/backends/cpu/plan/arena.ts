/**
 * A buffer's size, and the steps from the one that first writes it to the one that last reads it.
 */
export interface Lifetime {
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
}
/** Byte offsets of buffers, and the bytes they take in all. */
export interface Layout {
  readonly offsets: readonly number[];
  readonly bytes: number;
}

const ALIGN = 64; // a cache line

/**
 * Places buffers so that those alive at the same time do not overlap: the largest first, each at
 * the lowest gap that holds it.
 */
export function arrange(lives: readonly Lifetime[]): Layout {
  const offsets = new Array<number>(lives.length).fill(0);
  const placed: number[] = []; // in order of their offsets
  let bytes = 0;
  for (const i of [...lives.keys()].sort((a, b) => lives[b]!.bytes - lives[a]!.bytes)) {
    const { bytes: size, first, last } = lives[i]!;
    if (size === 0) continue;
    let at = 0;
    for (const j of placed) {
      if (offsets[j]! >= at + size) break;
      if (lives[j]!.first > last || first > lives[j]!.last) continue;
      at = Math.max(at, Math.ceil((offsets[j]! + lives[j]!.bytes) / ALIGN) * ALIGN);
    }
    offsets[i] = at;
    placed.splice(firstBeyond(placed, offsets, at), 0, i);
    bytes = Math.max(bytes, at + size);
  }
  return { offsets, bytes };
}

/**
 * As `arrange`; of each of `pairs`, the first buffer lies where the second does, which is kept free
 * for both. No first one is the second of an earlier pair.
 */
export function arrangeShared(lives: readonly Lifetime[], pairs: readonly (readonly [number, number])[]): Layout {
  const host = lives.map((_, i) => i);
  const joined = [...lives];
  for (const [guest, at] of pairs) {
    const to = host[at]!;
    const [x, y] = [lives[guest]!, joined[to]!];
    joined[to] = {
      bytes: Math.max(x.bytes, y.bytes),
      first: Math.min(x.first, y.first),
      last: Math.max(x.last, y.last),
    };
    joined[guest] = { bytes: 0, first: -1, last: -1 };
    host[guest] = to;
  }
  const { offsets, bytes } = arrange(joined);
  return { offsets: host.map((i) => offsets[i]!), bytes };
}

/** Where in `placed` a buffer at offset `at` belongs. */
function firstBeyond(placed: readonly number[], offsets: readonly number[], at: number): number {
  let [from, to] = [0, placed.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (offsets[placed[middle]!]! <= at) from = middle + 1;
    else to = middle;
  }
  return from;
}
