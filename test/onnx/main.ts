import { Command } from 'commander';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { choose, run } from '../../bench/options.js';
import { casesIn, runCase, type Outcome } from './run-case.js';

/** Cases by outcome; of those that are not expressible, how many for each reason. */
export function reportOf(outcomes: ReadonlyMap<string, Outcome>): string {
  const all = [...outcomes.values()];
  const count = (kind: Outcome['kind']): number => all.filter((o) => o.kind === kind).length;
  const named = (kind: 'failed' | 'mistaken'): string[] =>
    [...outcomes].flatMap(([name, o]) => (o.kind === kind ? [`${kind}: ${name}: ${o.why}`] : []));
  const whys = all.flatMap((o) => (o.kind === 'not expressible' ? [o.why] : []));
  const tally = [...new Set(whys)].sort().map((why) => `${whys.filter((w) => w === why).length} ${why}`);
  const kinds = ['passed', 'failed', 'not expressible', 'mistaken'] as const;
  return [
    ...(tally.length > 0 ? ['not expressible:', ...tally.map((line) => `  ${line}`)] : []),
    ...named('mistaken'),
    ...named('failed'),
    kinds.map((kind) => `${count(kind)} ${kind}`).join(', '),
  ].join('\n');
}

/** Runs the cases of a folder whose names contain a filter. */
export function runAll(folder: string, names: readonly string[]): Map<string, Outcome> {
  return new Map(names.map((name) => [name, runCase(join(folder, name))]));
}

const commandOf = (print: (text: string) => void): Command =>
  new Command('onnx')
    .description('Runs the node tests of ONNX, each operator as an expression of bigrad.')
    .argument('<folder>', 'folder of test_*/model.onnx')
    .argument('[filters...]', 'run only the cases whose names contain one of these')
    .option('--list', 'print the names of the cases and stop')
    .configureOutput({ writeErr: print })
    .showSuggestionAfterError(false)
    .exitOverride();

/** The command: gives 1 where a case fails, and throws commander's error for a wrong call. */
export function main(
  args: readonly string[],
  print: (text: string) => void = console.log,
  warn: (text: string) => void = (text) => process.stderr.write(text),
): number {
  const command = commandOf(warn).parse(args, { from: 'user' });
  const [folder = '', ...filters] = command.args;
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    command.error(`error: no folder '${folder}'; docs/testing.md says how to make it`);
  const cases = casesIn(folder).map((name) => ({ name }));
  if (cases.length === 0) command.error(`error: no test_*/model.onnx in '${folder}'`);
  const names = choose(command, cases, filters).map(({ name }) => name);
  if (command.opts<{ list?: boolean }>().list) {
    print(names.join('\n'));
    return 0;
  }
  const outcomes = runAll(folder, names);
  print(reportOf(outcomes));
  return [...outcomes.values()].some(({ kind }) => kind === 'failed') ? 1 : 0;
}

if (import.meta.filename === process.argv[1])
  await run(() => Promise.resolve().then(() => main(process.argv.slice(2))));
