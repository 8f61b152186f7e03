import { bothLevels, continued, type BiRptConfig } from './bi-rpt.js';
import type { Method } from '../lab/records.js';
import { fineTuneSteps } from './fine-tune.js';
import { needsTicket, sourceTicket, type SourceRounds } from './sparsity.js';

/**
 * Magnitude pruning with all else as in Bi-RPT: rounds on the source choose the mask, and both
 * levels train the weights under it. What is left of Bi-RPT's advantage is due to its masks.
 */
export const pruned: Method<unknown, BiRptConfig & SourceRounds> = {
  name: 'pruned',
  title: 'Magnitude pruning, continued source steps',
  about: 'prunes by magnitude in rounds on the source, then trains both levels together under that mask',
  config: { ...continued.config, sourceRounds: 6, share: 0.2, rewind: false, retrainEpochs: 1 },
  needs: needsTicket,
  steps: fineTuneSteps,
  train: async (context, config) => bothLevels(context, await sourceTicket(context, config), config),
};
