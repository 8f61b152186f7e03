import { fromTypedArray, type DType, type Tensor } from 'bigrad';
import { formats } from '../../src/io/formats.js';
import type { AttributeProto, GraphProto, NodeProto, TensorProto } from './format.js';

/** What bigrad has no expression for, and why. */
export class NotExpressible extends Error {}

/** Why cases with random numbers cannot agree: ONNX leaves the generator open. */
export const RANDOM = 'random numbers of the generator of NumPy';

/** Names of the types of elements, by their numbers in the format. */
const TYPES = [
  'undefined',
  'float',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'int32',
  'int64',
  'string',
  'bool',
  'float16',
  'double',
  'uint32',
  'uint64',
  'complex64',
  'complex128',
  'bfloat16',
];

/** The name of a type of elements. */
export const typeName = (type: number): string => TYPES[type] ?? `type ${type}`;

/** Floats of 16 bits: the bits of the float32 of the same value. */
const HALVES: Readonly<Record<string, (bits: number) => number>> = {
  float16: formats.get('F16')!.widen!,
  bfloat16: formats.get('BF16')!.widen!,
};

/**
 * The dtype for a type of elements. Floats of 16 bits are float32, and integers of all widths and
 * bools are int32, as in `bigrad/io`. Throws `NotExpressible` for other types, and an error where
 * none is given.
 */
export function dtypeOf(type: string): DType {
  if (type === 'undefined') throw new Error('expected a type of elements, got none');
  if (type === 'float' || HALVES[type]) return 'float32';
  if (type === 'double') return 'float64';
  if (!INTEGERS[type]) throw new NotExpressible(`no dtype ${type}`);
  return 'int32';
}

/** How many bytes an element has. */
const widthOf = (type: string): number => Number(/\d+$/.exec(type)?.[0] ?? { float: 32, double: 64 }[type] ?? 8) / 8;

/** Throws an error for a tensor in a file that has more elements than its shape, or fewer. */
function checkSize(type: string, shape: readonly number[], { length: bytes }: Uint8Array, listed: number): void {
  const size = shape.reduce((a, b) => a * b, 1);
  const [expected, got] = bytes > 0 ? [size * widthOf(type), bytes] : [size, listed];
  const unit = bytes > 0 ? 'bytes' : 'elements';
  if (got !== expected) throw new Error(`${type} [${shape}]: expected ${expected} ${unit}, got ${got}`);
}

/** Reads the bytes of one kind of integers. */
const INTEGERS: Readonly<Record<string, (view: DataView, at: number) => number | bigint>> = {
  uint8: (v, i) => v.getUint8(i),
  bool: (v, i) => v.getUint8(i),
  int8: (v, i) => v.getInt8(i),
  uint16: (v, i) => v.getUint16(2 * i, true),
  int16: (v, i) => v.getInt16(2 * i, true),
  int32: (v, i) => v.getInt32(4 * i, true),
  uint32: (v, i) => v.getUint32(4 * i, true),
  int64: (v, i) => v.getBigInt64(8 * i, true),
  uint64: (v, i) => v.getBigUint64(8 * i, true),
};

/**
 * A tensor of bigrad. Throws `NotExpressible` for types that have no dtype, and for integers that
 * int32 does not hold. Throws an error for bytes that do not fit the shape.
 * @param type what the elements are, where the file says otherwise
 */
export function tensorOf(proto: TensorProto, type = typeName(proto.data_type)): Tensor {
  dtypeOf(type);
  const shape = proto.dims;
  const size = shape.reduce((a, b) => a * b, 1);
  const { raw_data: raw } = proto;
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  if (type === 'float' || type === 'double') {
    const data = type === 'float' ? new Float32Array(size) : new Float64Array(size);
    const stored = type === 'float' ? proto.float_data : proto.double_data;
    checkSize(type, shape, raw, stored.length);
    for (let i = 0; i < size; i++)
      data[i] =
        raw.length === 0 ? stored[i]! : type === 'float' ? view.getFloat32(4 * i, true) : view.getFloat64(8 * i, true);
    return fromTypedArray(data, shape);
  }
  const widen = HALVES[type];
  const read = INTEGERS[widen ? 'uint16' : type]!;
  const stored = [proto.int32_data, proto.int64_data, proto.uint64_data].find((list) => list.length > 0) ?? [];
  checkSize(type, shape, raw, stored.length);
  const data = new Int32Array(size);
  for (let i = 0; i < size; i++) {
    const value = Number(raw.length === 0 ? stored[i] : read(view, i));
    if (value !== (value | 0)) throw new NotExpressible(`${type} beyond 32 bits`);
    data[i] = value;
  }
  return fromTypedArray(widen ? new Float32Array(data.map(widen).buffer) : data, shape);
}

/** The elements of a tensor as numbers. */
export const numbersOf = (x: Tensor): number[] => Array.from(x.readSync());

/** A list of tensors, as a tree of bigrad. */
export interface Sequence {
  readonly items: readonly Tensor[];
}
/** What a name stands for; an optional value that is absent is undefined. */
export type Value = Tensor | Sequence | undefined;

/** Whether a value is a sequence. */
export const isSequence = (value: Value): value is Sequence => value !== undefined && 'items' in value;

/** A graph as a function. */
export type Graph = (...given: readonly Value[]) => readonly Value[];

/** Values by name. */
export type Outer = Readonly<Record<string, Value>>;

/** A call of an operator. */
export interface Call {
  readonly op: string;
  /** Its inputs: those left out are undefined. */
  readonly ins: readonly (Tensor | undefined)[];
  /** How many outputs are asked for; those with an empty name are not. */
  readonly asked: readonly boolean[];
  /** The version of the set of operators. */
  readonly opset: number;
  /** The types of the inputs, where they are inputs of the graph. */
  readonly types: readonly (string | undefined)[];
  int(name: string): number | undefined;
  int(name: string, otherwise: number): number;
  float(name: string, otherwise: number): number;
  ints(name: string): readonly number[] | undefined;
  floats(name: string): readonly number[] | undefined;
  text(name: string, otherwise: string): string;
  texts(name: string): readonly string[];
  tensor(name: string): Tensor | undefined;
  /** What the graphs of its attributes read from around it. */
  readonly outer: Outer;
  /** The graph of an attribute; `outer` may stand in for what it reads from around it. */
  graph(name: string, outer?: Outer): Graph;
  /** What a name stands for when the nodes before this one run again, with other values. */
  again(name: string, values: Outer): Value;
  /** Whether an attribute is there. */
  has(name: string): boolean;
}

/** An operator as an expression of bigrad. */
export type Expression = (call: Call, x: Tensor, ...others: Tensor[]) => Tensor | readonly Tensor[];

/**
 * An operator on values that need not be tensors, as all its outputs: it moves them, and chooses
 * what runs.
 */
export type Structure = (call: Call, ...ins: readonly Value[]) => readonly Value[];

/** A call of a node. */
export function callOf(
  node: NodeProto,
  given: Pick<Call, 'again' | 'ins' | 'opset' | 'outer' | 'types'> & {
    readonly inner: (graph: GraphProto, outer: Outer) => Graph;
  },
): Call {
  const find = (name: string): AttributeProto | undefined => node.attribute.find((a) => a.name === name);
  return {
    op: node.op_type,
    ins: given.ins,
    opset: given.opset,
    types: given.types,
    outer: given.outer,
    again: given.again,
    asked: node.output.map((name) => name !== ''),
    int: ((name: string, otherwise?: number) => find(name)?.i ?? otherwise) as Call['int'],
    float: (name, otherwise) => find(name)?.f ?? otherwise,
    ints: (name) => find(name)?.ints,
    floats: (name) => find(name)?.floats,
    text: (name, otherwise) => {
      const found = find(name);
      return found ? new TextDecoder().decode(found.s) : otherwise;
    },
    texts: (name) => (find(name)?.strings ?? []).map((bytes) => new TextDecoder().decode(bytes)),
    tensor: (name) => {
      const found = find(name)?.t;
      return found ? tensorOf(found) : undefined;
    },
    graph: (name, outer = given.outer) => {
      const graph = find(name)?.g;
      if (!graph) throw new TypeError(`expected a graph as its ${name}, got none`);
      return given.inner(graph, outer);
    },
    has: (name) => find(name) !== undefined,
  };
}

/** The integers of an attribute. Throws an error where it is missing. */
export function needed(call: Call, name: string): readonly number[] {
  const found = call.ints(name);
  if (!found) throw new TypeError(`expected integers as its ${name}, got none`);
  return found;
}

/** Axes as an input from some version on, and as an attribute before it. */
export const axesOf = (call: Call, at = 1): readonly number[] | undefined => {
  const given = call.ins[at];
  return given ? numbersOf(given) : call.ints('axes');
};

/** An axis from the front. */
export const fromFront = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);
