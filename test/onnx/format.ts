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
  readonly floats: readonly number[];
  readonly ints: readonly number[];
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
/** An input or an output of a graph. */
export interface ValueInfo {
  readonly name: string;
  readonly type: { readonly tensor_type: { readonly elem_type: number } | null } | null;
}
/** A model: a graph, and the versions of the sets of operators that it uses. */
export interface ModelProto {
  readonly producer_version: string;
  readonly graph: {
    readonly node: readonly NodeProto[];
    readonly initializer: readonly TensorProto[];
    readonly input: readonly ValueInfo[];
    readonly output: readonly ValueInfo[];
  };
  readonly opset_import: readonly { readonly domain: string; readonly version: number }[];
}

const { root } = protobuf.parse(readFileSync(new URL('onnx.proto', import.meta.url), 'utf8'), { keepCase: true });
const [model, tensor] = [root.lookupType('onnx.ModelProto'), root.lookupType('onnx.TensorProto')];
const plain = { longs: Number, defaults: true, arrays: true } as const;

/** The model in a file. */
export const readModel = (bytes: Uint8Array): ModelProto => model.toObject(model.decode(bytes), plain) as ModelProto;

/** The tensor in a file. */
export const readTensor = (bytes: Uint8Array): TensorProto =>
  tensor.toObject(tensor.decode(bytes), plain) as TensorProto;

/** The bytes of a model: fields may be left out. */
export const writeModel = (value: object): Uint8Array => model.encode(model.fromObject(value)).finish();

/** The bytes of a tensor. */
export const writeTensor = (value: object): Uint8Array => tensor.encode(tensor.fromObject(value)).finish();
