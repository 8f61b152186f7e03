import type { Product } from './product.js';

/** Threads along each side of a workgroup: 256 in all, the most that every adapter has. */
export const SIDE = 16;
/** Terms that are in workgroup memory at a time. */
export const STEP = 16;

/** How a product is divided among workgroups and threads. */
export interface Tiling {
  /** Rows and columns of the sums that a thread holds. */
  readonly high: number;
  readonly wide: number;
  /** Of one slice of the sums; how many slices there are, and of how many terms. */
  readonly tiles: number;
  readonly slices: number;
  readonly part: number;
}

/**
 * The WGSL of a product. A workgroup finds its tile and its slice. Then, for each STEP of terms,
 * its threads fetch the tile's rows of the left operand into `a`, and its columns of the right one
 * into `b`. Each thread adds to its own sums `c`: thread (tx, ty) has every 16th row from ty on,
 * and every 16th column from tx on.
 */
export const shaderOf = (product: Product, tiling: Tiling): string => `${declarations(product, tiling)}
@compute @workgroup_size(${SIDE}, ${SIDE})
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
${findTile(product, tiling)}
${eachSum(tiling, (i, j) => `  var c${i}${j} = 0.0;`)}
  for (var start = slice * part; start < end; start += ${STEP}) {
${fetchLeft(product, tiling)}
${fetchRight(product, tiling)}
    workgroupBarrier();
${product.right.gaps ? addWithGaps(tiling) : add(tiling)}
    workgroupBarrier();
  }
${store(product, tiling)}
}
`;

/** Rows and columns of a tile. */
const tileOf = ({ high, wide }: Tiling): readonly [tall: number, broad: number] => [high * SIDE, wide * SIDE];

function declarations({ rows, columns, depth, left, right, place, constants }: Product, tiling: Tiling): string {
  const { tiles, slices, part } = tiling;
  const [tall, broad] = tileOf(tiling);
  const across = Math.ceil(columns / broad);
  const all = { ...constants, rows, columns, depth, tiles, slices, part, across };
  return `${lines(Object.entries(all), ([name, value]) => `const ${name} = ${value}i;`)}
@group(0) @binding(0) var<storage, read> x0: array<f32>;
@group(0) @binding(1) var<storage, read> x1: array<f32>;
@group(0) @binding(2) var<storage, read_write> z: array<f32>;
var<workgroup> a: array<f32, ${STEP * tall}>;
var<workgroup> b: array<f32, ${STEP * broad}>;
var<workgroup> odd: atomic<u32>;

fn leftAt(batch: i32, row: i32, p: i32) -> i32 { ${left.at} }
fn rightAt(batch: i32, p: i32, column: i32) -> i32 { ${right.at} }
fn place(batch: i32, row: i32, column: i32) -> i32 { ${place} }
`;
}

/** Which tile of which batch this workgroup makes, and which terms it adds up. */
function findTile({ batches }: Product, tiling: Tiling): string {
  const [tall, broad] = tileOf(tiling);
  const perBatch = tiling.tiles / batches;
  return `  let task = i32(group.x + group.y * groups.x);
  let slice = task / tiles;
  if (slice >= slices) { return; }
  let tile = task % tiles;
  let batch = tile / ${perBatch};
  let top = (tile % ${perBatch}) / across * ${tall};
  let side = (tile % ${perBatch}) % across * ${broad};
  let tx = i32(local.x);
  let ty = i32(local.y);
  let thread = ty * ${SIDE} + tx;
  let end = min(depth, (slice + 1) * part);`;
}

/**
 * Brings STEP terms of the tile's rows into `a`; neighbours in memory go to neighbouring threads.
 * `odd` tells of infinities and NaN among them.
 */
function fetchLeft({ left, right }: Product, tiling: Tiling): string {
  const [tall] = tileOf(tiling);
  return `    for (var e = thread; e < ${STEP * tall}; e += ${SIDE * SIDE}) {
      let p = ${left.deep ? `e % ${STEP}` : `e / ${tall}`};
      let i = ${left.deep ? `e / ${STEP}` : `e % ${tall}`};
      var v = 0.0;
      if (top + i < rows && start + p < end) { v = x${left.argument}[leftAt(batch, top + i, start + p)]; }
      a[p * ${tall} + i] = v;
${right.gaps ? '      if ((bitcast<u32>(v) & 0x7f800000u) == 0x7f800000u) { atomicStore(&odd, 1u); }\n' : ''}    }`;
}

/** Brings STEP terms of the tile's columns into `b`; what is not there is 0. */
function fetchRight({ right }: Product, tiling: Tiling): string {
  const [, broad] = tileOf(tiling);
  return `    for (var e = thread; e < ${STEP * broad}; e += ${SIDE * SIDE}) {
      let p = ${right.deep ? `e % ${STEP}` : `e / ${broad}`};
      let j = ${right.deep ? `e / ${STEP}` : `e % ${broad}`};
      var v = 0.0;
      if (side + j < columns && start + p < end) {
        let at = rightAt(batch, start + p, side + j);
        ${right.gaps ? 'if (at >= 0) { v = ' : 'v = '}x${right.argument}[at];${right.gaps ? ' }' : ''}
      }
      b[p * ${broad} + j] = v;
    }`;
}

/** Adds the terms in workgroup memory to the sums. */
function add(tiling: Tiling): string {
  const { high, wide } = tiling;
  const [tall, broad] = tileOf(tiling);
  return `
    for (var p = 0; p < ${STEP}; p++) {
${lines(upTo(high), (i) => `      let a${i} = a[p * ${tall} + ty + ${i * SIDE}];`)}
${lines(upTo(wide), (j) => `      let b${j} = b[p * ${broad} + tx + ${j * SIDE}];`)}
${eachSum(tiling, (i, j) => `      c${i}${j} += a${i} * b${j};`)}
    }`;
}

/**
 * As `add`; but once the left operand holds infinities or NaN, which make more than 0 of a 0, terms
 * without a right element are left out one by one.
 */
function addWithGaps(tiling: Tiling): string {
  const [tall, broad] = tileOf(tiling);
  const term = (i: number, j: number): string =>
    `a[p * ${tall} + ty + ${i * SIDE}] * b[p * ${broad} + tx + ${j * SIDE}]`;
  return `
    if (atomicLoad(&odd) == 0u) {${add(tiling)}
    } else {
      for (var p = 0; p < min(${STEP}, end - start); p++) {
${lines(upTo(tiling.wide), (j) => `        let at${j} = rightAt(batch, start + p, side + tx + ${j * SIDE});`)}
${eachSum(tiling, (i, j) => `        if (at${j} >= 0) { c${i}${j} += ${term(i, j)}; }`)}
      }
    }`;
}

/** Writes the sums where the result has an element for them. */
function store({ batches }: Product, tiling: Tiling): string {
  return `  let sliceAt = slice * ${batches} * rows * columns;
${eachSum(tiling, (i, j) => {
  const [row, column] = [`top + ty + ${i * SIDE}`, `side + tx + ${j * SIDE}`];
  return `  if (${row} < rows && ${column} < columns) { z[sliceAt + place(batch, ${row}, ${column})] = c${i}${j}; }`;
})}`;
}

/** A line for each sum of a thread. */
const eachSum = ({ high, wide }: Tiling, line: (i: number, j: number) => string): string =>
  lines(upTo(high), (i) => lines(upTo(wide), (j) => line(i, j)));

const lines = <T>(xs: readonly T[], line: (x: T) => string): string => xs.map(line).join('\n');

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
