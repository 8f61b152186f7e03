import type { TopLevelSpec } from 'vega-lite';
import type { CellResult } from '../cells.js';
import { rowsOf, type Results } from './summary.js';

/** A plot with its heading; the specification is Vega-Lite. */
export interface Plot {
  readonly heading: string;
  readonly spec: TopLevelSpec;
}

const DARK = '#1f4e79';
const SIDE = 190;
const order = (results: Results): string[] => rowsOf(results).map(({ title }) => title);
/** A cell for each method: that of the first split, where training did not diverge. */
const firstCells = (results: Results): CellResult[] =>
  rowsOf(results).flatMap(({ cells }) => cells.find((c) => c.predictions.flat().every(Number.isFinite)) ?? []);
const SQUARE = { width: SIDE, height: SIDE } as const;
/** One small plot for each method, three in a row. */
const panels = <V>(results: Results, values: V[]) =>
  ({
    data: { values },
    facet: {
      field: 'method',
      type: 'nominal',
      sort: order(results),
      title: null,
      header: { labelFontWeight: 'bold' },
    },
    columns: 3,
  }) as const;

/** Predicted against measured values of the first split, with error bars where there are any. */
export function predictedAgainstMeasured(results: Results): Plot {
  const values = firstCells(results).flatMap(({ method, labels, predictions }) =>
    labels.map((measured, i) => {
      const [predicted, sd = 0] = predictions[i]!;
      return { method: method.title, measured, predicted, low: predicted! - sd, high: predicted! + sd };
    }),
  );
  const most = Math.ceil(2 * Math.max(1, ...values.map((v) => v.measured))) / 2;
  const scale = { domain: [0, most] };
  return {
    heading: 'Predicted against measured, test items of the first split',
    spec: {
      ...panels(results, values),
      spec: {
        ...SQUARE,
        layer: [
          {
            data: { values: [{ x: 0 }, { x: most }] },
            mark: { type: 'line', color: 'black', strokeDash: [4, 3] },
            encoding: { x: { field: 'x', type: 'quantitative' }, y: { field: 'x', type: 'quantitative' } },
          },
          {
            transform: [{ filter: 'datum.high > datum.low' }],
            mark: { type: 'rule', color: '#888888', clip: true },
            encoding: {
              x: { field: 'measured', type: 'quantitative' },
              y: { field: 'low', type: 'quantitative' },
              y2: { field: 'high' },
            },
          },
          {
            mark: { type: 'point', size: 18, color: DARK, opacity: 0.6, clip: true },
            encoding: {
              x: { field: 'measured', type: 'quantitative', title: 'measured', scale },
              y: { field: 'predicted', type: 'quantitative', title: 'predicted', scale },
            },
          },
        ],
      },
    },
  };
}

/** Share of predictions within each distance, by their own standard deviations. */
export function calibration(results: Results): Plot | null {
  const LEVELS = [0.5, 0.68, 0.8, 0.9, 0.95, 0.99];
  const Z = [0.674, 0.994, 1.282, 1.645, 1.96, 2.576];
  const values = rowsOf(results).flatMap(({ title, cells }) => {
    const z = cells.flatMap(({ labels, predictions }) =>
      labels.flatMap((y, i) => {
        const [p, sd] = predictions[i]!;
        return sd !== undefined && sd > 0 ? [Math.abs(y - p!) / sd] : [];
      }),
    );
    return z.length === 0
      ? []
      : LEVELS.map((level, k) => ({ method: title, level, covered: z.filter((x) => x <= Z[k]!).length / z.length }));
  });
  if (values.length === 0) return null;
  return {
    heading: 'Calibration: share of test items within the interval that a method states',
    spec: {
      data: { values },
      width: 300,
      height: 260,
      layer: [
        {
          data: { values: [{ level: 0.5 }, { level: 1 }] },
          mark: { type: 'line', color: 'black', strokeDash: [4, 3] },
          encoding: { x: { field: 'level', type: 'quantitative' }, y: { field: 'level', type: 'quantitative' } },
        },
        {
          mark: { type: 'line', point: true },
          encoding: {
            x: { field: 'level', type: 'quantitative', title: 'stated', scale: { domain: [0.5, 1] } },
            y: { field: 'covered', type: 'quantitative', title: 'covered', scale: { domain: [0, 1] } },
            shape: { field: 'method', type: 'nominal', sort: order(results), title: null },
            strokeDash: { field: 'method', type: 'nominal', sort: order(results), title: null },
          },
        },
      ],
    },
  };
}

/** The primary metric on training and test items and on the source, epoch by epoch. */
export function learningCurves(results: Results): Plot | null {
  const { name, unit, better } = results.about.metrics[0]!;
  const values = results.cells
    .flatMap(({ method, curve }) =>
      curve.flatMap(({ epoch, train, test, source }) =>
        Object.entries({ 'target, training': train, 'target, test': test, source }).map(([of, value]) => ({
          method: method.title,
          epoch,
          of,
          value,
        })),
      ),
    )
    .filter(({ value }) => typeof value === 'number' && (better === 'larger' || value > 0));
  if (values.length === 0) return null;
  const of = {
    field: 'of',
    type: 'nominal',
    title: 'items',
    sort: ['target, training', 'target, test', 'source'],
  } as const;
  return {
    heading: 'Learning curves: mean over the splits, with running statistics of batch norm',
    spec: {
      ...panels(results, values),
      spec: {
        ...SQUARE,
        mark: { type: 'line', point: { size: 16 } },
        encoding: {
          x: { field: 'epoch', type: 'quantitative', title: 'epoch' },
          y: {
            field: 'value',
            type: 'quantitative',
            aggregate: 'mean',
            title: `${name} (${unit})`,
            scale: better === 'smaller' ? { type: 'log' } : { zero: false },
          },
          strokeDash: of,
          color: { ...of, scale: { range: ['#999999', DARK, '#c46210'] } },
        },
      },
    },
  };
}

/** Densities over the epochs, layer by layer. */
export function densities(results: Results): Plot | null {
  const values = results.cells.flatMap(({ method, curve }) =>
    curve.flatMap(({ epoch, density }) =>
      (density?.layers ?? []).map((value, layer) => ({
        method: method.title,
        epoch,
        layer: `convolution ${layer + 1}`,
        value,
      })),
    ),
  );
  if (values.length === 0) return null;
  const layer = { field: 'layer', type: 'nominal', title: null } as const;
  return {
    heading: 'Density of the masks over time, by layer: mean over the splits',
    spec: {
      ...panels(results, values),
      spec: {
        ...SQUARE,
        mark: { type: 'line' },
        encoding: {
          x: { field: 'epoch', type: 'quantitative', title: 'epoch' },
          y: { field: 'value', type: 'quantitative', aggregate: 'mean', title: 'density', scale: { domain: [0, 1] } },
          strokeDash: layer,
          color: { ...layer, scale: { scheme: 'viridis' } },
        },
      },
    },
  };
}

/** Mean absolute error, or share of errors, in each part of the divisions of test items. */
export function errorsByGroup(results: Results): Plot[] {
  const isValue = results.about.task.kind === 'value';
  const wrong = (y: number, p: readonly number[]): number =>
    isValue ? Math.abs(p[0]! - y) : p.indexOf(Math.max(...p)) === y ? 0 : 1;
  const divisions = Object.keys(results.cells[0]?.groups ?? {});
  return divisions.map((division) => ({
    heading: `Error by ${division}`,
    spec: {
      data: {
        values: results.cells.flatMap(({ method, labels, predictions, groups }) =>
          labels.map((y, i) => ({
            method: method.title,
            part: groups[division]![i]!,
            error: wrong(y, predictions[i]!),
          })),
        ),
      },
      width: 320,
      height: { step: 22 },
      transform: [{ aggregate: [{ op: 'mean', field: 'error', as: 'error' }], groupby: ['method', 'part'] }],
      mark: { type: 'point', filled: false, size: 60, color: 'black' },
      encoding: {
        x: { field: 'error', type: 'quantitative', title: isValue ? 'mean absolute error' : 'share of errors' },
        y: { field: 'method', type: 'nominal', sort: order(results), title: null },
        shape: { field: 'part', type: 'nominal', title: division },
      },
    },
  }));
}

/** The plots that the results have something to show in. */
export const plotsOf = (results: Results): Plot[] =>
  [
    ...(results.about.task.kind === 'value' ? [predictedAgainstMeasured(results)] : []),
    calibration(results),
    learningCurves(results),
    densities(results),
    ...errorsByGroup(results),
  ].filter((plot) => plot !== null);
