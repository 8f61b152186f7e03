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
const DASHES = [
  [1, 0],
  [6, 3],
  [2, 2],
  [9, 3, 2, 3],
  [12, 5],
  [1, 4],
];
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

type Unit = Extract<TopLevelSpec, { mark: unknown; encoding?: unknown }>;
type Encoding = NonNullable<Unit['encoding']>;

/** Lines of several kinds, which differ in their dashes and in the shapes of their points. */
const toldApart = (encoding: Encoding, kind: NonNullable<Encoding['strokeDash']> & NonNullable<Encoding['shape']>) => [
  {
    mark: { type: 'line' as const, color: 'black' },
    encoding: { ...encoding, strokeDash: { ...kind, scale: { range: DASHES } } },
  },
  { mark: { type: 'point' as const, size: 26, color: 'black' }, encoding: { ...encoding, shape: kind } },
];

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
  if (results.about.task.kind !== 'value') return null;
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
        ...toldApart(
          {
            x: { field: 'level', type: 'quantitative', title: 'stated', scale: { domain: [0.5, 1] } },
            y: { field: 'covered', type: 'quantitative', title: 'covered', scale: { domain: [0, 1] } },
          },
          { field: 'method', type: 'nominal', sort: order(results), title: null },
        ),
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
        layer: toldApart(
          {
            x: { field: 'epoch', type: 'quantitative', title: 'epoch' },
            y: {
              field: 'value',
              type: 'quantitative',
              aggregate: 'mean',
              title: `${name} (${unit})`,
              scale: better === 'smaller' ? { type: 'log' } : { zero: false },
            },
            color: { ...of, scale: { range: ['#888888', DARK, '#c46210'] } },
          },
          of,
        ),
      },
    },
  };
}

const FEW_LAYERS = 4;
const EPOCH = { field: 'epoch', title: 'epoch' } as const;
const LAYER = { field: 'layer', title: null, sort: null } as const;
const DENSITY = { type: 'quantitative', aggregate: 'mean', title: 'density' } as const;
/** A line for each of a few layers. */
const densityLines = {
  ...SQUARE,
  layer: toldApart(
    {
      x: { ...EPOCH, type: 'quantitative' },
      y: { ...DENSITY, field: 'value', scale: { domain: [0, 1] } },
    },
    { ...LAYER, type: 'nominal' },
  ),
};
/** A row of greys for each of many layers. */
const densityGreys = {
  ...SQUARE,
  mark: { type: 'rect' },
  encoding: {
    x: { ...EPOCH, type: 'ordinal', axis: { labelAngle: 0, labelOverlap: true, grid: false } },
    y: { ...LAYER, type: 'ordinal', axis: { grid: false } },
    color: { ...DENSITY, field: 'value', scale: { zero: false, nice: true, range: ['white', 'black'] } },
  },
} as const;

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
  const few = new Set(values.map(({ layer }) => layer)).size <= FEW_LAYERS;
  return {
    heading: 'Density of the masks over time, by layer: mean over the splits',
    spec: { ...panels(results, values), spec: few ? densityLines : densityGreys },
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
