/**
 * Files of weights.
 *
 * @module bigrad/io
 */
import { cpu } from '../backends/cpu/device.js';
import { aDevice } from '../core/device.js';
import { checkOptions } from '../core/options.js';
import type { Backend } from '../core/tensor.js';
import * as safetensors from './safetensors.js';
import { selectionChecks, type Selection } from './selection.js';

// Loading is bound to the default device, cpu, here; the rest of this folder takes its device
// explicitly.

/** Which tensors are loaded, and where to: all to cpu by default. */
export interface LoadOptions extends Selection {
  readonly device?: Backend;
}

/**
 * The tree, the tensors and the metadata of a safetensors file: the tree that `saveSafetensors`
 * saved, or, for a file by another writer, the record of its tensors by name. F16 and BF16 become
 * float32. Integers and BOOL become int32. A tensor that is left out is undefined in a saved tree.
 *
 * The file is not trusted: everything about it is checked before any tensor is made. Throws a
 * TypeError or a RangeError for whatever breaks the format, for other dtypes, for integers beyond
 * int32, for names in `only` or `skip` that the file lacks, and where the structure and the tensors
 * differ.
 * @param bytes of a whole file
 * @example
 * const bytes = saveSafetensors({ weight: tensor([1, 2]) });
 * loadSafetensors(bytes).tree; // { weight: float32[2] on cpu [1, 2] }
 */
export function loadSafetensors(bytes: Uint8Array, options: LoadOptions = {}): safetensors.Loaded {
  const { device = cpu, ...selection } = checkOptions('loadSafetensors', options, {
    device: aDevice,
    ...selectionChecks,
  });
  return safetensors.loadSafetensors(device, bytes, selection);
}

export { saveSafetensors, type Loaded, type SaveOptions } from './safetensors.js';
export type { Names, Selection } from './selection.js';
