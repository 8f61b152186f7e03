import type { TopLevelSpec } from 'vega-lite';

/** What all plots share: white ground, dark text, and marks that differ without colour. */
const CONFIG = {
  background: 'white',
  font: 'sans-serif',
  axis: { labelFontSize: 11, labelLimit: 260, titleFontSize: 12, grid: true, gridColor: '#e8e8e8' },
  legend: { labelFontSize: 11, titleFontSize: 12, labelLimit: 600 },
  title: { fontSize: 13, anchor: 'start' },
} as const;

/** The plot of a Vega-Lite specification as SVG; no browser takes part. */
export async function svgOf(spec: TopLevelSpec): Promise<string> {
  const [vega, { compile }] = await Promise.all([import('vega'), import('vega-lite')]); // only where a plot is made
  const { spec: compiled } = compile({ ...spec, config: { ...CONFIG, ...spec.config } });
  const view = new vega.View(vega.parse(compiled), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
