import { readOptional, readSequence, readTensor, type TensorProto, type TypeProto } from './format.js';
import { dtypeOf, tensorOf, typeName, type Value } from './node.js';

/** The type of the elements of a value; undefined where it is not declared. */
export function elementsOf(type: TypeProto | null | undefined): string | undefined {
  const inner = type?.sequence_type ?? type?.optional_type;
  if (inner) return elementsOf(inner.elem_type);
  return type?.tensor_type ? typeName(type.tensor_type.elem_type) : undefined;
}

/** Throws `NotExpressible` for a value whose elements have no dtype. */
export function checkElements(type: TypeProto | null): void {
  dtypeOf(elementsOf(type) ?? 'undefined');
}

/** A value in a file, by its declared type: NumPy has no bfloat16, so files have uint16 there. */
export function valueIn(bytes: Uint8Array, type: TypeProto | null): Value {
  const elements = elementsOf(type);
  const read = (proto: TensorProto): Value => (elements === 'bfloat16' ? tensorOf(proto, elements) : tensorOf(proto));
  const list = (protos: readonly TensorProto[]): Value => ({ items: protos.map((p) => tensorOf(p)) });
  if (type?.sequence_type) return list(readSequence(bytes).tensor_values);
  if (!type?.optional_type) return read(readTensor(bytes));
  const { tensor_value, sequence_value } = readOptional(bytes);
  if (sequence_value) return list(sequence_value.tensor_values);
  return tensor_value ? read(tensor_value) : undefined;
}
