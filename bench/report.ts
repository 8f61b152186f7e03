import { mkdirSync, readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import Table from 'cli-table3';
import writeFileAtomic from 'write-file-atomic';
import type { Measurement } from './case.js';
import { ratios } from './training.js';

/** Where and with what the numbers were measured. */
export interface Setting {
  readonly date: string;
  readonly bigrad: string;
  readonly node: string;
  readonly v8: string;
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
  /** Processes that were running on average in the minute before; numbers taken while it is near `cores` are too slow. */
  readonly load: number;
  readonly seconds: number;
  readonly seed: number;
}

export function settingOf(options: { readonly seconds: number; readonly seed: number }): Setting {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const processors = cpus();
  return {
    date: new Date().toISOString(),
    bigrad: (JSON.parse(manifest) as { version: string }).version,
    node: process.versions.node,
    v8: process.versions.v8,
    platform: `${process.platform} ${process.arch}`,
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    load: loadavg()[0]!,
    seconds: options.seconds,
    seed: options.seed,
  };
}

/** `GFLOP/s` or `GB/s` from the work of a case and its mean time in ms. */
function rate({ work, mean }: Measurement): string {
  if (!work) return '';
  const [amount, unit] = 'flops' in work ? [work.flops, 'GFLOP/s'] : [work.bytes, 'GB/s'];
  return `${(amount / mean / 1e6).toPrecision(3)} ${unit}`;
}

const HEAD = ['case', 'ops/s', '± %', 'samples', 'ms per op', 'fastest', 'rate'];

const rows = (results: readonly Measurement[]): string[][] =>
  results.map((r) => [
    r.name,
    r.opsPerSecond < 100 ? r.opsPerSecond.toPrecision(3) : Math.round(r.opsPerSecond).toLocaleString('en-US'),
    r.marginOfError.toFixed(1),
    String(r.samples),
    String(Number(r.mean.toPrecision(3))),
    String(Number(r.fastest.toPrecision(3))),
    rate(r),
  ]);

/** The ratios whose two cases were both measured, as lines of text. */
export const ratioLines = (results: readonly Measurement[]): string[] =>
  ratios.flatMap(([what, numerator, denominator]) => {
    const [a, b] = [numerator, denominator].map((name) => results.find((r) => r.name === name)?.mean);
    return a && b ? [`${what}: ${(a / b).toFixed(2)}`] : [];
  });

/** The results for a terminal. */
export function printTable(results: readonly Measurement[]): string {
  const table = new Table({
    head: HEAD,
    colAligns: ['left', ...HEAD.slice(1).map(() => 'right' as const)],
    style: { head: [], border: [] },
  });
  table.push(...rows(results));
  return [table.toString(), ...ratioLines(results)].join('\n');
}

/** The results as a Markdown table, as docs/performance.md shows them. */
export const markdownTable = (results: readonly Measurement[]): string =>
  [HEAD, ['---', ...HEAD.slice(1).map(() => '---:')], ...rows(results)]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .concat(ratioLines(results).map((line) => `\n${line}`))
    .join('\n');

/** Makes the folder of results and returns the file for this run in it; throws where that cannot be. */
export function resultFile(folder: string, date: string): string {
  mkdirSync(folder, { recursive: true });
  return join(folder, `${date.replaceAll(':', '-').replace(/\.\d+Z$/, 'Z')}.json`);
}

/** Writes setting and results, whole or not at all. */
export function save(file: string, setting: Setting, results: readonly Measurement[]): void {
  writeFileAtomic.sync(file, `${JSON.stringify({ setting, results }, null, 2)}\n`);
}
