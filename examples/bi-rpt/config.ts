import type { JointMaskOptions } from 'bigrad/optim';
import type { Mode } from 'bigrad/bilevel';
import type { Layout } from '../x-yield/index.js';

/** Pre-training on simulated alloys: Adam with a cosine schedule. */
export interface PretrainConfig {
  readonly points: number;
  readonly epochs: number;
  readonly batch: number;
  readonly learningRate: number;
}

/** Fine-tuning on measurements: SGD, the rate divided by 10 after each third of the epochs. */
export interface FineTuneConfig {
  readonly epochs: number;
  readonly batch: number;
  readonly learningRate: number;
}

/** What Bi-RPT adds to fine-tuning. */
export interface BiRptConfig {
  /** Lower steps per upper step, and the size of their simulated batches. */
  readonly lowerSteps: number;
  readonly lowerBatch: number;
  readonly lowerRate: number;
  readonly maskRate: number;
  readonly gamma: number;
  readonly eps: number;
  /** Factor of eps per epoch, and where it stops. */
  readonly epsDecay: number;
  readonly epsFloor: number;
  readonly metric: NonNullable<JointMaskOptions['metric']>;
  readonly mode: Extract<Mode, string>;
}

export interface Config {
  /** The measurements file, or null for the synthetic experiment. */
  readonly data: string | null;
  /** What networks are trained on: cpu, or the mode of bigrad/gpu. */
  readonly device: string;
  readonly fraction: number;
  readonly seeds: number;
  readonly layout: Layout;
  readonly preset: string;
  readonly pretrain: PretrainConfig;
  readonly fineTune: FineTuneConfig;
  readonly biRpt: BiRptConfig;
}
