import type { Product, Side } from './product.js';
import type { Tiling } from './tiling.js';
import { component, eachOf, lines, upTo, vector } from './wgsl.js';

/**
 * The part of an operand that is in workgroup memory at a time, `step` terms of a tile's rows or
 * columns: `name[p][t]` holds `lanes` of them, and threads fetch it as vectors. A thread adds the
 * vectors t = its own place, and every `threads`-th further on.
 */
export interface Panel {
  readonly name: 'a' | 'b';
  readonly side: Side;
  readonly fn: 'left' | 'right';
  /** Names of the tile's first row or column, of their number, and of the thread's place. */
  readonly first: 'above' | 'before';
  readonly count: 'rows' | 'columns';
  readonly place: 'ty' | 'tx';
  readonly threads: number;
  /** Rows or columns in a vector; vectors of a thread; vectors of a term. */
  readonly lanes: number;
  readonly each: number;
  readonly vectors: number;
  /** Vectors of a term that are not used; they keep terms in different banks of memory. */
  readonly room: number;
  /**
   * Whether a vector is of neighbours; else of every `vectors`-th row or column, so that
   * neighbouring threads have those.
   */
  readonly adjacent: boolean;
  /** Whether a vector is fetched as one. */
  readonly fours: boolean;
  /** Whether to tell infinities and NaN, and whether to tell which elements are missing. */
  readonly odd: boolean;
  readonly gaps: boolean;
  readonly step: number;
  /** Threads of the workgroup. */
  readonly all: number;
  /** Whether the last step may be a part of one. */
  readonly ragged: boolean;
}

/** Bytes below which a panel has some to spare. */
const ROOMY = 8192;
/** Bytes of the flag that tells infinities and NaN, as WebGPU counts them. */
const ODD = 16;

/** Both panels of a product. */
export function panelsOf({ left, right, ...product }: Product, tiling: Tiling): readonly [a: Panel, b: Panel] {
  const { down, across, high, wide, step } = tiling;
  const common = { step, all: down * across, ragged: product.depth % step !== 0 };
  const gaps = right.at !== undefined;
  const panel = (side: Side, threads: number, sums: number) => {
    const lanes = Math.min(sums, 4);
    const fours = lanes === 4 && !side.deep && side.fours === true;
    const vectors = (threads * sums) / lanes;
    // Where the terms of a line are neighbours, threads write to vectors one below the other.
    const room = side.deep && step * (vectors + 1) * 16 < ROOMY ? 1 : 0;
    return { ...common, side, threads, lanes, each: sums / lanes, vectors, room, fours };
  };
  const a = panel(left, down, high);
  const b = panel(right, across, wide);
  const adjacent = b.fours || (b.lanes === 4 && right.deep && product.fours);
  return [
    {
      ...a,
      name: 'a',
      fn: 'left',
      first: 'above',
      count: 'rows',
      place: 'ty',
      adjacent: a.fours,
      odd: gaps,
      gaps: false,
    },
    { ...b, name: 'b', fn: 'right', first: 'before', count: 'columns', place: 'tx', adjacent, odd: false, gaps },
  ];
}

/** Bytes of workgroup memory of a panel, and of what tells its gaps. */
export const bytesOf = ({ lanes, vectors, room, step, gaps }: Panel): number =>
  4 * step * (lanes * (vectors + room) + (gaps ? vectors : 0)) + (gaps ? ODD : 0);

/** The row or column in the tile of a lane of vector `t`. */
export const lineOf = ({ adjacent, lanes, vectors }: Panel, t: string, lane: number): string =>
  adjacent ? `(${t}) * ${lanes} + ${lane}` : `${t} + ${lane * vectors}`;

/** Functions that say where elements lie and read them, and the workgroup's memory. */
export function declarePanel({ name, side, fn, count, lanes, vectors, room, fours, gaps, step }: Panel): string {
  const position = side.at ? 'vec3<i32>' : 'i32';
  const line = count === 'rows' ? 'row' : 'column';
  const index = fours ? 'at / 4' : side.at ? 'max(at, 0)' : 'at';
  const read = `x${side.argument}[${index}]`;
  return `
var<workgroup> ${name}: array<array<${vector(lanes, 'f32')}, ${vectors + room}>, ${step}>;
${gaps ? `var<workgroup> there: array<array<u32, ${vectors}>, ${step}>;` : ''}
fn ${fn}Line(batch: i32, ${line}: i32) -> ${position} { return ${side.line}; }
fn ${fn}Term(p: i32) -> ${position} { return ${side.term}; }
fn ${fn}At(t: ${position}) -> i32 { ${side.at ?? 'return t;'} }
fn ${fn}Element(at: i32) -> ${fours ? 'vec4<f32>' : 'f32'} { return ${side.at ? `select(0.0, ${read}, at >= 0)` : read}; }`;
}

/** A vector that a thread fetches: which of a term, and which term of the step. */
interface Fetch {
  readonly v: number;
  readonly t: string;
  readonly p: string;
}

/** The vectors that a thread fetches; neighbours in memory go to neighbouring threads. */
function fetchesOf({ name, side, vectors, step, all }: Panel): Fetch[] {
  return upTo(Math.ceil((step * vectors) / all)).map((v) =>
    side.deep
      ? { v, t: `${name}T + ${(v * all) / step}`, p: `${name}P` }
      : { v, t: `${name}T`, p: `${name}P + ${(v * all) / vectors}` },
  );
}

/** The loads of a vector: one, or one for each lane. */
const loadsOf = ({ fours, lanes }: Panel): number[] => upTo(fours ? 1 : lanes);

/** Where a vector's lines are: those of a deep panel differ from vector to vector. */
const nameOfLine = ({ name, side }: Panel, v: number, lane: number): string => `${name}Line${side.deep ? v : 0}${lane}`;

/** What a thread finds out once: the lines that it fetches, the last one for those beyond. */
export function findLines(panel: Panel): string {
  const { name, side, fn, first, count, vectors, step, fours } = panel;
  const [t, p] = side.deep ? [`/ ${step}`, `% ${step}`] : [`% ${vectors}`, `/ ${vectors}`];
  const fetches = fetchesOf(panel);
  return `  let ${name}T = thread ${t};
  let ${name}P = thread ${p};
${eachOf(side.deep ? fetches : fetches.slice(0, 1), loadsOf(panel), (fetch, lane) => {
  const line = `min(${first} + ${lineOf(panel, fetch.t, lane)}, ${count} - ${fours ? 4 : 1})`;
  return `  let ${nameOfLine(panel, fetch.v, lane)} = ${fn}Line(batch, ${line});`;
})}
${lines(fetches, ({ v }) => `  var ${name}Next${v} = ${vector(panel.lanes, 'f32')}();`)}
${panel.gaps ? lines(fetches, ({ v }) => `  var ${name}There${v} = 0u;`) : ''}`;
}

/** Fetches a thread's vectors of the terms from `start` on; what is beyond the sum is 0. */
export function fetch(panel: Panel, start: string): string {
  const { name, fn, lanes, fours, gaps, ragged } = panel;
  const [floats, integers] = ['f32', 'i32'].map((type) => vector(lanes, type));
  const text = lines(fetchesOf(panel), ({ v, p }) => {
    const at = loadsOf(panel).map((lane) => `${fn}At(${nameOfLine(panel, v, lane)} + ${name}Term${v})`);
    const load = fours
      ? `${fn}Element(${at[0]!})`
      : `${floats}(${upTo(lanes)
          .map((lane) => `${fn}Element(${component(`${name}At${v}`, lane, lanes)})`)
          .join(', ')})`;
    const flags = upTo(lanes).map(
      (lane) => `select(0u, ${2 ** lane}u, ${component(`${name}At${v}`, lane, lanes)} >= 0)`,
    );
    return `      let ${name}Term${v} = ${fn}Term(${start} + ${p});
${fours ? '' : `      let ${name}At${v} = ${integers}(${at.join(', ')});\n`}      ${name}Next${v} = ${load};
${gaps ? `      ${name}There${v} = ${flags.join(' | ')};\n` : ''}${
      ragged ? `      if (${start} + ${p} >= end) { ${name}Next${v} = ${floats}(); }\n` : ''
    }`;
  });
  return guarded(panel, text);
}

/** Puts what was fetched into workgroup memory. */
export function keep(panel: Panel): string {
  const { name, lanes, odd, gaps } = panel;
  const [bits, mask] = [vector(lanes, 'u32'), '0x7f800000u'];
  const text = lines(fetchesOf(panel), ({ v, t, p }) => {
    const isOdd = `any((bitcast<${bits}>(${name}Next${v}) & ${bits}(${mask})) == ${bits}(${mask}))`;
    return `      ${name}[${p}][${t}] = ${name}Next${v};
${odd ? `      if (${isOdd}) { atomicStore(&odd, 1u); }\n` : ''}${gaps ? `      there[${p}][${t}] = ${name}There${v};\n` : ''}`;
  });
  return guarded(panel, text);
}

/** Where a panel has fewer vectors than the workgroup has threads, the others fetch none. */
function guarded({ step, vectors, all }: Panel, text: string): string {
  const size = step * vectors;
  return `    ${size < all ? `if (thread < ${size}) ` : ''}{\n${text}    }`;
}
