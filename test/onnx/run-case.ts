import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readModel, type ValueInfo } from './format.js';
import { outputsOf } from './graph.js';
import { isSequence, NotExpressible, type Value } from './node.js';
import { checkElements, valueIn } from './reading.js';

/** What came of one case. */
export type Outcome =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly why: string }
  | { readonly kind: 'not expressible'; readonly why: string };

/** How far elements may be apart: in proportion, or by as much where they are small. */
const [RELATIVE, ABSOLUTE] = [1e-5, 1e-6];
/**
 * What the suite itself allows. Some cases need it: windows of signals were made with pi = 3.1415,
 * and samples of grids and regions are written with four digits.
 */
const [LOOSE, LOOSELY] = [/_(blackman|hamming|hann)window|_gridsample_bicubic|_roialign/, 1e-3];
/** Cases that cannot be right, by the end of their path. */
const MISTAKEN = [
  ['test_adam_multiple', 'a mistake in the case: its numbers have an epsilon that its node lacks'],
] as const;

const kindOf = (value: Value): string => (value === undefined ? 'none' : isSequence(value) ? 'a sequence' : 'a tensor');

/** What is wrong with an output, in words; nothing where it is right. */
export function difference(got: Value, expected: Value, relative = RELATIVE): string | undefined {
  if (!got || !expected) return got === expected ? undefined : `expected ${kindOf(expected)}, got ${kindOf(got)}`;
  if (isSequence(got) || isSequence(expected)) {
    if (!isSequence(got) || !isSequence(expected)) return `expected ${kindOf(expected)}, got ${kindOf(got)}`;
    const [n, m] = [expected.items.length, got.items.length];
    if (n !== m) return `expected a sequence of ${n}, got one of ${m}`;
    const wrong = expected.items.map((x, i) => difference(got.items[i], x, relative));
    const at = wrong.findIndex((why) => why !== undefined);
    return at < 0 ? undefined : `tensor ${at}: ${wrong[at]}`;
  }
  if (got.shape.join() !== expected.shape.join()) return `expected shape [${expected.shape}], got [${got.shape}]`;
  if (got.dtype !== expected.dtype) return `expected ${expected.dtype}, got ${got.dtype}`;
  const [a, b] = [got.readSync(), expected.readSync()];
  const off = a.findIndex((v, i) => {
    const w = b[i]!;
    // An infinity is near no other number.
    return (
      !(Object.is(v, w) || v === w) && !(Number.isFinite(w) && Math.abs(v - w) <= ABSOLUTE + relative * Math.abs(w))
    );
  });
  return off < 0 ? undefined : `element ${off}: expected ${b[off]}, got ${a[off]}`;
}

/** Values of one kind in a folder, in order. */
function valuesIn(folder: string, kind: 'input' | 'output', declared: readonly ValueInfo[]): Value[] {
  const at = (name: string): number => Number(/_(\d+)\.pb$/.exec(name)![1]);
  const names = readdirSync(folder).filter((name) => new RegExp(`^${kind}_\\d+\\.pb$`).test(name));
  return names
    .sort((a, b) => at(a) - at(b))
    .map((name, i) => valueIn(readFileSync(join(folder, name)), declared[i]?.type ?? null));
}

/** Runs the cases in a folder with `model.onnx` and folders `test_data_set_0`. */
export function runCase(folder: string): Outcome {
  const mistake = MISTAKEN.find(([name]) => folder.endsWith(name));
  if (mistake) return { kind: 'not expressible', why: mistake[1] };
  try {
    const model = readModel(readFileSync(join(folder, 'model.onnx')));
    const { input, output } = model.graph;
    for (const { type } of [...input, ...output]) checkElements(type);
    const sets = readdirSync(folder).filter((name) => name.startsWith('test_data_set_'));
    for (const set of sets) {
      const expected = valuesIn(join(folder, set), 'output', output);
      const got = outputsOf(model, valuesIn(join(folder, set), 'input', input));
      if (expected.length === 0) return { kind: 'failed', why: 'no outputs to compare' };
      if (expected.length !== got.length)
        return { kind: 'failed', why: `expected ${expected.length} outputs, got ${got.length}` };
      for (const [i, value] of expected.entries()) {
        const wrong = difference(got[i], value, LOOSE.test(folder) ? LOOSELY : RELATIVE);
        if (wrong !== undefined) return { kind: 'failed', why: `output ${i}: ${wrong}` };
      }
    }
    return sets.length > 0 ? { kind: 'passed' } : { kind: 'failed', why: 'no test_data_set' };
  } catch (error) {
    if (error instanceof NotExpressible) return { kind: 'not expressible', why: error.message };
    return { kind: 'failed', why: String(error) };
  }
}

/** The folders of cases below a folder: those that hold `model.onnx`. */
export const casesIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'model.onnx')))
    .sort();
