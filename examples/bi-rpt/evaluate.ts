import { mul, mapTree, notEqual, type Tensor } from 'bigrad';
import { density, layerDensity } from 'bigrad/nn';
import { meanSquaredError } from '../x-yield/index.js';
import type { PrunedModel } from './bi-rpt.js';
import { wholeBatch, type Dataset } from './dataset.js';
import { predict } from './network.js';
import type { Model } from './pretrain.js';

/** What is left of the convolution weights, as fractions, overall and layer by layer: those whose masks all are nonzero. */
export interface Density {
  readonly overall: number;
  readonly layers: readonly number[];
}

/** Squared error of the measured head on a data set, in GPa^2, with running batch-norm statistics. */
export function testError(model: Model | PrunedModel, data: Dataset): number {
  const { x, y } = wholeBatch(data);
  const [masks, eps] = 'ms' in model ? [[model.ms, model.mt], model.eps] : [[], 1];
  const weights = { trunk: model.weights.trunk, head: model.weights.measured };
  const [strengths] = predict(weights, masks, eps, x, model.statistics, false);
  return meanSquaredError(strengths.readSync(), y.readSync());
}

export function densityOf({ ms, mt }: PrunedModel): Density {
  const joint = mapTree((a, b?: Tensor) => mul(notEqual(a, 0), notEqual(b ?? a, 0)), ms, mt);
  const layers = (layerDensity(joint) as readonly ({ weight?: Tensor } | undefined)[]).flatMap((m) =>
    m?.weight ? [m.weight] : [],
  );
  return { overall: density(joint).readSync()[0]!, layers: layers.map((d) => d.readSync()[0]!) };
}
