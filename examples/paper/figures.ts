import type { TopLevelSpec } from 'vega-lite';
import { rowsOf, type Results } from '../lab/report/summary.js';
import type { Cells } from '../lab/report/table.js';
import { formulaOf, type Alloy } from '../x-yield/alloy.js';
import { ELEMENTS } from '../x-yield/elements.js';
import { IMAGE_SHAPE, writeImages, type Layout } from '../x-yield/image.js';

const MASKS = ['source mask ms', 'target mask mt', 'both'] as const;

/** How dense a mask is in a layer after the last epoch: the mean over the splits. */
interface LayerDensity {
  readonly method: string;
  readonly mask: (typeof MASKS)[number];
  readonly layer: number;
  readonly density: number;
}

const mean = (xs: readonly number[]): number => xs.reduce((s, x) => s + x, 0) / xs.length;

/** The densities of both masks and of what both leave, method by method and layer by layer. */
export const layerDensities = (results: Results): LayerDensity[] =>
  rowsOf(results).flatMap(({ title, cells }) => {
    const all = cells.flatMap(({ density }) => (density?.masks ? [[...density.masks, density.layers]] : []));
    return MASKS.flatMap((mask, m) =>
      (all[0]?.[m] ?? []).map((_, layer) => ({
        method: title,
        mask,
        layer: layer + 1,
        density: mean(all.map((masks) => masks[m]![layer]!)),
      })),
    );
  });

/** The same as a table. */
export function densityTable(results: Results): Cells {
  const all = layerDensities(results);
  const rows = [...new Map(all.map(({ method, mask }) => [`${method} ${mask}`, { method, mask }])).values()];
  return [
    ['method', 'mask', 'density of each convolution, from the first'],
    ...rows.map(({ method, mask }) => [
      method,
      mask,
      all
        .filter((d) => d.method === method && d.mask === mask)
        .map(({ density }) => density.toFixed(3))
        .join(' '),
    ]),
  ];
}

/** The same as a plot, a panel for each method; masks stand side by side, and differ in shape. */
export function densityPlot(title: string, results: Results): TopLevelSpec {
  const values = layerDensities(results);
  const mask = { field: 'mask', type: 'nominal', sort: [...MASKS], title: null } as const;
  return {
    title,
    data: { values },
    facet: { field: 'method', type: 'nominal', sort: rowsOf(results).map((row) => row.title), title: null },
    columns: 2,
    spec: {
      width: 260,
      height: 190,
      mark: { type: 'point', size: 55, filled: false, color: 'black' },
      encoding: {
        x: { field: 'layer', type: 'ordinal', title: 'convolution', axis: { labelAngle: 0 } },
        y: { field: 'density', type: 'quantitative', title: 'density', scale: { domain: [0, 1] } },
        xOffset: mask,
        shape: mask,
      },
    },
  };
}

/** A plot within a plot. */
type Panel = Extract<TopLevelSpec, { vconcat: unknown }>['vconcat'][number];

const [, ROWS, COLUMNS] = IMAGE_SHAPE;
const LAYOUTS: Readonly<Record<Layout, string>> = {
  ptr: 'PTR: places of the periodic table',
  rptr: 'RPTR: places under a fixed permutation',
};

/** The pseudo-image of an alloy in both layouts: atomic fractions in grey, and their elements. */
export function imagePlot(alloy: Alloy): TopLevelSpec {
  const panel = (layout: Layout): Panel => {
    const image = writeImages([alloy], layout);
    const values = Array.from({ length: ROWS * COLUMNS }, (_, i) => {
      const [row, column] = [Math.floor(i / COLUMNS), i % COLUMNS];
      const symbol = ELEMENTS.find((e) => e[layout][0] === row && e[layout][1] === column)?.symbol ?? '';
      return { row: row + 1, column: column + 1, fraction: image[i]!, symbol };
    });
    const place = {
      x: { field: 'column', type: 'ordinal', axis: { labelAngle: 0, grid: false } },
      y: { field: 'row', type: 'ordinal', axis: { grid: false } },
    } as const;
    return {
      title: LAYOUTS[layout],
      data: { values },
      width: 540,
      height: 270,
      layer: [
        {
          mark: { type: 'rect', stroke: '#bbbbbb' },
          encoding: {
            ...place,
            color: {
              field: 'fraction',
              type: 'quantitative',
              title: 'fraction',
              scale: { range: ['white', '#444444'] },
            },
          },
        },
        {
          mark: { type: 'text', fontSize: 12 },
          encoding: {
            ...place,
            text: { field: 'symbol', type: 'nominal' },
            color: { condition: { test: 'datum.fraction > 0', value: 'white' }, value: 'black' },
          },
        },
      ],
    };
  };
  const second = ((alloy.temperature - 273.15) / 2000).toFixed(4);
  return {
    title: [
      `Pseudo-image of ${formulaOf(alloy)} at ${alloy.temperature} K: its first channel`,
      `Its second channel is the constant (T - 273.15) / 2000 = ${second}.`,
    ],
    vconcat: [panel('ptr'), panel('rptr')],
  };
}
