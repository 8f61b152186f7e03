import type { Backend } from '../core/tensor.js';
import { read, readSync, runReference, upload } from './ndarray-storage.js';

/**
 * Runs each op's own definition in main memory. Slow, exact, and the oracle of every other backend.
 * @example
 * exp(tensor([0, 1], { device: reference })); // float32[2] on reference [1, 2.71828]
 */
export const reference: Backend = { name: 'reference', run: runReference, upload, read, readSync };
