import { randomKey, type Backend } from 'bigrad';
import {
  fewShotSplit,
  linearInSimulation,
  meanPredictor,
  meanSquaredError,
  rawSimulation,
  sampleGrid,
  seeded,
  type Baseline,
  type Measurement,
  type Split,
} from '../x-yield/index.js';
import { biRpt } from './bi-rpt.js';
import type { Config } from './config.js';
import { batchCount, measuredDataset, simulatedDataset, type Dataset } from './dataset.js';
import { densityOf, observer, settle, strengthsOf, type CurvePoint, type Density } from './evaluate.js';
import { fineTune, fineTuneSteps } from './fine-tune.js';
import { initStatistics, initWeights } from './network.js';
import { pretrainSteps, startPretraining, type Model, type Observe, type Tick } from './pretrain.js';
import type { Progress } from './progress.js';
import type { Store } from './store.js';

const BASELINES: Readonly<Record<string, Baseline>> = {
  'Mean predictor': meanPredictor,
  'Raw simulation': rawSimulation,
  'Linear in T and simulation': linearInSimulation,
};
export const BI_RPT = 'Bi-RPT';
const NETWORKS = ['No Pretraining', 'Pretrain-and-transfer', BI_RPT] as const;
export const METHODS: readonly string[] = [...Object.keys(BASELINES), ...NETWORKS];

const PRETRAIN_SEED = 1_000_003; // apart from the seeds of splits, so that pre-training is shared by all of them

/** How many training steps a run takes in all, as `runExperiment` counts them. */
export function stepCount(measurements: readonly Measurement[], config: Config): number {
  const { train } = fewShotSplit(measurements, config.fraction, 0);
  const fine = fineTuneSteps(measuredDataset(train, config.layout), config.fineTune);
  return (
    config.pretrain.epochs * Math.ceil(config.pretrain.points / config.pretrain.batch) +
    config.seeds * NETWORKS.length * fine
  );
}

/**
 * Runs every method on every split and adds each result to the store as it comes; what is there
 * already is not run again.
 */
export async function runExperiment(
  measurements: readonly Measurement[],
  config: Config,
  store: Store,
  progress: Progress,
  device: Backend,
): Promise<void> {
  const simulated = simulatedDataset(sampleGrid(config.pretrain.points, seeded(PRETRAIN_SEED)), config.layout);
  const splits = Array.from({ length: config.seeds }, (_, seed) => fewShotSplit(measurements, config.fraction, seed));
  for (const [seed, split] of splits.entries())
    for (const [method, baseline] of Object.entries(BASELINES))
      if (!store.has(method, seed))
        store.add({ method, seed, ...outcome(split, split.test.map(baseline(split.train))) });

  const pretrained = await pretrainOnce(simulated, config, store, progress, device);
  for (const [seed, split] of splits.entries()) {
    const [train, test] = [measuredDataset(split.train, config.layout), measuredDataset(split.test, config.layout)];
    for (const method of NETWORKS) {
      if (store.has(method, seed)) {
        progress.skip(fineTuneSteps(train, config.fineTune));
        continue;
      }
      const tick = progress.start(`${method}, split ${seed + 1} of ${config.seeds}`);
      const curve: CurvePoint[] = [];
      const watch = observer(curve, config.fineTune.epochs, train, test, device);
      const { model, density } = await trainNetwork(
        method,
        pretrained,
        train,
        simulated,
        config,
        seed,
        tick,
        device,
        watch,
      );
      const predicted = await strengthsOf(await settle(model, train, device), test, device);
      store.add({ method, seed, ...outcome(split, predicted), ...(density && { density }), curve });
    }
  }
}

function outcome({ train, test }: Split, predicted: number[]) {
  const measured = test.map((m) => m.strength);
  return {
    testError: meanSquaredError(predicted, measured),
    trainCount: train.length,
    testCount: test.length,
    predicted,
    measured,
  };
}

/**
 * The network that all splits start from; what an interrupted run kept of its training is taken up
 * again.
 */
async function pretrainOnce(
  simulated: Dataset,
  config: Config,
  store: Store,
  progress: Progress,
  device: Backend,
): Promise<Model> {
  const weights = initWeights(randomKey(PRETRAIN_SEED));
  const saved = store.loadTree('pretrained', { weights, statistics: initStatistics(weights) });
  if (saved) {
    progress.skip(pretrainSteps(simulated, config.pretrain));
    return saved;
  }
  const training = startPretraining(weights, simulated, config.pretrain, PRETRAIN_SEED, device);
  const kept = store.loadTree('pretraining', training.begin);
  if (kept) progress.skip(kept.epoch * batchCount(simulated, config.pretrain.batch));
  const tick = progress.start(`pre-training on ${simulated.count} simulated alloys`);
  const model = await training.run(kept ?? training.begin, tick, (state) => {
    store.saveTree('pretraining', state);
  });
  store.saveTree('pretrained', model);
  return model;
}

async function trainNetwork(
  method: (typeof NETWORKS)[number],
  pretrained: Model,
  train: Dataset,
  simulated: Dataset,
  config: Config,
  seed: number,
  tick: Tick,
  device: Backend,
  watch: Observe,
): Promise<{ model: Model; density?: Density }> {
  if (method === BI_RPT) {
    const model = await biRpt(pretrained, train, simulated, config.fineTune, config.biRpt, seed, tick, device, watch);
    return { model, density: await densityOf(model) };
  }
  const fresh = initWeights(randomKey(seed));
  const start = method === 'No Pretraining' ? { weights: fresh, statistics: initStatistics(fresh) } : pretrained;
  return { model: await fineTune(start, train, config.fineTune, seed, tick, device, watch) };
}
