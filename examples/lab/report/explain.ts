import { LEAST_SPLITS, show, verdict } from '../compare.js';
import { count } from '../duration.js';
import { differenceOf, ranked, type Results, type Row } from './summary.js';

/** What the paired difference of two methods means, in a sentence or two. */
function difference({ about }: Results, a: Row, b: Row): string {
  const { name, unit, better, digits } = about.metrics[0]!;
  const d = differenceOf(a, b);
  if (d.count === 0) return `No split has results of both ${a.title} and ${b.title}.`;
  const said = `On the same ${count(d.count, 'split')}, the ${name} of ${a.title} minus that of ${b.title} is ${show(d, digits + 1)} ${unit} on average`;
  const judged = verdict(d);
  if (judged === 'unknown')
    return `${said}. Fewer than ${LEAST_SPLITS} splits cannot say whether this difference means anything.`;
  if (judged === 'open')
    return `${said} (95 % interval). The interval contains 0: these splits do not tell which of the two is better.`;
  const winner = judged === better ? a : b;
  return `${said} (95 % interval). The interval does not contain 0: ${winner.title} is better on such splits.`;
}

/** What the densities mean. */
function pruning(rows: readonly Row[]): string {
  const pruned = rows.filter(({ density }) => density.count > 0);
  if (pruned.length === 0) return '';
  const means = 'Density is the share of convolution weights that no mask has set to zero.';
  const full = pruned.filter(({ density }) => density.mean > 0.9995);
  const others = pruned.filter((row) => !full.includes(row));
  const names = (list: readonly Row[]): string =>
    list.map(({ title, density }) => `${title} (${density.mean.toFixed(3)})`).join('; ');
  return [
    means,
    full.length > 0
      ? `At a density of 1.000 no mask reached zero, so nothing was pruned. This holds for ${full.map(({ title }) => title).join('; ')}.`
      : '',
    others.length > 0 ? `Weights were pruned by ${names(others)}: they take no part in a prediction.` : '',
  ]
    .filter(Boolean)
    .join(' ');
}

/**
 * The results in words: which method is best, by how much, whether the differences mean anything,
 * and what the density says. The sentences hold for any outcome.
 */
export function explain(results: Results): string {
  const { about } = results;
  const { name, unit, better, digits } = about.metrics[0]!;
  const rows = ranked(results);
  const [first, second] = rows;
  if (!first || !second) return 'There are too few results to compare.';
  const transfer = rows.find((row) => row.name === 'transfer');
  const biRpt = rows.find((row) => row.name === 'bi-rpt');
  const shown = new Set([first, second]);
  return [
    `${first.title} has the ${better === 'smaller' ? 'smallest' : 'largest'} mean test ${name}: ${show(first.last, digits)} ${unit}. Next is ${second.title} with ${show(second.last, digits)} ${unit}.`,
    difference(results, first, second),
    transfer && biRpt && !(shown.has(transfer) && shown.has(biRpt)) ? difference(results, biRpt, transfer) : '',
    pruning(rows),
    about.caution ?? '',
    rows.length > 2 && rows.some((r) => r.last.count >= LEAST_SPLITS)
      ? 'Intervals are over splits of the same data, so they do not say how the methods do on other data.'
      : '',
  ]
    .filter(Boolean)
    .join(' ');
}
