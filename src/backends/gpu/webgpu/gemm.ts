import type { Shape } from '../../../core/shape.js';
import { layout } from '../../plan/layout.js';
import type { Launcher } from '../engine/launcher.js';
import type { Window } from '../engine/memory.js';
import { sumOver } from '../ops/reduce.js';
import type { Product } from './product.js';

const SIDE = 16; // threads along each side of a workgroup: 256, the most that every adapter has
const STEP = 16; // terms that are in workgroup memory at a time
const ENOUGH = 64; // workgroups that keep a GPU busy
const SLICE = 256; // terms below which a sum is not split

/** Multiplications for each workgroup: few of them leave most of its threads idle. */
export const workOf = (product: Product): number =>
  (product.rows * product.columns * product.depth * product.batches) / tilesOf(product);

const tilesOf = ({ batches, rows, columns }: Product): number =>
  batches * Math.ceil(rows / (perThread(rows) * SIDE)) * Math.ceil(columns / (perThread(columns) * SIDE));

/**
 * A product by one shader. A workgroup makes a tile of up to 64 by 64 elements, whose operands it
 * brings into its memory 16 terms at a time, so that each is read once for a whole tile; a thread
 * holds up to 4 by 4 sums. Where tiles are few and sums are long, the sums are split, and added up
 * afterwards.
 */
export function multiply(gpu: Launcher, product: Product, operands: readonly Window[], shape: Shape): Window {
  const { rows, columns, depth } = product;
  const [high, wide] = [perThread(rows), perThread(columns)];
  const tiles = tilesOf(product);
  const slices = Math.max(1, Math.min(Math.ceil(ENOUGH / tiles), Math.floor(depth / SLICE)));
  const part = Math.ceil(depth / slices / STEP) * STEP;
  const code = shader(product, { high, wide, tiles, slices, part });
  const groups = tiles * slices;
  if (slices === 1) return gpu.shader({ code, groups }, operands, shape);
  const parts = gpu.shader({ code, groups }, operands, [slices, ...shape]);
  return gpu.memory.window(sumOver(gpu, parts, [0]), layout(shape));
}

const perThread = (length: number): number => (length > 2 * SIDE ? 4 : length > SIDE ? 2 : 1);

interface Tiling {
  readonly high: number;
  readonly wide: number;
  /** Of one slice of the sums; how many slices there are, and of how many terms. */
  readonly tiles: number;
  readonly slices: number;
  readonly part: number;
}

function shader(
  { batches, rows, columns, depth, left, right, place, constants }: Product,
  { high, wide, tiles, slices, part }: Tiling,
): string {
  const [tall, broad] = [high * SIDE, wide * SIDE];
  const sums = grid(high, wide);
  const all = Object.entries({
    ...constants,
    rows,
    columns,
    depth,
    tiles,
    slices,
    part,
    across: Math.ceil(columns / broad),
  });
  const perBatch = tiles / batches;
  return `${all.map(([name, value]) => `const ${name} = ${value}i;`).join('\n')}
@group(0) @binding(0) var<storage, read> x0: array<f32>;
@group(0) @binding(1) var<storage, read> x1: array<f32>;
@group(0) @binding(2) var<storage, read_write> z: array<f32>;
var<workgroup> a: array<f32, ${STEP * tall}>;
var<workgroup> b: array<f32, ${STEP * broad}>;
var<workgroup> odd: atomic<u32>;

fn leftAt(batch: i32, row: i32, p: i32) -> i32 { ${left.at} }
fn rightAt(batch: i32, p: i32, column: i32) -> i32 { ${right.at} }
fn place(batch: i32, row: i32, column: i32) -> i32 { ${place} }

@compute @workgroup_size(${SIDE}, ${SIDE})
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
  let task = i32(group.x + group.y * groups.x);
  let slice = task / tiles;
  if (slice >= slices) { return; }
  let tile = task % tiles;
  let batch = tile / ${perBatch};
  let top = (tile % ${perBatch}) / across * ${tall};
  let side = (tile % ${perBatch}) % across * ${broad};
  let tx = i32(local.x);
  let ty = i32(local.y);
  let thread = ty * ${SIDE} + tx;
  let end = min(depth, (slice + 1) * part);
${sums.map(([i, j]) => `  var c${i}${j} = 0.0;`).join('\n')}
  for (var start = slice * part; start < end; start += ${STEP}) {
    for (var e = thread; e < ${STEP * tall}; e += ${SIDE * SIDE}) {
      let p = ${left.deep ? `e % ${STEP}` : `e / ${tall}`};
      let i = ${left.deep ? `e / ${STEP}` : `e % ${tall}`};
      var v = 0.0;
      if (top + i < rows && start + p < end) { v = x${left.argument}[leftAt(batch, top + i, start + p)]; }
      a[p * ${tall} + i] = v;
${right.gaps ? '      if ((bitcast<u32>(v) & 0x7f800000u) == 0x7f800000u) { atomicStore(&odd, 1u); }\n' : ''}    }
    for (var e = thread; e < ${STEP * broad}; e += ${SIDE * SIDE}) {
      let p = ${right.deep ? `e % ${STEP}` : `e / ${broad}`};
      let j = ${right.deep ? `e / ${STEP}` : `e % ${broad}`};
      var v = 0.0;
      if (side + j < columns && start + p < end) {
        let at = rightAt(batch, start + p, side + j);
        ${right.gaps ? 'if (at >= 0) { v = ' : 'v = '}x${right.argument}[at];${right.gaps ? ' }' : ''}
      }
      b[p * ${broad} + j] = v;
    }
    workgroupBarrier();
${right.gaps ? guarded(sums, tall, broad) : added(sums, high, wide, tall, broad)}
    workgroupBarrier();
  }
  let sliceAt = slice * ${batches} * rows * columns;
${sums.map(([i, j]) => `  if (top + ty + ${i * SIDE} < rows && side + tx + ${j * SIDE} < columns) { z[sliceAt + place(batch, top + ty + ${i * SIDE}, side + tx + ${j * SIDE})] = c${i}${j}; }`).join('\n')}
}
`;
}

const grid = (high: number, wide: number): [number, number][] =>
  count(high).flatMap((i) => count(wide).map((j): [number, number] => [i, j]));
const count = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Adds the terms in workgroup memory to the sums. */
const added = (sums: readonly [number, number][], high: number, wide: number, tall: number, broad: number): string => `
    for (var p = 0; p < ${STEP}; p++) {
${count(high)
  .map((i) => `      let a${i} = a[p * ${tall} + ty + ${i * SIDE}];`)
  .join('\n')}
${count(wide)
  .map((j) => `      let b${j} = b[p * ${broad} + tx + ${j * SIDE}];`)
  .join('\n')}
${sums.map(([i, j]) => `      c${i}${j} += a${i} * b${j};`).join('\n')}
    }`;

/**
 * As `added`; but once the left operand holds infinities or NaN, which make more than 0 of a 0,
 * terms without a right element are left out one by one.
 */
const guarded = (sums: readonly [number, number][], tall: number, broad: number): string => {
  const [high, wide] = sums.at(-1)!.map((last) => last + 1) as [number, number];
  return `
    if (atomicLoad(&odd) == 0u) {${added(sums, high, wide, tall, broad)}
    } else {
      for (var p = 0; p < min(${STEP}, end - start); p++) {
${count(wide)
  .map((j) => `        let at${j} = rightAt(batch, start + p, side + tx + ${j * SIDE});`)
  .join('\n')}
${sums.map(([i, j]) => `        if (at${j} >= 0) { c${i}${j} += a[p * ${tall} + ty + ${i * SIDE}] * b[p * ${broad} + tx + ${j * SIDE}]; }`).join('\n')}
      }
    }`;
};
