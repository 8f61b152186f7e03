import type { Outputs } from './library.js';
import type { Encoded } from './protocol.js';

const decode = (text: string): Float32Array => new Float32Array(new Uint8Array(Buffer.from(text, 'base64')).buffer);

const largest = (x: Float32Array): number => x.reduce((most, v) => Math.max(most, Math.abs(v)), 0);

/**
 * What is left of a derivative that is 0 but for rounding, as a share of the largest element of
 * all.
 */
const ROUNDING = 1e-3;

/**
 * The largest difference of any element, each tensor in units of its own largest element; or, where
 * that is next to nothing beside the largest of all, in units of a thousandth of that: a bias
 * before a batch norm has no gradient but rounding. Infinite where results are missing or have
 * another size.
 */
export function difference(expected: readonly Outputs[], got: readonly Encoded[]): number {
  if (expected.length !== got.length) return Infinity;
  const all = Math.max(0, ...expected.flatMap((run) => Object.values(run).map(largest)));
  const differences = expected.flatMap((run, i) =>
    Object.entries(run).map(([name, x]) => {
      const found = got[i]![name];
      const y = found === undefined ? undefined : decode(found);
      if (y?.length !== x.length) return Infinity;
      const most = x.reduce((sum, v, at) => Math.max(sum, Math.abs(v - y[at]!)), 0);
      return Number.isNaN(most) ? Infinity : most / Math.max(largest(x), ROUNDING * all, Number.MIN_VALUE);
    }),
  );
  return Math.max(0, ...differences);
}
