import type { Columns } from '../table.js';
import { cases } from './cases.js';
import { typical, type Result } from './results.js';
import { isMet, type Verdict } from './targets.js';

/** A library that was left out, and why. */
export interface Skipped {
  readonly variant: string;
  readonly reason: string;
}

const digits = (x: number): string => (Math.abs(x) >= 1000 ? x.toFixed(0) : String(Number(x.toPrecision(3))));

function cell(result: Result | undefined): string {
  if (!result) return '';
  const ms = typical(result);
  if (ms !== undefined) return digits(ms);
  return result.failure?.startsWith('more than') ? `> ${result.failure.slice('more than'.length).trim()}` : 'cannot';
}

/**
 * Median times in ms: a row per case, a column per library under one runtime; PyTorch is in every
 * table.
 */
export function times(results: readonly Result[], runtime: string): Columns {
  const here = results.filter((r) => (r.runtime ?? runtime) === runtime);
  const libraries = [...new Set(here.map((r) => r.library))];
  const rows = cases.flatMap(({ name }) => {
    const found = here.filter((r) => r.case === name);
    return found.length > 0
      ? [[name, ...libraries.map((library) => cell(found.find((r) => r.library === library)))]]
      : [];
  });
  return { head: [`ms, Node ${runtime}`, ...libraries], rows };
}

/** What libraries could not do, in their own words; the same words of one library once. */
export function failures(results: readonly Result[], skipped: readonly Skipped[]): string[] {
  const said = new Map<string, string[]>();
  for (const { variant, case: name, failure } of results)
    if (failure !== undefined) {
      const key = `${variant}: ${failure.replaceAll(/\s+/g, ' ')}`;
      said.set(key, [...(said.get(key) ?? []), name]);
    }
  return [
    ...skipped.map(({ variant, reason }) => `${variant}: skipped, ${reason.replaceAll(/\s+/g, ' ')}`),
    ...[...said].map(([key, names]) => `${key} (${names.join('; ')})`),
  ];
}

const goalText = ({ goal }: Verdict): string =>
  goal?.least !== undefined ? `at least ${goal.least}` : goal?.most !== undefined ? `at most ${goal.most}` : '';

const mark = (v: Verdict): string => ({ true: 'met', false: 'missed' })[String(isMet(v))] ?? '';

/** Target 1 in one runtime: a row per case, a column per number; missed goals say so. */
export function productTable(all: readonly Verdict[], runtime: string): Columns {
  const verdicts = all.filter(({ target }) => target === 1);
  const whats = [...new Map(verdicts.map((v) => [v.what, `${v.what}: ${goalText(v)}`]))];
  return {
    head: [`target 1, Node ${runtime}`, ...whats.map(([, title]) => title)],
    rows: [...new Set(verdicts.map((v) => v.of))].map((name) => [
      name,
      ...whats.map(([what]) => {
        const found = verdicts.find((v) => v.of === name && v.what === what);
        return found ? `${digits(found.value.value)}${isMet(found) ? '' : ' missed'}` : '';
      }),
    ]),
  };
}

/** The numbers of the other targets in one runtime. */
export const targetTable = (verdicts: readonly Verdict[], runtime: string): Columns => ({
  head: [`targets 2 to 6, Node ${runtime}`, 'value', 'rounds from', 'to', 'goal', ''],
  rows: verdicts
    .filter(({ target }) => target > 1)
    .map((v) => {
      const { value, low, high } = v.value;
      const range = low === high ? ['', ''] : [digits(low), digits(high)];
      return [`${v.target}. ${v.of}: ${v.what}`, digits(value), ...range, goalText(v), mark(v)];
    }),
});

/** Bytes after each round of the loop, in MB. */
export const memory = (results: readonly Result[]): string[] =>
  results.flatMap(({ variant, repeats }) =>
    repeats
      ? [
          `${variant}: ${repeats.reduce((sum, r) => sum + r.times, 0)} steps, resident after each round ${repeats
            .map((r) => (r.resident / 1e6).toFixed(0))
            .join(
              ', ',
            )} MB${repeats[0]?.held === undefined ? '' : `, held by JavaScript ${repeats.map((r) => (r.held! / 1e6).toFixed(0)).join(', ')} MB`}`,
        ]
      : [],
  );

/** How far each library was from bigrad at most, over the cases that were timed. */
export function differences(results: readonly Result[]): string[] {
  const most = new Map<string, Result>();
  for (const result of results)
    if (result.failure === undefined && (result.difference ?? -1) >= (most.get(result.variant)?.difference ?? 0))
      most.set(result.variant, result);
  const list = [...most.values()].map((r) => `${r.variant} ${r.difference!.toPrecision(2)} (${r.case})`);
  return list.length > 0 ? [`largest differences from bigrad's results: ${list.join('; ')}`] : [];
}

/** How it was measured, to stand beside the numbers. */
export const method: readonly string[] = [
  'Each library runs in a process of its own, all on the same operands. Before a case is timed, its results are compared with those of bigrad in eager mode; a case whose results differ by more than its tolerance is not timed.',
  'A case is sampled in rounds, all libraries one after another in each, a different one first each time. Times are medians of all samples, ratios are medians over the rounds of the ratios within each; beside them stand the least and the largest.',
  'Training steps go on from step to step on one batch; "padded products" are the matrix products of a case alone, by a plain 6x8 SIMD kernel over operands that were padded and packed beforehand, and their rate counts the padding as work. Target 1 takes bigrad eager or compiled, whichever is the faster. The loop runs in fresh processes.',
];
