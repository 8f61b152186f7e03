import { BENCHES } from '../benches.js';
import { experimentOf, networkOf, OptionError } from '../lab/choose.js';
import { count, duration } from '../lab/duration.js';
import { parseOptions } from '../lab/options.js';
import { stepsOf } from '../lab/run.js';
import type { Exhibit, Part } from './exhibits.js';

/** The arguments of `npm start` for a part of an exhibit; `also` is what a user adds. */
export const argumentsOf = (exhibit: Exhibit, part: Part, also: readonly string[]): string[] => [
  ...part.options,
  '--methods',
  exhibit.methods.join(','),
  ...also,
];

/** Training of one experiment from nothing, on one idle core. */
function work(args: readonly string[]): { steps: number; seconds: number } {
  const options = parseOptions(BENCHES, args);
  if (typeof options === 'number') throw new OptionError(`expected options of npm start, found ${args.join(' ')}`);
  const bench = BENCHES.find(({ name }) => name === options.testbed)!;
  const steps = stepsOf(experimentOf(bench, () => bench.open(options), options));
  return { steps, seconds: steps * networkOf(bench, options).stepSeconds };
}

/** How long an exhibit takes from nothing, in words; throws a `DataError` where data is missing. */
export function timeOf(exhibit: Exhibit, argumentsOfPart: (part: Part) => readonly string[], workers = 1): string {
  if (exhibit.parts.length === 0) return 'no training';
  const all = exhibit.parts.map((part) => work(argumentsOfPart(part)));
  const [steps, seconds] = [all.reduce((n, w) => n + w.steps, 0), all.reduce((n, w) => n + w.seconds, 0)];
  return `${count(exhibit.parts.length, 'experiment')}, ${count(steps, 'step')} of training: about ${duration(seconds / workers)} on ${count(workers, 'idle core')}`;
}
