import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readModel, type AttributeProto, type ModelProto, type ValueInfo } from './format.js';
import { outputsOf } from './graph.js';
import { isSequence, NotExpressible, type Value } from './node.js';
import { checkElements, valueIn } from './reading.js';

/** What came of one case. */
export type Outcome =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly why: string }
  | { readonly kind: 'not expressible'; readonly why: string }
  | { readonly kind: 'mistaken'; readonly why: string };

/** How far elements may be apart: the sum of a part of the expected one, and of a number. */
interface Tolerance {
  readonly relative: number;
  readonly absolute: number;
}
const CLOSE: Tolerance = { relative: 1e-5, absolute: 1e-6 };
/**
 * Cases whose numbers are less exact, by their names: windows of signals were made with pi =
 * 3.1415, and samples of grids and means over regions are written with four digits.
 */
const LESS_EXACT = /^test_((blackman|hamming|hann)window|gridsample_bicubic|roialign)(_|$)/;
const FOUR_DIGITS: Tolerance = { relative: 1e-5, absolute: 1e-4 };
/** Cases whose numbers were made with an attribute that their node lacks. */
const LACKING: ReadonlyMap<string, { readonly name: string; readonly f: number }> = new Map([
  ['test_adam_multiple', { name: 'epsilon', f: 0.01 }],
]);

const kindOf = (value: Value): string => (value === undefined ? 'none' : isSequence(value) ? 'a sequence' : 'a tensor');

/** What is wrong with an output, in words; nothing where it is right. */
export function difference(got: Value, expected: Value, tolerance = CLOSE): string | undefined {
  if (!got || !expected) return got === expected ? undefined : `expected ${kindOf(expected)}, got ${kindOf(got)}`;
  if (isSequence(got) || isSequence(expected)) {
    if (!isSequence(got) || !isSequence(expected)) return `expected ${kindOf(expected)}, got ${kindOf(got)}`;
    const [n, m] = [expected.items.length, got.items.length];
    if (n !== m) return `expected a sequence of ${n}, got one of ${m}`;
    const wrong = expected.items.map((x, i) => difference(got.items[i], x, tolerance));
    const at = wrong.findIndex((why) => why !== undefined);
    return at < 0 ? undefined : `tensor ${at}: ${wrong[at]}`;
  }
  if (got.shape.join() !== expected.shape.join()) return `expected shape [${expected.shape}], got [${got.shape}]`;
  if (got.dtype !== expected.dtype) return `expected ${expected.dtype}, got ${got.dtype}`;
  const [a, b] = [got.readSync(), expected.readSync()];
  const { relative, absolute } = tolerance;
  const off = a.findIndex((v, i) => {
    const w = b[i]!;
    // An infinity is near no other number.
    return (
      !(Object.is(v, w) || v === w) && !(Number.isFinite(w) && Math.abs(v - w) <= absolute + relative * Math.abs(w))
    );
  });
  return off < 0 ? undefined : `element ${off}: expected ${b[off]}, got ${a[off]}`;
}

/** What is in a file, by a reader whose errors then name the file. */
function readAt<T>(folder: string, name: string, read: (bytes: Uint8Array) => T): T {
  try {
    return read(readFileSync(join(folder, name)));
  } catch (error) {
    if (error instanceof NotExpressible || !(error instanceof Error)) throw error;
    throw new Error(`${name}: ${error.message}`, { cause: error });
  }
}

/** Values of one kind in a folder, in order. Throws an error where one before others is missing. */
function valuesIn(folder: string, kind: 'input' | 'output', declared: readonly ValueInfo[]): Value[] {
  const at = (name: string): number => Number(/_(\d+)\.pb$/.exec(name)![1]);
  const names = readdirSync(folder).filter((name) => new RegExp(`^${kind}_\\d+\\.pb$`).test(name));
  return names
    .sort((a, b) => at(a) - at(b))
    .map((name, i) => {
      if (at(name) !== i) throw new Error(`expected ${kind}_${i}.pb, got ${name}`);
      return readAt(folder, name, (bytes) => valueIn(bytes, declared[i]?.type ?? null));
    });
}

/** What is wrong with the outputs of a model on the data in a folder, in words. */
function wrongOf(model: ModelProto, folder: string): string | undefined {
  const { input, output } = model.graph;
  const tolerance = LESS_EXACT.test(basename(folder)) ? FOUR_DIGITS : CLOSE;
  const sets = readdirSync(folder).filter((name) => name.startsWith('test_data_set_'));
  for (const set of sets) {
    const expected = valuesIn(join(folder, set), 'output', output);
    const got = outputsOf(model, valuesIn(join(folder, set), 'input', input));
    if (expected.length === 0) return 'no outputs to compare';
    if (expected.length !== got.length) return `expected ${expected.length} outputs, got ${got.length}`;
    for (const [i, value] of expected.entries()) {
      const wrong = difference(got[i], value, tolerance);
      if (wrong !== undefined) return `output ${i}: ${wrong}`;
    }
  }
  return sets.length > 0 ? undefined : 'no test_data_set';
}

/** A model whose nodes have one more attribute. */
function extended({ graph, ...others }: ModelProto, extra: object): ModelProto {
  const node = graph.node.map((n) => ({ ...n, attribute: [...n.attribute, extra as AttributeProto] }));
  return { ...others, graph: { ...graph, node } };
}

/**
 * Runs the case in a folder with `model.onnx` and folders `test_data_set_0`. It is mistaken where
 * it fails as it is, and passes with the attribute that its node is known to lack.
 */
export function runCase(folder: string): Outcome {
  try {
    const model = readAt(folder, 'model.onnx', readModel);
    for (const { type } of [...model.graph.input, ...model.graph.output]) checkElements(type);
    const why = wrongOf(model, folder);
    if (why === undefined) return { kind: 'passed' };
    const extra = LACKING.get(basename(folder));
    return extra && wrongOf(extended(model, extra), folder) === undefined
      ? { kind: 'mistaken', why: `its numbers have ${extra.name} = ${extra.f}, which its node lacks` }
      : { kind: 'failed', why };
  } catch (error) {
    if (error instanceof NotExpressible) return { kind: 'not expressible', why: error.message };
    return { kind: 'failed', why: String(error) };
  }
}

/** The folders of cases below a folder: those that hold a model or data. */
export const casesIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => ['model.onnx', 'test_data_set_0'].some((part) => existsSync(join(folder, name, part))))
    .sort();
