import { cpu } from '../backends/cpu/device.js';
import { aDevice } from '../core/device.js';
import { checkOptions } from '../core/options.js';
import type { Backend } from '../core/tensor.js';
import * as safetensors from './safetensors.js';

// Loading is bound to the default device, cpu, here; the rest of this folder takes its device
// explicitly.

/**
 * The tree and the metadata of a safetensors file: the tree that `saveSafetensors` saved, or, for a
 * file by another writer, a flat record of its tensors by name. F16 and BF16 become float32.
 *
 * The file is not trusted: everything about it is checked before any tensor is made. Throws a
 * TypeError or a RangeError for whatever breaks the format, for other dtypes, and where the
 * structure and the tensors differ.
 * @param bytes of a whole file
 * @example
 * const bytes = saveSafetensors({ weight: tensor([1, 2]) });
 * loadSafetensors(bytes).tree; // { weight: float32[2] on cpu [1, 2] }
 */
export const loadSafetensors = (bytes: Uint8Array, options: { readonly device?: Backend } = {}): safetensors.Loaded =>
  safetensors.loadSafetensors(checkOptions('loadSafetensors', options, { device: aDevice }).device ?? cpu, bytes);

export { saveSafetensors, type Loaded } from './safetensors.js';
