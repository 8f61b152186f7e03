import { Command } from 'commander';
import { median } from 'simple-statistics';
import { integer, run } from '../options.js';
import { processorTime } from '../processor-time.js';
import { settingNow } from '../setting.js';
import { startEnsemble, startEnsembleLoop, type How } from '../steps.js';
import { markdownTable } from '../table.js';

const NETWORKS = 10;
const BATCHES = [4, 16];
const [WARM, RUNS] = [20, 4];

const command = new Command('bench:ensemble')
  .description('Compares ten networks in one compiled step with ten steps, which take turns, as Markdown.')
  .option('--rounds <n>', 'how often each takes its turn', integer(1), 20)
  .showSuggestionAfterError(false)
  .exitOverride();

type Start = (how: How, count: number, n: number) => () => unknown;
const kinds: readonly (readonly [what: string, start: Start])[] = [
  ['in training', startEnsembleLoop],
  ['a single step', startEnsemble],
];

/** Processor time of both, and the ratio of times that were measured one after the other. */
function compared(start: Start, n: number, rounds: number) {
  const [once, turn] = [start('at once', NETWORKS, n), start('in turn', NETWORKS, n)];
  for (const f of [once, turn]) processorTime(f, WARM);
  const pairs = Array.from({ length: rounds }, () => [processorTime(once, RUNS), processorTime(turn, RUNS)] as const);
  return {
    once: median(pairs.map(([a]) => a)),
    turn: median(pairs.map(([, b]) => b)),
    ratio: median(pairs.map(([a, b]) => a / b)),
  };
}

function main(): Promise<number> {
  command.parse();
  const { rounds } = command.opts<{ rounds: number }>();
  const { cpu, node, load } = settingNow();
  const rows = kinds.flatMap(([what, start]) =>
    BATCHES.map((n) => {
      const { once, turn, ratio } = compared(start, n, rounds);
      return [what, String(n), `${once.toFixed(1)} ms`, `${turn.toFixed(1)} ms`, ratio.toFixed(2)];
    }),
  );
  const head = ['ten networks', 'batch of each', 'at once', 'one after another', 'ratio'];
  console.log(`${markdownTable({ head, rows })}\n\n${cpu}, load ${load.toFixed(1)} at the start, Node ${node}`);
  return Promise.resolve(0);
}

await run(main);
