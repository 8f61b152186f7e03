import { BarController, BarElement, CategoryScale, Chart, Legend, LogarithmicScale, Title, Tooltip } from 'chart.js';
import type { Row } from '../../gpu/bench.js';
import { rateOf } from '../../gpu/columns.js';

Chart.register(BarController, BarElement, CategoryScale, LogarithmicScale, Legend, Title, Tooltip);

/** One for each library, in the order in which they are measured. */
const colours = ['#4269d0', '#efb118', '#ff725c', '#6cc5b0', '#3ca951', '#ff8ab7', '#a463f2', '#97bbf5', '#9c6b4e'];

/** A bar for each job and library, in one unit, on a logarithmic scale. */
export function drawChart(canvas: HTMLCanvasElement, rows: readonly Row[], unit: string): Chart {
  const shown = rows.filter((row) => rateOf(row)?.unit === unit);
  const jobs = [...new Set(shown.map((r) => r.job))];
  const all = [...new Set(rows.map((r) => r.library))];
  const libraries = all.filter((library) => shown.some((r) => r.library === library));
  canvas.height = 60 + jobs.length * (12 * libraries.length + 12);
  return new Chart(canvas, {
    type: 'bar',
    data: {
      labels: jobs,
      datasets: libraries.map((label) => ({
        label,
        backgroundColor: colours[all.indexOf(label) % colours.length]!,
        data: jobs.map((job) => {
          const row = shown.find((r) => r.job === job && r.library === label);
          return row ? rateOf(row)!.value : null;
        }),
      })),
    },
    options: {
      indexAxis: 'y',
      animation: false,
      responsive: false,
      scales: { x: { type: 'logarithmic', title: { display: true, text: unit } } },
      plugins: { title: { display: true, text: `${unit}, more is better` } },
    },
  });
}
