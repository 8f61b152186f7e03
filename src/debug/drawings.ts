import { flag } from '../core/check.js';
import { checkOptions } from '../core/options.js';
import { placeOf } from './call-site.js';
import type { DrawOptions, GraphOp, GraphValue, Recorded } from './recorded.js';

/** `float32[2,3]` */
const kindOf = ({ dtype, shape }: GraphValue): string => `${dtype}[${shape.join(',')}]`;

/** Bytes with a unit: `1.5 kB`. */
export function bytesInWords(bytes: number): string {
  const power = Math.min(3, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  return `${Number((bytes / 1000 ** power).toPrecision(3))} ${['B', 'kB', 'MB', 'GB'][power]!}`;
}

/** The ops by order, the value first. */
function levels(ops: readonly GraphOp[]): (readonly [direction: string, ops: readonly GraphOp[]])[] {
  const found = new Map<number, GraphOp[]>();
  for (const op of ops) found.set(op.order, [...(found.get(op.order) ?? []), op]);
  return [...found].sort(([a], [b]) => a - b).map(([, list]) => [list[0]!.direction, list] as const);
}

/** `v3`, or the name of what came from outside. */
const nameOf = (value: GraphValue): string => (value.by === undefined ? (value.name ?? '') : `v${value.id}`);

/** A line for each op, in the order in which they ran, under the order of its derivative. */
export function text({ ops, values, results, bytes }: Recorded): string {
  const named = (ids: readonly number[]): string => ids.map((id) => nameOf(values[id]!)).join(', ');
  const rows = ops.map(({ op, ins, outs, derivativeOf, at }) => [
    `${named(outs)} = ${op}(${named(ins)})`,
    outs.map((id) => `${kindOf(values[id]!)} ${bytesInWords(values[id]!.bytes)}`).join(', '),
    derivativeOf === undefined ? '' : `of ${derivativeOf}`,
    at ? placeOf(at) : '',
  ]);
  const widths = [0, 1, 2].map((i) => Math.max(0, ...rows.map((row) => row[i]!.length)));
  const lines: string[] = [];
  ops.forEach(({ order, direction }, i) => {
    if (order !== ops[i - 1]?.order) lines.push(`${direction}:`);
    lines.push(`  ${rows[i]!.map((cell, k) => cell.padEnd(widths[k] ?? 0)).join('  ')}`.trimEnd());
  });
  lines.push(...results.map(({ path, value }) => `${path} = ${nameOf(values[value]!)}`));
  lines.push(`${ops.length} ops, ${bytesInWords(bytes)}`);
  return lines.join('\n');
}

/** How a language writes what a drawing is made of. */
interface Language {
  readonly head: string;
  readonly foot: readonly string[];
  outside(id: string, label: string): string;
  op(id: string, label: string): string;
  cluster(i: number, label: string, inside: readonly string[]): readonly string[];
  edge(from: string, to: string, label: string): string;
}

function draw(who: string, recorded: Recorded, options: DrawOptions, language: Language): string {
  const { views = true } = checkOptions(who, options, { views: flag });
  const { values, results } = recorded;
  const isDrawn = ({ view }: GraphOp): boolean => views || !view;
  const ops = recorded.ops.filter(isDrawn);
  /** The value that one is, or is a view of where views are not drawn. */
  const origin = (id: number): number => {
    const op = recorded.ops[values[id]!.by ?? -1];
    return op === undefined || isDrawn(op) ? id : origin(op.ins[0]!);
  };
  const read = new Set([...ops.flatMap(({ ins }) => ins), ...results.map(({ value }) => value)].map(origin));
  const source = (id: number): string => {
    const { by } = values[origin(id)]!;
    return by === undefined ? `v${origin(id)}` : `n${by}`;
  };
  const label = (id: number): string => `${kindOf(values[id]!)} ${bytesInWords(values[id]!.bytes)}`;
  const outside = values.filter(({ by, id }) => by === undefined && read.has(id));
  return [
    language.head,
    ...outside.map(({ id, name }) => `  ${language.outside(`v${id}`, name ?? '')}`),
    ...levels(ops).flatMap(([direction, list], i) =>
      language.cluster(
        i,
        direction,
        list.map(({ id, op }) => language.op(`n${id}`, op)),
      ),
    ),
    ...results.map(({ path }, i) => `  ${language.outside(`r${i}`, path)}`),
    ...ops.flatMap(({ id, ins }) => ins.map((v) => `  ${language.edge(source(v), `n${id}`, label(v))}`)),
    ...results.map(({ value }, i) => `  ${language.edge(source(value), `r${i}`, label(value))}`),
    ...language.foot,
  ].join('\n');
}

/** Text between quotes of Mermaid, which knows HTML entities. */
const entities = (label: string): string =>
  label.replace(/[&"<>#]/g, (c) => `#${c.codePointAt(0)!};`).replaceAll('\n', ' ');

/** A flowchart of Mermaid. */
export const mermaid = (recorded: Recorded, options: DrawOptions = {}): string =>
  draw('mermaid', recorded, options, {
    head: 'flowchart TB',
    foot: [],
    outside: (id, label) => `${id}(["${entities(label)}"])`,
    op: (id, label) => `${id}["${entities(label)}"]`,
    cluster: (i, label, inside) => [
      `  subgraph order${i}["${entities(label)}"]`,
      ...inside.map((line) => `    ${line}`),
      '  end',
    ],
    edge: (from, to, label) => `${from} -- "${entities(label)}" --> ${to}`,
  });

/** A digraph of Graphviz. */
export const dot = (recorded: Recorded, options: DrawOptions = {}): string =>
  draw('dot', recorded, options, {
    head: 'digraph {',
    foot: ['}'],
    outside: (id, label) => `${id} [label=${JSON.stringify(label)}, shape=ellipse];`,
    op: (id, label) => `${id} [label=${JSON.stringify(label)}, shape=box];`,
    cluster: (i, label, inside) => [
      `  subgraph cluster_${i} {`,
      `    label=${JSON.stringify(label)};`,
      ...inside.map((line) => `    ${line}`),
      '  }',
    ],
    edge: (from, to, label) => `${from} -> ${to} [label=${JSON.stringify(label)}];`,
  });
