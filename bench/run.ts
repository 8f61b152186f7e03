import { randomKey, randomPermutation } from 'bigrad';
import { Command } from 'commander';
import { cases as attention } from './attention.js';
import { cases as batchNorm } from './batch-norm.js';
import { measure, type Measurement } from './case.js';
import { cases as compact } from './compact.js';
import { cases as convolution } from './convolution.js';
import { cases as elementwise } from './elementwise.js';
import { resultPath, writeJson } from './files.js';
import { cases as gate } from './gate.js';
import { cases as linalg } from './linalg.js';
import { cases as matmul } from './matmul.js';
import { cases as order } from './order.js';
import { choose, integer, INTERRUPTED, onInterrupt, run, seconds } from './options.js';
import { createPeak } from './peak/peak.js';
import { createShare, definitions, shareOf } from './peak/share.js';
import { cases as pool } from './pool.js';
import { report } from './report.js';
import { settingNow } from './setting.js';
import { cases as training } from './training.js';

interface Options {
  readonly list?: boolean;
  readonly markdown?: boolean;
  readonly seconds: number;
  readonly seed: number;
  readonly out: string;
}

const all = [
  ...matmul,
  ...convolution,
  ...batchNorm,
  ...gate,
  ...pool,
  ...elementwise,
  ...linalg,
  ...compact,
  ...order,
  ...attention,
  ...training,
];

const command = new Command('bench')
  .description('Times the ops and the training steps of bigrad.')
  .argument('[filters...]', 'run only the cases whose names contain one of these')
  .option('--list', 'print the names of the cases and stop')
  .option('--seconds <s>', 'least time to sample each case', seconds, 2)
  .option('--seed <n>', 'order of the cases', integer(0), 0)
  .option('--out <folder>', 'where the JSON of the results goes', 'bench/results')
  .option('--markdown', 'print the table as Markdown')
  .showSuggestionAfterError(false)
  .exitOverride();

async function main(): Promise<number> {
  command.parse();
  const options = command.opts<Options>();
  const chosen = choose(command, all, command.args);
  if (options.list) {
    for (const { name } of chosen) console.log(name);
    return 0;
  }
  const setting = { ...settingNow(), seconds: options.seconds, seed: options.seed };
  const file = `${resultPath(command, options.out, '', setting.date)}.json`;

  const signal = onInterrupt();
  const share = createShare(await createPeak(), options.seconds / 4, signal);
  const results: Measurement[] = [];
  const inOrder = (): Measurement[] => chosen.flatMap(({ name }) => results.filter((r) => r.name === name));
  for (const [i, at] of randomPermutation(randomKey(options.seed), chosen.length).readSync().entries()) {
    const found = await measure(chosen[at]!, options.seconds, signal);
    const best = found?.work && (await share.best(found.work));
    if (!found || signal.aborted) break;
    results.push({ ...found, ...(best && { best }) });
    writeJson(file, {
      setting: { ...setting, peak: share.build },
      definitions,
      results: inOrder().map((r) => ({ ...r, ofPeak: shareOf(r) })),
    });
    console.error(`${i + 1}/${chosen.length} ${found.name}: ${Number(found.mean.toPrecision(3))} ms`);
  }
  if (results.length > 0) {
    console.log(report(inOrder(), options.markdown ?? false));
    const { cpu, cores, load, node, bigrad } = setting;
    console.log(
      `\n${cpu}, ${cores} cores, load ${load.toFixed(1)} at the start, Node ${node}, bigrad ${bigrad}, peak by ${share.build}; ${file}`,
    );
  }
  return signal.aborted ? INTERRUPTED : 0;
}

await run(main);
