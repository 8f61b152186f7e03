import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { parseSetting, OptionError, type Choice, type Setting } from './choose.js';
import { DEVICES, type DeviceName } from './device.js';
import type { Bench, SizeName } from './records.js';

/** A part of the cells: those whose number leaves `index` when divided by `count`. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

export interface Options extends Choice {
  readonly testbed: string;
  readonly data: string | null;
  /** Folder of images. */
  readonly images: string | null;
  readonly layout: string;
  readonly device: DeviceName;
  /** Output folder; null for a new one under results/. */
  readonly out: string | null;
  readonly workers: number;
  readonly shard: Shard;
  /** Whether another process started this one and shows its progress. */
  readonly worker: boolean;
  readonly list: boolean;
}

const integer =
  (least: number, most = 1e6) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isInteger(value) || value < least || value > most)
      throw new InvalidArgumentError(`Expected an integer from ${least} to ${most}.`);
    return value;
  };
const names = (text: string): string[] => text.split(',').map((name) => name.trim());
const setting = (text: string, before: Setting[] = []): Setting[] => {
  try {
    return [...before, parseSetting(text)];
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    throw new InvalidArgumentError(`${error.message}.`);
  }
};
const shard = (text: string): Shard => {
  const match = /^(\d+)\/(\d+)$/.exec(text);
  const [index, count] = [Number(match?.[1]), Number(match?.[2])];
  if (!match || !(count >= 1 && index < count))
    throw new InvalidArgumentError('Expected i/n with i from 0 to n - 1, such as 0/4.');
  return { index, count };
};

const program = (benches: readonly Bench<unknown>[]): Command => {
  const [first] = benches;
  const per = (pick: (bench: Bench<unknown>, size: SizeName) => number): string =>
    `of quick, default, full: ${(['quick', 'default', 'full'] as const).map((s) => pick(first!, s)).join(', ')}`;
  const choice = (flag: string, words: string, all: readonly string[]): Option =>
    new Option(flag, words).choices(all).default(all[0]);
  return new Command('npm start --')
    .description('Compares methods of transfer from cheap data to few measurements: Bi-RPT and its baselines.')
    .addOption(
      choice(
        '--testbed <name>',
        'what is learned',
        benches.map(({ name }) => name),
      ),
    )
    .option('--list', 'prints tasks, protocols, methods and their settings', false)
    .option(
      '--data <file>',
      'measurements: the 240-row table or the Citrine MPEA data set (default: a synthetic experiment)',
    )
    .option('--images <folder>', 'images of the testbed images: FOLDER/source/CLASS/*.png or *.jpg, and FOLDER/target')
    .option('--network <name>', 'which network is trained, where a testbed has several (--list names them)')
    .option('--task <name>', `what is predicted (default: ${first!.tasks[0]!.name})`)
    .option('--protocol <name>', `how data is split (default: ${first!.protocols[0]!.name})`)
    .option('--methods <names>', `methods, separated by commas, or all (default: ${first!.first.join(',')})`, names)
    .option('--set <setting>', 'changes a setting of a method: bi-rpt.gamma=1e-3; can be given again', setting)
    .addOption(
      new Option('--size <name>', "seconds, about a minute, or the paper's sizes: hours")
        .choices(['quick', 'default', 'full'])
        .default('default'),
    )
    .option('--splits <n>', `how many splits (${per((b, s) => b.sizes[s].splits)})`, integer(1))
    .option(
      '--first-split <n>',
      'number of the first split, where those before it chose settings (default: 0)',
      integer(0),
    )
    .option('--points <n>', `source items (${per((b, s) => b.sizes[s].points)})`, integer(16, 1e7))
    .option('--pretrain-epochs <n>', `passes over them (${per((b, s) => b.sizes[s].pretrain.epochs)})`, integer(1))
    .option('--epochs <n>', `passes over the training items (${per((b, s) => b.sizes[s].fineTune.epochs)})`, integer(1))
    .addOption(
      new Option('--layout <name>', 'where elements stand in the pseudo-image')
        .choices(['ptr', 'rptr'])
        .default('rptr'),
    )
    .option('--workers <n>', 'processes that compute at the same time', integer(1, 256), 1)
    .option('--shard <i/n>', 'computes only every n-th part of the cells, for jobs that share a folder', shard)
    .option('--out <folder>', 'where results go; a folder that is there goes on (default: a new one under results/)')
    .addOption(
      new Option(
        '--device <name>',
        'where networks are trained: the cpu device of bigrad, or GPU.js on webgpu, headlessgl, webasm or plain JavaScript (gpu-cpu), or on the first that is available (auto)',
      )
        .choices(DEVICES)
        .default('cpu'),
    )
    .addOption(new Option('--worker').hideHelp().default(false))
    .allowExcessArguments(false)
    .exitOverride();
};

interface Parsed extends Omit<Options, 'data' | 'images' | 'out' | 'shard' | 'settings'> {
  data?: string;
  images?: string;
  out?: string;
  shard?: Shard;
  set?: Setting[];
}

/**
 * Reads the command line; returns the exit code instead where there is nothing to run: 0 after
 * --help, 2 for wrong options.
 */
export function parseOptions(
  benches: readonly Bench<unknown>[],
  args: readonly string[],
  writeErr: (text: string) => void = (text) => process.stderr.write(text),
): Options | number {
  const command = program(benches).configureOutput({ writeErr });
  try {
    command.parse(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
  const { set, ...o } = command.opts<Parsed>();
  return {
    ...o,
    settings: set ?? [],
    data: o.data ?? null,
    images: o.images ?? null,
    out: o.out ?? null,
    shard: o.shard ?? { index: 0, count: 1 },
  };
}
