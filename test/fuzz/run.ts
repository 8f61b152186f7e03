import Table from 'cli-table3';
import { Command, InvalidArgumentError } from 'commander';
import { SingleBar } from 'cli-progress';
import type { Outcome } from './outcome.js';
import { integer } from '../../bench/options.js';
import { lists, suite, type SuiteName } from './suites.js';
import { watched } from './watch.js';

interface Options {
  readonly calls: number;
  readonly files?: number;
  readonly property?: keyof typeof lists;
  readonly seed: number;
  readonly only?: number;
}

const property = (text: string): string => {
  if (!Object.hasOwn(lists, text)) throw new InvalidArgumentError(`It is none of ${Object.keys(lists).join(', ')}.`);
  return text;
};

const options = new Command('fuzz')
  .description(
    'Calls every public function with wrong arguments, in child processes: each call gives an answer or a refusal by name.',
  )
  .option('--calls <n>', 'how many random calls', integer(1), 100_000)
  .option('--files <n>', 'instead: how many damaged safetensors files', integer(1))
  .option('--property <name>', `instead: all cases of a property: ${Object.keys(lists).join(', ')}`, property)
  .option('--seed <n>', 'of the random choices', integer(0), 1)
  .option('--only <n>', 'that one call or file', integer(0))
  .parse()
  .opts<Options>();

const { seed, only } = options;
const name: Exclude<SuiteName, 'dying'> = options.property ?? (options.files === undefined ? 'calls' : 'files');
const [from, to] = only === undefined ? [0, countOf(name)] : [only, only + 1];
const caseAt = suite(name, seed);

function countOf(of: typeof name): number {
  return of === 'calls' ? options.calls : of === 'files' ? options.files! : lists[of]().length;
}

const rows = new Map<string, Record<Outcome['kind'], number>>();
const failures: string[] = [];
const bar = new SingleBar({
  format: '{bar} {value}/{total} {failed} failures',
  noTTYOutput: true,
  notTTYSchedule: 10_000,
});
bar.start(to - from, 0, { failed: 0 });
await watched({ suite: name, seed, from, to }, (n, { kind, message }) => {
  const { id, what } = caseAt(n);
  const row = rows.get(id) ?? { answer: 0, refusal: 0, failure: 0 };
  row[kind]++;
  rows.set(id, row);
  if (kind === 'failure') failures.push(`${again(n)}  # ${id}: ${what}: ${message}`);
  bar.increment(1, { failed: failures.length });
});
bar.stop();

/** The command that reruns one case. */
function again(n: number): string {
  const which = name === 'calls' ? '' : name === 'files' ? ' --files 1' : ` --property ${name}`;
  return `npm run fuzz --${which} --seed ${seed} --only ${n}`;
}

const table = new Table({ head: ['function', 'answers', 'refusals', 'failures'], style: { head: [], border: [] } });
for (const [id, { answer, refusal, failure }] of [...rows].sort(([a], [b]) => (a < b ? -1 : 1)))
  table.push([id, answer, refusal, failure]);
console.log(table.toString());
if (only !== undefined) console.log(`${caseAt(only).id}: ${caseAt(only).what}`);
for (const line of failures) console.log(line);
console.log(`${to - from} cases, ${failures.length} failures`);
process.exitCode = failures.length > 0 ? 1 : 0;
