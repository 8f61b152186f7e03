import { readFileSync } from 'node:fs';

/** A tensor in main memory. */
export interface Input {
  readonly shape: number[];
  readonly data: Float32Array;
}
export type Inputs = (name: string) => Input;

/**
 * The float32 and int32 tensors of a safetensors file, by name; integers as the floats they are.
 */
export function readInputs(file: string): Inputs {
  const bytes = readFileSync(file);
  const begin = 8 + Number(bytes.readBigUInt64LE());
  const header = JSON.parse(bytes.toString('utf8', 8, begin)) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  return (name) => {
    const found = header[name];
    if (!found) throw new Error(`inputs: expected a tensor '${name}', got none`);
    const [from, to] = found.data_offsets;
    const buffer = new Uint8Array(bytes.subarray(begin + from, begin + to)).buffer;
    const data = found.dtype === 'I32' ? Float32Array.from(new Int32Array(buffer)) : new Float32Array(buffer);
    return { shape: found.shape, data };
  };
}
