import { measure, type Measurement } from '../case.js';
import { flopsOf, perSecond, type Work } from '../work.js';
import type { Best } from './best.js';
import type { Peak } from './peak.js';

const MEMORY = 192e6;

/** What the numbers under `of peak` are. */
export const definitions = [
  'of peak: rates by the median of the samples, the machine measured right after the case.',
  'of peak, for GFLOP/s: of the rate at which a plain 6x8 SIMD kernel multiplies the same matrices, padded to its tiles and packed for it beforehand, its padding counted as work; relaxed SIMD where the engine has it. A convolution counts as the product that it is: forward [o, c r s] x [c r s, n p q], input gradient [c r s, o] x [o, n p q], weight gradient [o, n p q] x [n p q, c r s]; a training step as all of its products.',
  'of peak, for GB/s: of the rate of a SIMD triad x = y + 3 z over 192 MB, which no cache holds; in brackets, of the same over as many bytes as the case counts, which caches may hold.',
];

/**
 * Measures the best for one case after another, as the cases are measured, so that both ran under
 * the same load.
 */
export function createShare(peak: Peak, seconds: number, signal: AbortSignal) {
  const triad = async (bytes: number): Promise<number | undefined> => {
    const all = peak.triad(bytes);
    const found = await measure({ name: 'triad', prepare: () => all.run }, seconds, signal);
    return found && perSecond(all.bytes, found.median);
  };
  let memory: Promise<number | undefined> | undefined;

  const best = async (work: Work): Promise<Best | undefined> => {
    if ('bytes' in work) {
      const [whole, sameSize] = [await (memory ??= triad(MEMORY)), await triad(work.bytes)];
      return whole && sameSize ? { kernel: 'triad', memory: whole, sameSize } : undefined;
    }
    const all = peak.gemms(work.products);
    const found = await measure({ name: 'gemm', prepare: () => all.run }, seconds, signal);
    return found && { kernel: 'gemm', gflops: perSecond(all.flops, found.median), ms: found.median };
  };
  return { build: peak.build, best };
}

/**
 * The share of its best that a measured case reached: of products, or of memory's and of the same
 * size's bytes.
 */
export function shareOf({ work, median, best }: Pick<Measurement, 'work' | 'median' | 'best'>): number[] {
  if (!work || !best) return [];
  if ('bytes' in work && best.kernel === 'triad') {
    const rate = perSecond(work.bytes, median);
    return [rate / best.memory, rate / best.sameSize];
  }
  return 'products' in work && best.kernel === 'gemm' ? [perSecond(flopsOf(work.products), median) / best.gflops] : [];
}
