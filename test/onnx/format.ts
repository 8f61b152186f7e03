import protobuf from 'protobufjs';
import { readFileSync } from 'node:fs';

/** A tensor as it stands in a file. */
export interface TensorProto {
  readonly dims: readonly number[];
  readonly data_type: number;
  readonly float_data: readonly number[];
  readonly int32_data: readonly number[];
  readonly int64_data: readonly number[];
  readonly double_data: readonly number[];
  readonly uint64_data: readonly number[];
  readonly raw_data: Uint8Array;
  readonly name: string;
}
/** An attribute of a node: which field counts depends on its type. */
export interface AttributeProto {
  readonly name: string;
  readonly f: number;
  readonly i: number;
  readonly s: Uint8Array;
  readonly t: TensorProto | null;
  readonly g: GraphProto | null;
  readonly floats: readonly number[];
  readonly ints: readonly number[];
  readonly strings: readonly Uint8Array[];
  readonly type: number;
}
/** A node of a graph. */
export interface NodeProto {
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly op_type: string;
  readonly attribute: readonly AttributeProto[];
  readonly domain: string;
}
/** What a value is: one of the fields is there. */
export interface TypeProto {
  readonly tensor_type?: { readonly elem_type: number } | null;
  readonly sequence_type?: { readonly elem_type: TypeProto | null } | null;
  readonly optional_type?: { readonly elem_type: TypeProto | null } | null;
}
/** An input or an output of a graph. */
export interface ValueInfo {
  readonly name: string;
  readonly type: TypeProto | null;
}
/** Nodes in the order in which they run, and the names of what they get and give. */
export interface GraphProto {
  readonly node: readonly NodeProto[];
  readonly initializer: readonly TensorProto[];
  readonly input: readonly ValueInfo[];
  readonly output: readonly ValueInfo[];
}
/** A list of tensors. */
export interface SequenceProto {
  readonly tensor_values: readonly TensorProto[];
}
/** A value that may be absent: then no field is there. */
export interface OptionalProto {
  readonly tensor_value: TensorProto | null;
  readonly sequence_value: SequenceProto | null;
}
/** A model: a graph, and the versions of the sets of operators that it uses. */
export interface ModelProto {
  readonly producer_version: string;
  readonly graph: GraphProto;
  readonly opset_import: readonly { readonly domain: string; readonly version: number }[];
}

const { root } = protobuf.parse(readFileSync(new URL('onnx.proto', import.meta.url), 'utf8'), { keepCase: true });
const [model, tensor, sequence, optional] = ['Model', 'Tensor', 'Sequence', 'Optional'].map((kind) =>
  root.lookupType(`onnx.${kind}Proto`),
) as [protobuf.Type, protobuf.Type, protobuf.Type, protobuf.Type];
const plain = { longs: Number, defaults: true, arrays: true } as const;

/** The model in a file. Throws an error where it has no graph. */
export function readModel(bytes: Uint8Array): ModelProto {
  const found = model.toObject(model.decode(bytes), plain) as Omit<ModelProto, 'graph'> & { graph: GraphProto | null };
  if (!found.graph) throw new Error('expected a model with a graph, got none');
  return found as ModelProto;
}

/** The tensor in a file. */
export const readTensor = (bytes: Uint8Array): TensorProto =>
  tensor.toObject(tensor.decode(bytes), plain) as TensorProto;

/** The sequence in a file. */
export const readSequence = (bytes: Uint8Array): SequenceProto =>
  sequence.toObject(sequence.decode(bytes), plain) as SequenceProto;

/** The optional value in a file. */
export const readOptional = (bytes: Uint8Array): OptionalProto =>
  optional.toObject(optional.decode(bytes), plain) as OptionalProto;

/** The bytes of a model: fields may be left out. */
export const writeModel = (value: object): Uint8Array => model.encode(model.fromObject(value)).finish();

/** The bytes of a tensor. */
export const writeTensor = (value: object): Uint8Array => tensor.encode(tensor.fromObject(value)).finish();

/** The bytes of a sequence. */
export const writeSequence = (value: object): Uint8Array => sequence.encode(sequence.fromObject(value)).finish();

/** The bytes of an optional value. */
export const writeOptional = (value: object): Uint8Array => optional.encode(optional.fromObject(value)).finish();
