import { svgOf } from '../lab/svg.js';
import { explain } from './explain.js';
import { learningCurves, predictedAgainstMeasured } from './plots.js';
import { report } from './report.js';
import type { Results } from './store.js';

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]!);

/** One self-contained HTML page of a run: what it was, its words, its table, and its plots. */
export async function page(run: Results, about: string): Promise<string> {
  const { config, measurements, bigrad, machine } = run;
  const [scatter, curves] = [predictedAgainstMeasured(run.results), learningCurves(run.results)];
  const plots = [await svgOf(scatter), await svgOf(curves)];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>X-Yield: results of a run</title>
<style>body{font:16px/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#111}
pre{overflow:auto;font-size:13px;line-height:1.2}figure{margin:2rem 0}svg{max-width:100%;height:auto}</style></head><body>
<h1>X-Yield: results of a run</h1>
<p>${escaped(about).replaceAll('\n', '<br>')}</p>
<p>${escaped(explain(run))}</p>
<pre>${escaped(report(run))}</pre>
${plots.map((svg) => `<figure>${svg}</figure>`).join('\n')}
<h2>Configuration</h2>
<pre>${escaped(JSON.stringify({ config, measurements, bigrad, machine }, null, 2))}</pre>
</body></html>
`;
}
