import { variant, type Method } from '../lab/records.js';
import { biRpt, continued, normalisedSteps } from './bi-rpt.js';
import { noPretraining, transfer } from './fine-tune.js';
import { mixTraining } from './mix.js';
import { pruned } from './pruned.js';
import { handTune, sourceSparsity, targetSparsity } from './sparsity.js';

const paper = variant(biRpt, 'bi-rpt-paper', 'Bi-RPT as in the paper', { lowerRate: 1e-3, epsFloor: 1e-12 });
const released = variant(paper, 'bi-rpt-released', 'Bi-RPT as released', { gamma: 1e-3, metric: 'separate' });
const normalised = variant(biRpt, 'bi-rpt-normalised', 'Bi-RPT, normalised mask steps', normalisedSteps(0.002));
/** The methods that train a network, in the order of tables. */
export const METHODS: readonly Method[] = [
  noPretraining,
  mixTraining,
  transfer,
  sourceSparsity,
  targetSparsity,
  handTune,
  continued,
  pruned,
  biRpt,
  paper,
  released,
  normalised,
  variant(biRpt, 'bi-rpt-fixed-ms', 'Bi-RPT, ms fixed', { fixed: 'ms' }),
  variant(biRpt, 'bi-rpt-fixed-mt', 'Bi-RPT, mt fixed', { fixed: 'mt' }),
  variant(biRpt, 'bi-rpt-fixed-both', 'Bi-RPT, both fixed', { fixed: 'both' }),
  variant(biRpt, 'bi-rpt-first-order', 'Bi-RPT, first order', { mode: 'firstOrder' }),
  variant(biRpt, 'bi-rpt-euclidean', 'Bi-RPT, Euclidean metric', { metric: 'euclidean' }),
  variant(biRpt, 'bi-rpt-gauss-seidel', 'Bi-RPT, Gauss-Seidel', { order: 'gaussSeidel' }),
  variant(biRpt, 'bi-rpt-p4', 'Bi-RPT, 4 lower steps', { lowerSteps: 4 }),
];
