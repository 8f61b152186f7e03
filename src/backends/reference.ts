import type { Backend } from '../core/tensor.js';
import { read, readSync, runReference, upload } from './ndarray-storage.js';

/**
 * Runs each op's own definition in main memory. Slow, exact, and the oracle of every other backend.
 */
export const reference: Backend = { name: 'reference', run: runReference, upload, read, readSync };
