import Table from 'cli-table3';
import { estimate } from '../lab/compare.js';
import { METHODS } from './experiment.js';
import type { Results } from './store.js';

/**
 * The final table: per method the mean test error with its 95 % interval over the splits, from
 * three splits on, and the density left by pruning.
 */
export function report({ results }: Pick<Results, 'results'>): string {
  const table = new Table({
    head: ['method', 'test MSE (GPa²)', '95 % interval', 'splits', 'density', 'per layer'],
    style: { head: [], border: [] },
  });
  for (const method of METHODS) {
    const own = results.filter((r) => r.method === method);
    if (own.length === 0) continue;
    const errors = own.flatMap((r) => (r.testError === null ? [] : [r.testError]));
    const diverged = own.length - errors.length;
    const { mean, halfWidth } = estimate(errors);
    const dense = own.flatMap((r) => (r.density && r.testError !== null ? [r.density] : []));
    const average = (pick: (i: number) => number): string =>
      (dense.reduce((s, _, i) => s + pick(i), 0) / dense.length).toFixed(3);
    table.push([
      method,
      `${Number.isNaN(mean) ? '' : mean.toFixed(3)}${diverged > 0 ? ` ${diverged} diverged` : ''}`.trim(),
      Number.isNaN(halfWidth) ? '-' : `± ${halfWidth.toFixed(3)}`,
      own.length,
      dense.length > 0 ? average((i) => dense[i]!.overall) : '-',
      dense[0] ? dense[0].layers.map((_, layer) => average((i) => dense[i]!.layers[layer]!)).join(' ') : '-',
    ]);
  }
  return table.toString();
}
