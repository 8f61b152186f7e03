import { randomKey, randomPermutation } from 'bigrad';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { cases as batchNorm } from './batch-norm.js';
import { measure, type Case, type Measurement } from './case.js';
import { cases as convolution } from './convolution.js';
import { cases as elementwise } from './elementwise.js';
import { cases as gate } from './gate.js';
import { cases as matmul } from './matmul.js';
import { cases as pool } from './pool.js';
import { markdownTable, printTable, resultFile, save, settingOf } from './report.js';
import { cases as training } from './training.js';

interface Options {
  readonly list?: boolean;
  readonly markdown?: boolean;
  readonly seconds: number;
  readonly seed: number;
  readonly out: string;
}

const all = [...matmul, ...convolution, ...batchNorm, ...gate, ...pool, ...elementwise, ...training];

const BAD_OPTION = 2;
const INTERRUPTED = 130;

function seconds(text: string): number {
  const n = Number(text);
  if (!(n > 0 && n < Infinity)) throw new InvalidArgumentError('Expected a positive number of seconds.');
  return n;
}
function seed(text: string): number {
  const n = Number(text);
  if (!/^\d+$/.test(text) || n > 2 ** 31 - 1)
    throw new InvalidArgumentError('Expected an integer from 0 to 2147483647.');
  return n;
}

const command = new Command('bench')
  .description('Times the ops and the training steps of bigrad.')
  .argument('[filters...]', 'run only the cases whose names contain one of these')
  .option('--list', 'print the names of the cases and stop')
  .option('--seconds <s>', 'least time to sample each case', seconds, 2)
  .option('--seed <n>', 'order of the cases', seed, 0)
  .option('--out <folder>', 'where the JSON of the results goes', 'bench/results')
  .option('--markdown', 'print the table as Markdown')
  .showSuggestionAfterError(false)
  .exitOverride();

/** The cases that any filter names, in their own order. */
function choose(filters: readonly string[]): Case[] {
  const missing = filters.find((f) => !all.some((c) => matches(c, f)));
  if (missing !== undefined) command.error(`error: no case contains '${missing}'; --list prints them all`);
  return all.filter((c) => filters.length === 0 || filters.some((f) => matches(c, f)));
}
const matches = ({ name }: Case, filter: string): boolean => name.toLowerCase().includes(filter.toLowerCase());

async function main(): Promise<number> {
  command.parse();
  const options = command.opts<Options>();
  const chosen = choose(command.args);
  if (options.list) {
    for (const { name } of chosen) console.log(name);
    return 0;
  }
  const setting = settingOf(options);
  let file: string;
  try {
    file = resultFile(options.out, setting.date);
  } catch (e) {
    return command.error(`error: cannot write results to '${options.out}': ${(e as Error).message}`);
  }

  const interrupt = new AbortController();
  process.once('SIGINT', () => {
    interrupt.abort();
  });
  const results: Measurement[] = [];
  const inOrder = (): Measurement[] => chosen.flatMap(({ name }) => results.filter((r) => r.name === name));
  for (const [i, at] of randomPermutation(randomKey(options.seed), chosen.length).readSync().entries()) {
    const result = await measure(chosen[at]!, options.seconds, interrupt.signal);
    if (!result) break;
    results.push(result);
    save(file, setting, inOrder());
    console.error(`${i + 1}/${chosen.length} ${result.name}: ${Number(result.mean.toPrecision(3))} ms`);
  }
  if (results.length > 0) {
    console.log((options.markdown ? markdownTable : printTable)(inOrder()));
    const { cpu, cores, load, node, bigrad } = setting;
    console.log(
      `\n${cpu}, ${cores} cores, load ${load.toFixed(1)} at the start, Node ${node}, bigrad ${bigrad}; ${file}`,
    );
  }
  return interrupt.signal.aborted ? INTERRUPTED : 0;
}

try {
  process.exitCode = await main();
} catch (e) {
  if (!(e instanceof CommanderError)) throw e; // commander has printed its line
  process.exitCode = e.exitCode === 0 ? 0 : BAD_OPTION;
}
