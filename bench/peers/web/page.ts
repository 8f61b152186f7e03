import { bigradCpu, bigradKernels, bigradOn } from '../../gpu/bigrad.js';
import { adapters, columns, definitions, reasons } from '../../gpu/columns.js';
import { bench, type Row } from '../../gpu/bench.js';
import { gpuJsOn } from '../../gpu/gpu-js.js';
import { jobs } from '../../gpu/jobs.js';
import { inPage } from './benchmark.js';
import { drawChart } from './chart.js';
import { jaxJs } from './jax-js.js';
import { tfjsOn } from './tfjs.js';

// ?seconds=2&job=conv&library=webgpu: seconds for each row, and what the names of jobs and
// libraries must contain.

const modes = ['webgl2', 'webgl', 'webgpu'] as const;
const all = [
  bigradCpu,
  ...modes.map((mode) => bigradOn(mode)),
  bigradKernels,
  ...modes.map(gpuJsOn),
  tfjsOn('webgl'),
  tfjsOn('webgpu'),
  jaxJs,
];

const query = new URLSearchParams(location.search);
const wanted = (key: string, name: string): boolean => {
  const parts = query.getAll(key);
  return parts.length === 0 || parts.some((part) => name.toLowerCase().includes(part.toLowerCase()));
};
const chosen = jobs.filter(({ name }) => wanted('job', name));
const candidates = all.filter(({ name }) => wanted('library', name));
const element = (id: string): HTMLElement => document.getElementById(id)!;

const rows: Row[] = [];
let charts: { destroy(): void }[] = [];

function show(): void {
  const { head, rows: cells } = columns([...rows].sort((a, b) => place(a) - place(b)));
  const line = (texts: readonly string[], tag: string): HTMLTableRowElement => {
    const tr = document.createElement('tr');
    for (const text of texts) tr.append(Object.assign(document.createElement(tag), { textContent: text }));
    return tr;
  };
  element('table').replaceChildren(line(head, 'th'), ...cells.map((texts) => line(texts, 'td')));
  element('adapters').textContent = [...adapters(rows), ...reasons(rows)].join('\n');
  for (const chart of charts) chart.destroy();
  charts = ['GFLOP/s', 'GB/s'].map((unit, i) => drawChart(element(`chart${i}`) as HTMLCanvasElement, rows, unit));
}
const place = ({ job }: Row): number => {
  const at = chosen.findIndex(({ name }) => name === job);
  return at < 0 ? chosen.length : at;
};

element('definitions').textContent = definitions.join('\n');
const seconds = Number(query.get('seconds') ?? 2);
await bench(candidates, chosen, { seconds, library: inPage }, (row) => {
  rows.push(row);
  element('state').textContent = `${rows.length}: ${row.job} on ${row.library}`;
  show();
  console.log(JSON.stringify(row));
});
element('state').textContent = 'done';
Object.assign(globalThis, { finished: rows });
