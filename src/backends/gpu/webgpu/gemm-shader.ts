import { declarePanel, fetch, findLines, keep, lineOf, panelsOf, type Panel } from './panel.js';
import type { Product } from './product.js';
import { tileOf, type Tiling } from './tiling.js';
import { component, eachOf, lines, upTo, vector } from './wgsl.js';

/**
 * The WGSL of a product. A workgroup finds its tile and its slice. Then, for each step of terms,
 * its threads bring the tile's rows of the left operand into `a`, and its columns of the right one
 * into `b`. Each thread adds to its own sums: those of its vectors of rows and of columns. It
 * fetches its elements of the next step before it multiplies those in workgroup memory.
 */
export function shaderOf(product: Product, tiling: Tiling): string {
  const panels = panelsOf(product, tiling);
  const { step } = tiling;
  const fetchFrom = (start: string): string => lines(panels, (panel) => fetch(panel, start));
  return `${declarations(product, tiling, panels)}
@compute @workgroup_size(${tiling.across}, ${tiling.down})
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {
${findTile(product, tiling)}
${lines(panels, findLines)}
${eachSum(panels, (name, type) => `  var ${name} = ${type}();`)}
${fetchFrom('begin')}
  for (var start = begin; start < end; start += ${step}) {
${lines(panels, keep)}
    workgroupBarrier();
    let next = start + ${step};
    if (next < end) {
${fetchFrom('next')}
    }
${product.right.at ? addWithGaps(panels) : add(panels)}
    workgroupBarrier();
  }
${store(product, panels)}
}
`;
}

type Panels = readonly [a: Panel, b: Panel];

function declarations(product: Product, tiling: Tiling, [a, b]: Panels): string {
  const { rows, columns, depth, place, constants } = product;
  const { tiles, slices, part } = tiling;
  const [, broad] = tileOf(tiling);
  const all = { ...constants, rows, columns, depth, tiles, slices, part, beside: Math.ceil(columns / broad) };
  const elements = (fours: boolean): string => `array<${vector(fours ? 4 : 1, 'f32')}>`;
  const [x0, x1] = a.side.argument === 0 ? [a, b] : [b, a];
  return `${lines(Object.entries(all), ([name, value]) => `const ${name} = ${value}i;`)}
@group(0) @binding(0) var<storage, read> x0: ${elements(x0.fours)};
@group(0) @binding(1) var<storage, read> x1: ${elements(x1.fours)};
@group(0) @binding(2) var<storage, read_write> z: ${elements(storesFours(product, b))};
${product.right.at ? 'var<workgroup> odd: atomic<u32>;' : ''}
${lines([a, b], declarePanel)}
fn place(batch: i32, row: i32, column: i32) -> i32 { return ${place}; }
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
  let above = (tile % ${perBatch}) / beside * ${tall};
  let before = (tile % ${perBatch}) % beside * ${broad};
  let tx = i32(local.x);
  let ty = i32(local.y);
  let thread = ty * ${tiling.across} + tx;
  let begin = slice * part;
  let end = min(depth, begin + part);`;
}

/** Adds the terms in workgroup memory to the sums. */
const add = ([a, b]: Panels): string => `
    for (var p = 0; p < ${a.step}; p++) {
${lines([a, b], take)}
${eachSum([a, b], (name, _, row, j) => `      ${name} += ${row} * b${j};`)}
    }`;

/**
 * As `add`; but once the left operand holds infinities or NaN, which make more than 0 of a 0, terms
 * without a right element are left out.
 */
const addWithGaps = ([a, b]: Panels): string => `
    if (atomicLoad(&odd) == 0u) {${add([a, b])}
    } else {
    for (var p = 0; p < ${a.step}; p++) {
${lines([a, b], take)}
${lines(upTo(b.each), (j) => `      let there${j} = ${isThere(b, j)};`)}
${eachSum([a, b], (name, type, row, j) => `      ${name} += select(${type}(), ${row} * b${j}, there${j});`)}
    }
    }`;

/** Which columns of a vector have an element. */
const isThere = ({ lanes, threads }: Panel, j: number): string => {
  const bits = vector(lanes, 'u32');
  return `(${bits}(there[p][tx + ${j * threads}]) & ${bits}(${upTo(lanes)
    .map((lane) => 2 ** lane)
    .join(', ')})) != ${bits}()`;
};

/** A thread's vectors of a term. */
const take = ({ name, place, threads, each }: Panel): string =>
  lines(upTo(each), (i) => `      let ${name}${i} = ${name}[p][${place} + ${i * threads}];`);

/** Whether the result is written in vectors. */
const storesFours = ({ fours }: Product, { adjacent, lanes }: Panel): boolean => fours && adjacent && lanes === 4;

/** Writes the sums where the result has an element for them. */
function store(product: Product, [a, b]: Panels): string {
  const fours = storesFours(product, b);
  const loads = upTo(fours ? 1 : b.lanes);
  return `  let sliceAt = slice * ${product.batches} * rows * columns;
${lines(upTo(b.each), (j) =>
  lines(loads, (lane) => `  let column${j}${lane} = before + ${lineOf(b, `tx + ${j * b.threads}`, lane)};`),
)}
${eachOf(upTo(a.each), upTo(a.lanes), (i, k) => {
  const row = `above + ${lineOf(a, `ty + ${i * a.threads}`, k)}`;
  return `  if (${row} < rows) {
${eachOf(upTo(b.each), loads, (j, lane) => {
  const [at, name] = [`sliceAt + place(batch, ${row}, column${j}${lane})`, `c${i * a.lanes + k}${j}`];
  const put = fours ? `z[(${at}) / 4] = ${name}` : `z[${at}] = ${component(name, lane, b.lanes)}`;
  return `    if (column${j}${lane} < columns) { ${put}; }`;
})}
  }`;
})}`;
}

/** A line for each vector of sums: its name, type, row's element, and number of its columns. */
const eachSum = ([a, b]: Panels, line: (name: string, type: string, row: string, j: number) => string): string =>
  eachOf(upTo(a.each * a.lanes), upTo(b.each), (i, j) =>
    line(`c${i}${j}`, vector(b.lanes, 'f32'), component(`a${Math.floor(i / a.lanes)}`, i % a.lanes, a.lanes), j),
  );
