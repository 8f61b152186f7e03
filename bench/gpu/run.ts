import Benchmark from 'benchmark';
import type { Mode } from 'bigrad/gpu';
import { Command, Option } from 'commander';
import { resultPath, writeJson } from '../files.js';
import { choose, integer, INTERRUPTED, onInterrupt, run, seconds } from '../options.js';
import { settingNow } from '../setting.js';
import { markdownTable, terminalTable } from '../table.js';
import { bench, type Row } from './bench.js';
import { bigradCpu, bigradKernels, bigradOn } from './bigrad.js';
import { inBrowser, servePage } from './browser.js';
import { adapters, columns, definitions, reasons } from './columns.js';
import { gpuJsOn } from './gpu-js.js';
import { jobs, largeJobs } from './jobs.js';

interface Options {
  readonly list?: boolean;
  readonly browser?: boolean;
  readonly gpu?: boolean;
  readonly serve?: boolean;
  readonly large?: boolean;
  readonly port: number;
  readonly markdown?: boolean;
  readonly seconds: number;
  readonly library: string[];
  readonly out: string;
}

const modes: readonly Mode[] = ['cpu', 'webasm', 'webgpu'];

const command = new Command('bench:gpu')
  .description(
    'Times the GPU kernels of bigrad: in Node on cpu, webasm and webgpu; in a browser on webgl2, webgl and webgpu, beside GPU.js, tfjs and jax-js.',
  )
  .argument('[filters...]', 'run only the jobs whose names contain one of these')
  .option('--list', 'print the names of the jobs and stop')
  .option('--browser', 'measure in a headless Chromium')
  .addOption(new Option('--gpu', 'of --browser: let Chromium use a real GPU by Vulkan').implies({ browser: true }))
  .addOption(new Option('--large', 'measure what has work enough for a GPU, in Node').conflicts(['browser', 'serve']))
  .option('--serve', 'serve the page that measures, for a browser of your own')
  .option('--port <n>', 'of --serve', integer(0, 65535), 8080)
  .option(
    '--library <name>',
    'only libraries and modes whose names contain this; may be given more than once',
    (text, before: string[]) => [...before, text],
    [],
  )
  .option('--seconds <s>', 'time to sample each row', seconds, 2)
  .option('--out <folder>', 'where the JSON of the results goes', 'bench/results')
  .option('--markdown', 'print the table as Markdown')
  .showSuggestionAfterError(false)
  .exitOverride();

async function main(): Promise<number> {
  command.parse();
  const options = command.opts<Options>();
  const chosen = choose(command, options.large ? largeJobs : jobs, command.args);
  if (options.list) {
    for (const { name } of chosen) console.log(name);
    return 0;
  }
  const query = new URLSearchParams({ seconds: String(options.seconds) });
  for (const filter of command.args) query.append('job', filter);
  for (const name of options.library) query.append('library', name);
  const failed = (error: unknown): never => command.error(`error: ${(error as Error).message.split('\n')[0]!}`);
  if (options.serve) {
    const { url } = await servePage(options.port).catch(failed);
    console.log(`${url}?${query.toString()}`);
    return new Promise(() => undefined); // until Ctrl-C
  }

  const setting = { ...settingNow(), seconds: options.seconds, where: options.browser ? 'Chromium' : 'Node' };
  const path = resultPath(command, options.out, 'gpu-', setting.date);
  const signal = onInterrupt();
  const rows: Row[] = [];
  const tell = (row: Row): void => {
    rows.push(row);
    writeJson(`${path}.json`, { setting, definitions, adapters: adapters(rows), rows });
    console.error(
      `${rows.length}: ${row.job} on ${row.library}: ${row.error ?? `${row.timing!.each.toPrecision(3)} ms`}`,
    );
  };
  if (options.browser) await inBrowser(query, options.gpu ?? false, signal, tell, `${path}.png`).catch(failed);
  else {
    const wanted = (name: string): boolean =>
      options.library.length === 0 || options.library.some((l) => name.toLowerCase().includes(l.toLowerCase()));
    const all = [bigradCpu, ...modes.map((mode) => bigradOn(mode)), bigradKernels, ...modes.map(gpuJsOn)];
    const candidates = all.filter(({ name }) => wanted(name));
    await bench(candidates, chosen, { seconds: options.seconds, library: Benchmark, signal }, tell);
  }
  if (rows.length === 0 && !signal.aborted)
    return command.error(`error: no library or mode contains ${options.library.join(' or ')}`);
  const order = (row: Row): number => {
    const at = chosen.findIndex(({ name }) => name === row.job);
    return at < 0 ? chosen.length : at;
  };
  const table = columns([...rows].sort((a, b) => order(a) - order(b)));
  const { cpu, cores, load, node, bigrad } = setting;
  const notes = [
    ...adapters(rows),
    ...reasons(rows),
    ...definitions,
    `${cpu}, ${cores} cores, load ${load.toFixed(1)} at the start, Node ${node}, bigrad ${bigrad}; ${path}.json`,
  ];
  console.log(
    options.markdown
      ? `${markdownTable(table)}\n\n${notes.map((l) => `- ${l}`).join('\n')}`
      : `${terminalTable(table)}\n${notes.join('\n')}`,
  );
  return signal.aborted ? INTERRUPTED : 0;
}

await run(main);
process.exit(); // whatever a library keeps open
