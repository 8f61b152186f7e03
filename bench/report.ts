import type { Measurement } from './case.js';
import { definitions, shareOf } from './peak/share.js';
import { markdownTable, terminalTable, type Columns } from './table.js';
import { ratios as compacted } from './compact.js';
import { ratios as trained } from './training.js';
import { flopsOf, perSecond } from './work.js';

/** `GFLOP/s` or `GB/s` from the work of a case and its mean time in ms. */
function rate({ work, mean }: Measurement): string {
  if (!work) return '';
  const [amount, unit] = 'products' in work ? [flopsOf(work.products), 'GFLOP/s'] : [work.bytes, 'GB/s'];
  return `${perSecond(amount, mean).toPrecision(3)} ${unit}`;
}

/** `72 %`, or for bytes `110 % (41 %)`. */
function ofPeak(result: Measurement): string {
  const [share, sameSize] = shareOf(result).map((x) => `${Math.round(100 * x)} %`);
  return sameSize ? `${share} (${sameSize})` : (share ?? '');
}

const columns = (results: readonly Measurement[]): Columns => ({
  head: ['case', 'ms per op', 'fastest', '± %', 'samples', 'ops/s', 'rate', 'of peak'],
  rows: results.map((r) => [
    r.name,
    String(Number(r.mean.toPrecision(3))),
    String(Number(r.fastest.toPrecision(3))),
    r.marginOfError.toFixed(1),
    String(r.samples),
    r.opsPerSecond < 100 ? r.opsPerSecond.toPrecision(3) : Math.round(r.opsPerSecond).toLocaleString('en-US'),
    rate(r),
    ofPeak(r),
  ]),
});

/** What a product or a convolution took, beside the padded product of the same shape. */
const besidePadded = (results: readonly Measurement[]): string[] =>
  results.flatMap((result) => {
    const { name, median, best } = result;
    if (best?.kernel !== 'gemm' || !/^(matmul|conv)/.test(name)) return [];
    const [share] = shareOf(result);
    return [
      `${name}: ${share!.toFixed(2)} of the padded product's rate (${best.gflops.toFixed(1)} GFLOP/s), ${(median / best.ms).toFixed(2)} times its time`,
    ];
  });

/** The ratios whose two cases were both measured, as lines of text. */
const ratioLines = (results: readonly Measurement[]): string[] =>
  [...trained, ...compacted].flatMap(([what, numerator, denominator]) => {
    const [a, b] = [numerator, denominator].map((name) => results.find((r) => r.name === name)?.mean);
    return a && b ? [`${what}: ${(a / b).toFixed(2)}`] : [];
  });

/** How well the memory did, if anything was compared with it. */
function memoryLine(results: readonly Measurement[]): string[] {
  const best = results.map((r) => r.best).find((b) => b?.kernel === 'triad');
  return best?.kernel === 'triad' ? [`triad over 192 MB: ${best.memory.toFixed(1)} GB/s`] : [];
}

/**
 * The results with their ratios and the definitions: for a terminal, or as Markdown for
 * docs/results.
 */
export function report(results: readonly Measurement[], markdown: boolean): string {
  const notes = [...besidePadded(results), ...ratioLines(results), ...memoryLine(results), ...definitions];
  return markdown
    ? [markdownTable(columns(results)), notes.map((line) => `- ${line}`).join('\n')].join('\n\n')
    : [terminalTable(columns(results)), ...notes].join('\n');
}
