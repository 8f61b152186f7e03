import { readFileSync } from 'node:fs';
import { loadSafetensors, type LoadOptions } from 'bigrad/io';

/** The bytes of a file that PyTorch wrote: see test/oracle/weights.py. */
export const torchFile = (name: string): Uint8Array =>
  readFileSync(new URL(`../oracle/weights/${name}.safetensors`, import.meta.url));

/** The tensors of such a file, and its metadata as numbers. */
export function torchTensors(name: string, options: LoadOptions = {}) {
  const { tensors, metadata } = loadSafetensors(torchFile(name), options);
  const numbers = (key: string): unknown => JSON.parse(metadata[key]!);
  return { tensors, numbers };
}
