import assert from 'node:assert/strict';
import { createSimd, regionOf, type Alloc, type Simd } from '../../../../src/backends/cpu/simd/wasm/instance.js';
import type { Pointer } from '../../../../src/backends/cpu/simd/wasm/kernels.js';
import { supports } from '../../../../src/backends/cpu/simd/wasm/build.js';

/** An instance of every build that this engine takes. */
export const instances: readonly Simd[] = (['simd128', 'relaxed'] as const)
  .filter(supports)
  .map((build) => createSimd(build));

const GUARD = 16; // elements on either side of an operand
const SENTINEL = 0x7fc0beef; // a NaN, so that whatever is computed from it shows

/** Memory in which every operand lies between sentinels. */
export interface Guarded {
  readonly alloc: Alloc;
  /** A copy of `data`, at an address that only float32 alignment holds for. */
  put(data: ArrayLike<number>): Pointer;
  putInts(data: ArrayLike<number>): Pointer;
  /** What now lies where `put` put `count` elements. */
  get(at: Pointer, count: number): number[];
  getInts(at: Pointer, count: number): number[];
  /** Asserts that no sentinel has changed. */
  check(): void;
}

export function guarded(simd: Simd): Guarded {
  const region = regionOf(simd);
  const guards: Pointer[] = [];
  const guard = (bytes: number): void => {
    const at = region.alloc(bytes);
    simd.i32().fill(SENTINEL, at / 4, (at + bytes) / 4);
    for (let i = 0; i < bytes; i += 4) guards.push(at + i);
  };
  const place = (count: number): Pointer => {
    guard(4 * GUARD);
    const at = region.alloc(4 * (count + GUARD)) + 4; // one sentinel before it
    simd.i32().fill(SENTINEL, at / 4 - 1, at / 4 + count + GUARD - 1);
    guards.push(at - 4);
    for (let i = 0; i < GUARD - 1; i++) guards.push(at + 4 * (count + i));
    return at;
  };
  return {
    alloc: (bytes) => {
      guard(4 * GUARD);
      const at = region.alloc(bytes);
      simd.i32().fill(SENTINEL, at / 4, at / 4 + Math.ceil(bytes / 16) * 4);
      return at;
    },
    put: (data) => {
      const at = place(data.length);
      simd.f32().set(data, at / 4);
      return at;
    },
    putInts: (data) => {
      const at = place(data.length);
      simd.i32().set(data, at / 4);
      return at;
    },
    get: (at, count) => Array.from(simd.f32().subarray(at / 4, at / 4 + count)),
    getInts: (at, count) => Array.from(simd.i32().subarray(at / 4, at / 4 + count)),
    check: () => {
      const words = simd.i32();
      for (const at of guards) assert.equal(words[at / 4], SENTINEL, `a kernel wrote outside its operands, at ${at}`);
    },
  };
}

/** Asserts equal numbers, each to within `tolerance` of its own size; NaN equals NaN. */
export function same(got: readonly number[], expected: readonly number[], tolerance = 0, what = ''): void {
  assert.equal(got.length, expected.length);
  got.forEach((x, i) => {
    const y = expected[i]!;
    if (x === y || (x !== x && y !== y)) return;
    assert.ok(Math.abs(x - y) <= tolerance * Math.abs(y), `${what} element ${i}: expected ${y}, got ${x}`);
  });
}
