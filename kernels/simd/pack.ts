import { APART, gather, layout, TOGETHER } from './vector';

/**
 * Packs `lanes` (3 to 6, or 8) vectors of `k` elements side by side: to[p * lanes + i] is the
 * element at from + across[i] + along[p] bytes. Of fewer than `lanes` vectors the last is repeated:
 * what is computed from the repeats is never stored.
 */
export function packPanel(to: usize, lanes: i32, from: usize, across: usize, count: i32, along: usize, k: i32): void {
  const pitch = (<usize>lanes) << 2;
  for (let i = 0; i < lanes; i += 4) {
    const t0 = at(across, i, count);
    const t1 = at(across, i + 1, count);
    if (lanes - i == 1) packOne(to + 16, pitch, from, t0, along, k);
    else if (lanes - i == 2) packTwo(to + 16, pitch, from, t0, t1, along, k);
    else
      packFour(
        to + ((<usize>i) << 2),
        pitch,
        from,
        t0,
        t1,
        at(across, i + 2, count),
        at(across, i + 3, count),
        along,
        k,
      );
  }
}

function at(table: usize, i: i32, count: i32): i32 {
  return load<i32>(table + ((<usize>(i < count ? i : count - 1)) << 2));
}

function packFour(
  to: usize,
  pitch: usize,
  from: usize,
  t0: i32,
  t1: i32,
  t2: i32,
  t3: i32,
  along: usize,
  k: i32,
): void {
  const end = along + ((<usize>k) << 2);
  const how = layout(t0, t1, t2, t3);
  if (how == TOGETHER) {
    from += t0;
    for (; along < end; along += 4, to += pitch) v128.store(to, v128.load(from + load<i32>(along)));
    return;
  }
  if (how != APART) {
    for (; along < end; along += 4, to += pitch) v128.store(to, gather(from + load<i32>(along), how, t0, t1, t2, t3));
    return;
  }
  // Nothing adjoins across: read four elements along each vector instead, and transpose.
  for (; along + 16 <= end; along += 16) {
    const u0 = load<i32>(along);
    const u1 = load<i32>(along, 4);
    const u2 = load<i32>(along, 8);
    const u3 = load<i32>(along, 12);
    const run = layout(u0, u1, u2, u3);
    const r0 = gather(from + t0, run, u0, u1, u2, u3);
    const r1 = gather(from + t1, run, u0, u1, u2, u3);
    const r2 = gather(from + t2, run, u0, u1, u2, u3);
    const r3 = gather(from + t3, run, u0, u1, u2, u3);
    const a = v128.shuffle<i32>(r0, r1, 0, 4, 1, 5);
    const b = v128.shuffle<i32>(r2, r3, 0, 4, 1, 5);
    const c = v128.shuffle<i32>(r0, r1, 2, 6, 3, 7);
    const d = v128.shuffle<i32>(r2, r3, 2, 6, 3, 7);
    v128.store(to, v128.shuffle<i64>(a, b, 0, 2));
    to += pitch;
    v128.store(to, v128.shuffle<i64>(a, b, 1, 3));
    to += pitch;
    v128.store(to, v128.shuffle<i64>(c, d, 0, 2));
    to += pitch;
    v128.store(to, v128.shuffle<i64>(c, d, 1, 3));
    to += pitch;
  }
  for (; along < end; along += 4, to += pitch) v128.store(to, gather(from + load<i32>(along), APART, t0, t1, t2, t3));
}

function packTwo(to: usize, pitch: usize, from: usize, t0: i32, t1: i32, along: usize, k: i32): void {
  const end = along + ((<usize>k) << 2);
  if (t1 == t0 + 4) {
    from += t0;
    for (; along < end; along += 4, to += pitch) store<u64>(to, load<u64>(from + load<i32>(along)));
    return;
  }
  for (; along + 16 <= end; along += 16) {
    const u0 = load<i32>(along);
    const u1 = load<i32>(along, 4);
    const u2 = load<i32>(along, 8);
    const u3 = load<i32>(along, 12);
    const run = layout(u0, u1, u2, u3);
    const r0 = gather(from + t0, run, u0, u1, u2, u3);
    const r1 = gather(from + t1, run, u0, u1, u2, u3);
    const a = v128.shuffle<i32>(r0, r1, 0, 4, 1, 5);
    const c = v128.shuffle<i32>(r0, r1, 2, 6, 3, 7);
    v128.store64_lane(to, a, 0);
    to += pitch;
    v128.store64_lane(to, a, 1);
    to += pitch;
    v128.store64_lane(to, c, 0);
    to += pitch;
    v128.store64_lane(to, c, 1);
    to += pitch;
  }
  for (; along < end; along += 4, to += pitch) {
    const row = from + load<i32>(along);
    store<f32>(to, load<f32>(row + t0));
    store<f32>(to, load<f32>(row + t1), 4);
  }
}

function packOne(to: usize, pitch: usize, from: usize, t0: i32, along: usize, k: i32): void {
  from += t0;
  for (const end = along + ((<usize>k) << 2); along < end; along += 4, to += pitch)
    store<f32>(to, load<f32>(from + load<i32>(along)));
}
