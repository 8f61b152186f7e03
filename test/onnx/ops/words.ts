import * as b from 'bigrad';
import type { Tensor } from 'bigrad';
import { needed, NotExpressible, type Call, type Expression } from '../node.js';

/** Groups of one length, [count, length], and where in the list of all groups they begin. */
interface Groups {
  readonly words: Tensor;
  readonly from: number;
}

/** The groups of the pool by length, of the lengths that count. */
function groupsOf(call: Call): Groups[] {
  if (call.has('pool_strings')) throw new NotExpressible('no dtype string');
  const [pool, starts] = [needed(call, 'pool_int64s'), needed(call, 'ngram_counts')];
  const [shortest, longest] = [call.int('min_gram_length', 1), call.int('max_gram_length', 1)];
  let from = 0;
  return starts.flatMap((start, i) => {
    const [length, end] = [i + 1, starts[i + 1] ?? pool.length];
    const count = (end - start) / length;
    const own = { words: b.fromTypedArray(Int32Array.from(pool.slice(start, end)), [count, length]), from };
    from += count;
    return count > 0 && length >= shortest && length <= longest ? [own] : [];
  });
}

/** How often each group is in each row of x, with up to some words skipped between its words. */
function countsOf(x: Tensor, words: Tensor, skips: number): Tensor {
  const [rows, width] = x.shape as [number, number];
  const [count, length] = words.shape as [number, number];
  let total = b.zeros([rows, count]);
  for (let step = 1; step <= (length === 1 ? 1 : skips + 1); step++) {
    const places = width - (length - 1) * step;
    if (places < 1) break;
    const hits = Array.from({ length }, (_, k) => {
      const part = b.slice(x, [0, k * step], [rows, places]);
      return b.equal(b.reshape(part, [rows, 1, places]), b.slice(words, [0, k], [count, 1]));
    });
    const both = hits.reduce((p, q) => b.mul(p, q));
    total = b.add(total, b.cast(b.sum(both, -1), 'float32'));
  }
  return total;
}

/** Counts of groups of words, weighted, at the places of the result that they have. */
function tfIdf(call: Call, x: Tensor): Tensor {
  const rows = b.reshape(x, [-1, x.shape.at(-1)!]);
  const places = needed(call, 'ngram_indexes');
  const mode = call.text('mode', 'TF');
  const width = Math.max(...places) + 1;
  const weights = mode === 'TF' ? undefined : call.floats('weights');
  const parts = groupsOf(call).map(({ words, from }) => {
    const found = countsOf(rows, words, call.int('max_skip_count', 0));
    const seen = mode === 'IDF' ? b.minimum(found, 1) : found;
    const own = (list: readonly number[]): number[] => list.slice(from, from + words.shape[0]!);
    const weighted = weights ? b.mul(seen, b.tensor(own(weights))) : seen;
    return b.matmul(weighted, b.oneHot(b.tensor(own(places), { dtype: 'int32' }), width));
  });
  const total = parts.reduce((p, q) => b.add(p, q), b.zeros([rows.shape[0]!, width]));
  return b.reshape(total, [...x.shape.slice(0, -1), width]);
}

/** Operators on words, which are integers. */
export const words: Readonly<Record<string, Expression>> = { TfIdfVectorizer: tfIdf };
