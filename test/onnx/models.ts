import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tensor } from 'bigrad';
import { readModel, writeModel, writeTensor } from './format.js';
import { outputsOf } from './graph.js';
import { isSequence, numbersOf, type Value } from './node.js';

/** The numbers of some types of elements in the format. */
export const [FLOAT, INT64, BOOL, FLOAT16, BFLOAT16] = [1, 7, 9, 10, 16];

/** A tensor in a file. */
export const floats = (data: number[], dims = [data.length]): object => ({ dims, data_type: FLOAT, float_data: data });
export const longs = (data: number[], dims = [data.length]): object => ({
  dims,
  data_type: INT64,
  raw_data: new Uint8Array(BigInt64Array.from(data.map(BigInt)).buffer),
});

/** A declared value: a tensor of a type of elements, or another kind of value. */
export const info = (name: string, type: number | object = FLOAT): object => ({
  name,
  type: typeof type === 'number' ? { tensor_type: { elem_type: type } } : type,
});

/** An attribute by its value; a list is of integers, and other kinds are fields of the format. */
function attributeOf(name: string, value: unknown): object {
  if (typeof value === 'number') return Number.isInteger(value) ? { name, i: value } : { name, f: value };
  if (typeof value === 'string') return { name, s: new TextEncoder().encode(value) };
  return Array.isArray(value) ? { name, ints: value as number[] } : { name, ...(value as object) };
}

/** A node by its operator, the names that it gets and gives, and its attributes. */
export const node = (op: string, input: string, output: string, attributes: Record<string, unknown> = {}): object => ({
  op_type: op,
  input: input
    .split(' ')
    .filter((name) => name !== '')
    .map((name) => (name === '-' ? '' : name)),
  output: output.split(' '),
  attribute: Object.entries(attributes).map(([name, value]) => attributeOf(name, value)),
});

/** A graph of nodes, as an attribute too. */
export const graph = (input: string, output: string, ...nodes: object[]): { g: object } => ({
  g: {
    input: input
      .split(' ')
      .filter((name) => name !== '')
      .map((name) => info(name)),
    output: output.split(' ').map((name) => info(name)),
    node: nodes,
  },
});

/** The outputs of a graph, which goes through the format on the way. */
export function outputs({ g }: { g: object }, given: readonly Value[], opset = 17): readonly Value[] {
  return outputsOf(readModel(writeModel({ graph: g, opset_import: [{ domain: '', version: opset }] })), given);
}

/** The outputs of one node on x0, x1 and so on. */
export function call(op: string, ins: readonly Value[], attributes = {}, many = 1, opset = 17): readonly Value[] {
  const names = ins.map((x, i) => (x === undefined ? '-' : `x${i}`)).join(' ');
  const outs = Array.from({ length: many }, (_, i) => `y${i}`).join(' ');
  const declared = ins.map((_, i) => `x${i}`).join(' ');
  return outputs(graph(declared, outs, node(op, names, outs, attributes)), ins, opset);
}

/** The first output of one node. */
export const first = (op: string, ins: readonly Value[], attributes = {}, opset = 17): Tensor =>
  call(op, ins, attributes, 1, opset)[0] as Tensor;

/** What a value holds, as plain numbers. */
export const plain = (value: Value): unknown =>
  value === undefined ? undefined : isSequence(value) ? value.items.map(plain) : numbersOf(value);

/** Files of a case of one node; values are tensors, or bytes. The last type is of the output. */
export function writeCase(
  folder: string,
  name: string,
  node: object,
  ins: object[],
  outs: object[],
  types: (number | object)[] = [],
) {
  const set = join(folder, name, 'test_data_set_0');
  mkdirSync(set, { recursive: true });
  const input = ins.map((_, i) => `x${i}`);
  const graph = {
    node: [{ input, output: ['y'], ...node }],
    input: input.map((x, i) => info(x, types[i])),
    output: [info('y', types[ins.length])],
  };
  const opset_import = [{ domain: '', version: 17 }];
  writeFileSync(join(folder, name, 'model.onnx'), writeModel({ graph, opset_import }));
  for (const [kind, list] of [
    ['input', ins],
    ['output', outs],
  ] as const)
    list.forEach((t, i) => {
      writeFileSync(join(set, `${kind}_${i}.pb`), t instanceof Uint8Array ? t : writeTensor(t));
    });
}
