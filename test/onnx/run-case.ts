import type { Tensor } from 'bigrad';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readModel, readTensor, type ModelProto, type TensorProto } from './format.js';
import { callOf, checkType, NotExpressible, tensorOf, typeName } from './node.js';
import { expressions, reasons } from './table.js';

/** What came of one case. */
export type Outcome =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly why: string }
  | { readonly kind: 'not expressible'; readonly why: string };

/** How far elements may be apart: in proportion, or by as much where they are small. */
const [RELATIVE, ABSOLUTE] = [1e-5, 1e-6];
/**
 * What the suite itself allows. Some cases need it: windows of signals were made with pi = 3.1415,
 * and samples of grids are written with four digits.
 */
const [LOOSE, LOOSELY] = [/_(blackman|hamming|hann)window|_gridsample_bicubic/, 1e-3];
/** Cases that cannot be right, by the end of their path. */
const MISTAKEN = [
  ['test_adam_multiple', 'a mistake in the case: its numbers have an epsilon that its node lacks'],
] as const;

/** The outputs of a model, by an expression of bigrad for each of its nodes. */
export function outputsOf(model: ModelProto, given: readonly (Tensor | undefined)[]): (Tensor | undefined)[] {
  const { graph } = model;
  const opset = model.opset_import.find(({ domain }) => domain === '')?.version ?? 1;
  const types = new Map(graph.input.map((v) => [v.name, typeName(v.type?.tensor_type?.elem_type ?? 0)]));
  for (const node of graph.node)
    if (!expressions[node.op_type]) throw new NotExpressible(`${node.op_type}: ${reasons[node.op_type] ?? 'unknown'}`);
  const values = new Map<string, Tensor | undefined>();
  for (const t of graph.initializer) values.set(t.name, tensorOf(t));
  graph.input.forEach(({ name }, i) => {
    if (given[i] !== undefined) values.set(name, given[i]);
  });
  for (const node of graph.node) {
    const ins = node.input.map((name) => values.get(name));
    const call = callOf(
      node,
      ins,
      opset,
      node.input.map((name) => types.get(name)),
    );
    const found = expressions[node.op_type]!(call, ...(ins as [Tensor, ...Tensor[]]));
    const outs = Array.isArray(found) ? (found as readonly Tensor[]) : [found as Tensor];
    node.output.forEach((name, i) => {
      if (name !== '') values.set(name, outs[i]);
    });
  }
  return graph.output.map(({ name }) => values.get(name));
}

/** What is wrong with an output, in words; nothing where it is right. */
export function difference(got: Tensor | undefined, proto: TensorProto, relative = RELATIVE): string | undefined {
  const expected = tensorOf(proto);
  if (!got) return 'expected an output, got none';
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

/** Tensors of one kind in a folder, in order. */
function tensorsIn(folder: string, kind: 'input' | 'output'): TensorProto[] {
  const at = (name: string): number => Number(/_(\d+)\.pb$/.exec(name)![1]);
  const names = readdirSync(folder).filter((name) => new RegExp(`^${kind}_\\d+\\.pb$`).test(name));
  return names.sort((a, b) => at(a) - at(b)).map((name) => readTensor(readFileSync(join(folder, name))));
}

/** Runs the cases in a folder with `model.onnx` and folders `test_data_set_0`. */
export function runCase(folder: string): Outcome {
  const mistake = MISTAKEN.find(([name]) => folder.endsWith(name));
  if (mistake) return { kind: 'not expressible', why: mistake[1] };
  try {
    const model = readModel(readFileSync(join(folder, 'model.onnx')));
    for (const { type } of [...model.graph.input, ...model.graph.output]) {
      if (!type?.tensor_type) throw new NotExpressible('no sequences and no optional values');
      checkType(typeName(type.tensor_type.elem_type));
    }
    const sets = readdirSync(folder).filter((name) => name.startsWith('test_data_set_'));
    for (const set of sets) {
      const inputs = tensorsIn(join(folder, set), 'input').map(tensorOf);
      const expected = tensorsIn(join(folder, set), 'output');
      const got = outputsOf(model, inputs);
      if (expected.length === 0) return { kind: 'failed', why: 'no outputs to compare' };
      if (expected.length !== got.length)
        return { kind: 'failed', why: `expected ${expected.length} outputs, got ${got.length}` };
      for (const [i, proto] of expected.entries()) {
        const wrong = difference(got[i], proto, LOOSE.test(folder) ? LOOSELY : RELATIVE);
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
