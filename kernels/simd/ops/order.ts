/** Elements of a row up to which insertion beats a sort by digits. */
const SHORT: i32 = 64;
/** First elements up to which one pass over a row beats sorting it. */
const FEW: i32 = 32;
/** Elements from which digits of 11 bits beat those of 8. */
const LONG: i32 = 4096;

/** Bytes of the scratch memory that `argsort` needs for rows of this length. */
export function argsortScratch(length: i32): i32 {
  return (length << 4) + 3 * 2048 * 4;
}

/**
 * The first places out[o,first,i] that sort x[o,length,i] along its middle axis; stable, NaN above
 * all. What is sorted are pairs of a key and a place, as one number each.
 */
export function argsort(
  x: usize,
  out: usize,
  outer: i32,
  length: i32,
  inner: i32,
  first: i32,
  integers: bool,
  descending: bool,
  scratch: usize,
): void {
  const spare = scratch + ((<usize>length) << 3);
  const counts = spare + ((<usize>length) << 3);
  const step = (<usize>inner) << 2;
  for (let o = 0; o < outer; ++o, x += <usize>length * step, out += <usize>first * step)
    for (let i = 0; i < inner; ++i) {
      const column = (<usize>i) << 2;
      let sorted = scratch;
      if (length <= SHORT || first <= FEW) firstOf(scratch, first, x + column, length, step, integers, descending);
      else {
        for (let k = 0; k < length; ++k)
          store<u64>(scratch + ((<usize>k) << 3), pairAt(x + column + <usize>k * step, k, integers, descending));
        sorted = byDigits(scratch, spare, counts, length);
      }
      for (let k = 0, to = out + column; k < first; ++k, to += step)
        store<i32>(to, load<i32>(sorted + ((<usize>k) << 3)));
    }
}

/** A key that is ordered as the element is, zeros alike and NaN above all, over a place. */
function pairAt(at: usize, place: i32, integers: bool, descending: bool): u64 {
  let key = load<u32>(at);
  if (integers) key ^= 0x80000000;
  else {
    const value = load<f32>(at);
    if (value != value) key = 0xffffffff;
    else if (value == 0) key = 0x80000000;
    else key ^= (<u32>((<i32>key) >> 31)) | 0x80000000;
  }
  if (descending) key = ~key;
  return ((<u64>key) << 32) | (<u64>place);
}

/** The first pairs of a column in order, by one pass that keeps those so far. */
function firstOf(to: usize, first: i32, x: usize, length: i32, step: usize, integers: bool, descending: bool): void {
  let end = to;
  const full = to + ((<usize>first) << 3);
  for (let k = 0; k < length; ++k, x += step) {
    const pair = pairAt(x, k, integers, descending);
    if (end < full) end += 8;
    else if (first == 0 || pair > load<u64>(full - 8)) continue;
    let at = end - 8;
    for (; at > to; at -= 8) {
      const other = load<u64>(at - 8);
      if (other < pair) break;
      store<u64>(at, other);
    }
    store<u64>(at, pair);
  }
}

/** Sorts pairs digit by digit, the lowest of the keys first; where they lie then. */
function byDigits(pairs: usize, spare: usize, counts: usize, length: i32): usize {
  const bits = length < LONG ? 8 : 11;
  const digits = length < LONG ? 4 : 3;
  const table = (<usize>4) << bits;
  const mask = (1 << bits) - 1;
  const end = (<usize>length) << 3;
  memory.fill(counts, 0, <usize>digits * table);
  for (let at: usize = 0; at < end; at += 8) {
    let key = load<u32>(pairs + at, 4);
    for (let d = 0, own = counts; d < digits; ++d, own += table, key >>= bits) {
      const slot = own + ((<usize>(key & mask)) << 2);
      store<u32>(slot, load<u32>(slot) + 1);
    }
  }
  for (let d = 0; d < digits; ++d, counts += table) {
    const shift = <u64>(32 + d * bits);
    if (load<u32>(counts + (((<usize>(load<u64>(pairs) >> shift)) & mask) << 2)) == <u32>length) continue;
    let before: u32 = 0;
    for (let slot = counts; slot < counts + table; slot += 4) {
      const count = load<u32>(slot);
      store<u32>(slot, before);
      before += count << 3;
    }
    for (let at = pairs; at < pairs + end; at += 8) {
      const pair = load<u64>(at);
      const slot = counts + (((<usize>(pair >> shift)) & mask) << 2);
      const to = load<u32>(slot);
      store<u32>(slot, to + 8);
      store<u64>(spare + to, pair);
    }
    const sorted = spare;
    spare = pairs;
    pairs = sorted;
  }
  return pairs;
}
