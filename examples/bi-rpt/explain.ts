import { count } from '../lab/duration.js';
import { estimate, LEAST_SPLITS, paired, show, verdict } from '../lab/compare.js';
import { BI_RPT, METHODS } from './experiment.js';
import type { Result, Results } from './store.js';

const TRANSFER = 'Pretrain-and-transfer';

/** Errors of a method by split. */
const errorsOf = (results: readonly Result[], method: string): Map<number, number> =>
  new Map(results.flatMap((r) => (r.method === method && r.testError !== null ? [[r.seed, r.testError]] : [])));

/** What a paired difference of the errors of two methods means, in a sentence or two. */
function difference(results: readonly Result[], a: string, b: string): string {
  const d = paired(errorsOf(results, a), errorsOf(results, b));
  if (d.count === 0) return `No split has errors of both ${a} and ${b}.`;
  const said = `On the same ${count(d.count, 'split')}, the error of ${a} minus that of ${b} is ${show(d, 4)} GPa² on average`;
  switch (verdict(d)) {
    case 'unknown':
      return `${said}. Fewer than ${LEAST_SPLITS} splits cannot say whether this difference means anything.`;
    case 'open':
      return `${said} (95 % interval). The interval contains 0: these splits do not tell which of the two is better.`;
    case 'smaller':
      return `${said} (95 % interval). The interval does not contain 0: ${a} is better on such splits.`;
    case 'larger':
      return `${said} (95 % interval). The interval does not contain 0: ${b} is better on such splits.`;
  }
}

/** What the density of Bi-RPT means. */
function pruning(results: readonly Result[]): string {
  const densities = results.flatMap((r) => (r.density && r.testError !== null ? [r.density.overall] : []));
  if (densities.length === 0) return '';
  const { mean } = estimate(densities);
  const means = `Density is the share of convolution weights whose masks are not zero, here ${mean.toFixed(3)}.`;
  return mean > 0.9995
    ? `${means} So no mask reached zero: Bi-RPT pruned nothing, and what it adds here is training on simulated and measured alloys at once.`
    : `${means} The other weights are pruned: they take no part in a prediction.`;
}

/**
 * The results in words: which method has the smallest error, by how much, whether the differences
 * mean anything, and what the density says. Sentences that hold for any outcome.
 */
export function explain({ results, config }: Pick<Results, 'results' | 'config'>): string {
  const ranked = METHODS.map((method) => ({ method, error: estimate([...errorsOf(results, method).values()]) }))
    .filter(({ error }) => error.count > 0)
    .sort((a, b) => a.error.mean - b.error.mean);
  const [first, second] = ranked;
  if (!first || !second) return 'Too few results to compare.';
  const source =
    config.data === null
      ? 'The measurements are synthetic, so these numbers say how the methods behave and nothing about real alloys.'
      : '';
  return [
    `${first.method} has the smallest mean test error: ${show(first.error)} GPa². Next is ${second.method} with ${show(second.error)} GPa².`,
    difference(results, first.method, second.method),
    [first.method, second.method].sort().join() === [BI_RPT, TRANSFER].sort().join()
      ? ''
      : difference(results, BI_RPT, TRANSFER),
    pruning(results),
    source,
  ]
    .filter((text) => text !== '')
    .join(' ');
}
