import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { BiRptConfig, Config } from './config.js';
import { DEVICES, type DeviceName } from './device.js';

export interface Options {
  /** With the device that was asked for. */
  readonly config: Config & { readonly device: DeviceName };
  /** Output folder; null for a new one under results/. */
  readonly out: string | null;
}

const integer =
  (least: number, most = 1e6) =>
  (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < least || value > most)
      throw new InvalidArgumentError(`Expected an integer from ${least} to ${most}.`);
    return value;
  };
const fraction = (text: string): number => {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && value < 1))
    throw new InvalidArgumentError('Expected a number between 0 and 1.');
  return value;
};
const rate = (text: string): number => {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && Number.isFinite(value)))
    throw new InvalidArgumentError('Expected a number of at least 0.');
  return value;
};

/**
 * Masks, gates and thresholds: the choice made on the synthetic experiment, the paper's reading,
 * and what the authors' code does.
 */
export const PRESETS: Readonly<
  Record<string, Pick<BiRptConfig, 'lowerRate' | 'maskRate' | 'gamma' | 'eps' | 'epsDecay' | 'epsFloor' | 'metric'>>
> = {
  tuned: { lowerRate: 3e-4, maskRate: 3.5, gamma: 1e-4, eps: 0.1, epsDecay: 0.9, epsFloor: 1e-3, metric: 'paper' },
  paper: { lowerRate: 1e-3, maskRate: 3.5, gamma: 1e-4, eps: 0.1, epsDecay: 0.9, epsFloor: 1e-12, metric: 'paper' },
  released: {
    lowerRate: 1e-3,
    maskRate: 3.5,
    gamma: 1e-3,
    eps: 0.1,
    epsDecay: 0.9,
    epsFloor: 1e-12,
    metric: 'separate',
  },
};

/** Sizes that end in about a minute on one idle core, and the paper's. */
const SIZES = {
  quick: { points: 8000, pretrainEpochs: 2, pretrainRate: 1e-3, rate: 1e-2, epochs: 45, lowerBatch: 4, seeds: 5 },
  full: { points: 100_000, pretrainEpochs: 10, pretrainRate: 1e-4, rate: 1e-3, epochs: 90, lowerBatch: 16, seeds: 10 },
} as const;

const program = (): Command =>
  new Command('npm start --')
    .description(
      'Predicts the yield strength of alloys from few measurements: Bi-RPT against its baselines, on X-Yield.',
    )
    .option(
      '--data <file>',
      'measurements: the 240-row table or the Citrine MPEA data set (default: a synthetic experiment)',
    )
    .option('--fraction <f>', 'share of the measurements to train on', fraction, 0.1)
    .option(
      '--seeds <n>',
      `number of random splits and initialisations (default: ${SIZES.quick.seeds}; --full: ${SIZES.full.seeds})`,
      integer(1),
    )
    .option(
      '--points <n>',
      `simulated alloys to pre-train on (default: ${SIZES.quick.points}; --full: ${SIZES.full.points})`,
      integer(16, 1e7),
    )
    .option(
      '--pretrain-epochs <n>',
      `passes over them (default: ${SIZES.quick.pretrainEpochs}; --full: ${SIZES.full.pretrainEpochs})`,
      integer(1),
    )
    .option(
      '--epochs <n>',
      `passes over the measured training points (default: ${SIZES.quick.epochs}; --full: ${SIZES.full.epochs})`,
      integer(1),
    )
    .addOption(
      new Option('--preset <name>', 'masks and thresholds of Bi-RPT').choices(Object.keys(PRESETS)).default('tuned'),
    )
    .addOption(
      new Option('--mode <name>', 'how the hypergradient is taken')
        .choices(['exact', 'summed', 'paper', 'firstOrder'])
        .default('exact'),
    )
    .option('--lower-steps <n>', 'simulated steps per measured step', integer(1), 1)
    .option('--gamma <g>', "weight of the penalty on masks (default: the preset's)", rate)
    .option('--mask-rate <r>', "step size of the masks (default: the preset's)", rate)
    .addOption(
      new Option('--layout <name>', 'where elements stand in the pseudo-image')
        .choices(['ptr', 'rptr'])
        .default('rptr'),
    )
    .option(
      '--out <folder>',
      'where results go; a folder of an interrupted run goes on (default: a new one under results/)',
    )
    .addOption(
      new Option(
        '--device <name>',
        'where networks are trained: the cpu device of bigrad, or GPU.js on webgpu, headlessgl, webasm or plain JavaScript (gpu-cpu), or on the first that is available (auto)',
      )
        .choices(DEVICES)
        .default('cpu'),
    )
    .option('--full', "the paper's sizes and schedule: hours", false)
    .allowExcessArguments(false)
    .exitOverride();

interface Parsed {
  data?: string;
  fraction: number;
  seeds?: number;
  points?: number;
  pretrainEpochs?: number;
  epochs?: number;
  preset: string;
  mode: BiRptConfig['mode'];
  lowerSteps: number;
  gamma?: number;
  maskRate?: number;
  layout: Config['layout'];
  out?: string;
  device: DeviceName;
  full: boolean;
}

/**
 * Reads the command line; returns the exit code instead where there is nothing to run: 0 after
 * --help, 2 for wrong options.
 */
export function parseOptions(
  args: readonly string[],
  writeErr: (text: string) => void = (text) => process.stderr.write(text),
): Options | number {
  const command = program().configureOutput({ writeErr });
  try {
    command.parse(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
  const o = command.opts<Parsed>();
  const size = o.full ? SIZES.full : SIZES.quick;
  const preset = PRESETS[o.preset]!;
  return {
    out: o.out ?? null,
    config: {
      data: o.data ?? null,
      device: o.device,
      fraction: o.fraction,
      seeds: o.seeds ?? size.seeds,
      layout: o.layout,
      preset: o.preset,
      pretrain: {
        points: o.points ?? size.points,
        epochs: o.pretrainEpochs ?? size.pretrainEpochs,
        batch: 16,
        learningRate: size.pretrainRate,
      },
      fineTune: { epochs: o.epochs ?? size.epochs, batch: 4, learningRate: size.rate },
      biRpt: {
        ...preset,
        lowerSteps: o.lowerSteps,
        lowerBatch: size.lowerBatch,
        mode: o.mode,
        gamma: o.gamma ?? preset.gamma,
        maskRate: o.maskRate ?? preset.maskRate,
      },
    },
  };
}
