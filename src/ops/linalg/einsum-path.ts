import type { Shape } from '../../core/shape.js';
import { quote, show } from '../../core/words.js';

/** A letter for each axis; axes of an ellipsis have numbers. */
export type Labels = readonly string[];
/** The length of each label. */
export type Lengths = ReadonlyMap<string, number>;

/** What subscripts and shapes say. */
export interface Subscripts {
  readonly ins: readonly Labels[];
  readonly out: Labels;
  readonly lengths: Lengths;
}

const fail = (expected: string, got: string): RangeError => new RangeError(`einsum: expected ${expected}, got ${got}`);

/** The labels of one term; `...` becomes numbers that end at 0, so that the last axes align. */
function termOf(term: string, hidden: number): string[] {
  const [before, after, more] = term.split('...') as [string, string?, string?];
  if (more !== undefined || /[^A-Za-z]/.test(`${before}${after ?? ''}`))
    throw fail("letters, and '...' once in a term", quote(term));
  const numbers = Array.from({ length: after === undefined ? 0 : hidden }, (_, i) => String(hidden - 1 - i));
  return [...Array.from(before), ...numbers, ...Array.from(after ?? '')];
}

/** The labels of all operands and of the result of `einsum`, and their lengths. */
export function labelsOf(subscripts: string, shapes: readonly Shape[]): Subscripts {
  const [left, right, more] = subscripts.replaceAll(/\s/g, '').split('->') as [string, string?, string?];
  const terms = left.split(',');
  if (more !== undefined || terms.length !== shapes.length)
    throw fail(`subscripts of ${shapes.length} operands`, quote(subscripts));
  const hidden = terms.map((term, i) => shapes[i]!.length - term.replace('...', '').length);
  const ins = terms.map((term, i) => termOf(term, Math.max(0, hidden[i]!)));
  const lengths = new Map<string, number>();
  ins.forEach((labels, i) => {
    const shape = shapes[i]!;
    if (labels.length !== shape.length) throw fail(`a letter for each axis of ${show(shape)}`, quote(terms[i]!));
    labels.forEach((label, axis) => {
      const own = shape[labels.indexOf(label)]!;
      if (own !== shape[axis]) throw fail(`one length for '${label}' in ${show(shape)}`, `${own} and ${shape[axis]!}`);
      const [known, d] = [lengths.get(label) ?? 1, shape[axis]];
      if (known !== d && known !== 1 && d !== 1)
        throw fail(
          `one length for ${/\d/.test(label) ? "'...'" : `'${label}'`}`,
          `${known} and ${d} in ${quote(subscripts)}`,
        );
      if (!lengths.has(label) || d !== 1) lengths.set(label, d);
    });
  });
  const most = Math.max(0, ...hidden.map((n, i) => (terms[i]!.includes('...') ? n : 0)));
  const all = ins.flat();
  const alone = [...new Set(all)].filter((label) => /\D/.test(label) && all.filter((l) => l === label).length === 1);
  const out =
    right === undefined
      ? [...termOf(all.some((l) => /\d/.test(l)) ? '...' : '', most), ...alone.sort()]
      : termOf(right, most);
  const wrong = out.find((label, i) => !lengths.has(label) || out.indexOf(label) !== i);
  if (wrong !== undefined) throw fail('a result of letters of the operands, each once', quote(right ?? ''));
  return { ins, out, lengths };
}

/**
 * Which two terms to join, again and again, until one is left: each time those whose product costs
 * the fewest multiplications. The result of a step is the last of the next terms.
 */
export function contractionPath(
  terms: readonly Labels[],
  out: Labels,
  lengths: Lengths,
): readonly (readonly [number, number])[] {
  const path: [number, number][] = [];
  let left = [...terms];
  while (left.length > 1) {
    let best: { pair: [number, number]; cost: number; size: number } | undefined;
    for (let i = 0; i < left.length; i++)
      for (let j = i + 1; j < left.length; j++) {
        const both = [...new Set([...left[i]!, ...left[j]!])];
        const cost = product(both, lengths);
        const size = product(keptOf(both, left, [i, j], out), lengths);
        if (!best || cost < best.cost || (cost === best.cost && size < best.size)) best = { pair: [i, j], cost, size };
      }
    const [i, j] = best!.pair;
    path.push([i, j]);
    const both = [...new Set([...left[i]!, ...left[j]!])];
    left = [...left.filter((_, k) => k !== i && k !== j), keptOf(both, left, [i, j], out)];
  }
  return path;
}

const product = (labels: Labels, lengths: Lengths): number => labels.reduce((n, label) => n * lengths.get(label)!, 1);
/** The labels that the result or another term needs. */
const keptOf = (both: Labels, terms: readonly Labels[], pair: readonly number[], out: Labels): string[] =>
  both.filter((l) => out.includes(l) || terms.some((t, k) => !pair.includes(k) && t.includes(l)));
