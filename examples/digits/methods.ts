import { biRpt, continued, normalisedSteps } from '../bi-rpt/bi-rpt.js';
import { noPretraining, transfer } from '../bi-rpt/fine-tune.js';
import { mixTraining } from '../bi-rpt/mix.js';
import { pruned } from '../bi-rpt/pruned.js';
import { handTune, sourceSparsity, targetSparsity } from '../bi-rpt/sparsity.js';
import { variant, type Method } from '../lab/records.js';

const TRUST = 0.15; // layer-wise normalised weight steps
/** Steps on the source go on, at half the rate of the target's first steps; no masks. */
const onward = variant(continued, 'continued', 'Continued source steps', { lowerRate: 0.5 });
const masks = (name: string, title: string, threshold: number, trust: number): Method =>
  variant(biRpt, name, title, {
    trust,
    lowerRate: 0.5,
    ...normalisedSteps(threshold),
  });

/** The methods that images are learned by, in the order of tables. */
export const METHODS: readonly Method[] = [
  noPretraining,
  mixTraining,
  transfer,
  sourceSparsity,
  targetSparsity,
  handTune,
  variant(biRpt, 'bi-rpt-paper', 'Bi-RPT, steps as in the paper', { lowerRate: 0.5, epsFloor: 0.1 }),
  masks('bi-rpt-normalised', 'Bi-RPT, normalised mask steps', 0.002, 0),
  variant(transfer, 'transfer-lars', 'Pretrain-and-transfer, normalised weight steps', { trust: TRUST }),
  variant(handTune, 'hand-tune-lars', 'Hand-Tune, normalised weight steps', { trust: TRUST }),
  variant(onward, 'continued-lars', 'Continued source steps, normalised weight steps', { trust: TRUST }),
  masks('bi-rpt-lars', 'Bi-RPT, normalised mask and weight steps', 0.004, TRUST),
  variant(pruned, 'pruned-lars', 'Magnitude pruning, continued source steps, normalised weight steps', {
    lowerRate: 0.5,
    trust: TRUST,
  }),
];
