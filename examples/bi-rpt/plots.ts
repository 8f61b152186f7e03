import type { TopLevelSpec } from 'vega-lite';
import { METHODS } from './experiment.js';
import type { Result } from './store.js';

/** Predicted against measured strengths of the test points of one split, a plot per method. */
export function predictedAgainstMeasured(results: readonly Result[]): TopLevelSpec {
  const [first] = results;
  const own = results.filter((r) => r.seed === first?.seed && r.testError !== null);
  const values = own.flatMap((r) =>
    r.measured.map((measured, i) => ({ method: r.method, measured, predicted: r.predicted[i]! })),
  );
  const most = Math.ceil(2 * Math.max(1, ...values.map((v) => v.measured))) / 2;
  const domain = [0, most];
  return {
    title: 'Predicted against measured strength, test points of the first split',
    data: { values },
    facet: { field: 'method', type: 'nominal', sort: [...METHODS], title: null },
    columns: 3,
    spec: {
      width: 200,
      height: 200,
      layer: [
        {
          data: { values: [0, most].map((x) => ({ x })) },
          mark: { type: 'line', color: 'black', strokeDash: [4, 3] },
          encoding: { x: { field: 'x', type: 'quantitative' }, y: { field: 'x', type: 'quantitative' } },
        },
        {
          mark: { type: 'point', size: 18, color: '#1f4e79', opacity: 0.6, clip: true },
          encoding: {
            x: { field: 'measured', type: 'quantitative', title: 'measured (GPa)', scale: { domain } },
            y: { field: 'predicted', type: 'quantitative', title: 'predicted (GPa)', scale: { domain } },
          },
        },
      ],
    },
  };
}

/** Mean test and training error over the splits, epoch by epoch, a small plot per network. */
export function learningCurves(results: readonly Result[]): TopLevelSpec {
  const points = results.flatMap((r) =>
    (r.curve ?? []).flatMap(({ epoch, train, test }) => [
      { method: r.method, epoch, of: 'training points', error: train },
      { method: r.method, epoch, of: 'test points', error: test },
    ]),
  );
  return {
    title: 'Learning curves: mean over the splits, running statistics of batch norm',
    data: { values: points.filter(({ error }) => Number.isFinite(error) && error > 0) },
    facet: { field: 'method', type: 'nominal', sort: [...METHODS], title: null },
    columns: 3,
    spec: {
      width: 200,
      height: 200,
      mark: { type: 'line', point: { size: 16 } },
      encoding: {
        x: { field: 'epoch', type: 'quantitative', title: 'epoch' },
        y: {
          field: 'error',
          type: 'quantitative',
          aggregate: 'mean',
          title: 'mean squared error (GPa²)',
          scale: { type: 'log' },
        },
        strokeDash: { field: 'of', type: 'nominal', title: 'error on' },
        color: {
          field: 'of',
          type: 'nominal',
          title: 'error on',
          scale: { domain: ['training points', 'test points'], range: ['#999999', '#1f4e79'] },
        },
      },
    },
  };
}
