import type { View } from '../core/tensor.js';

/**
 * Storage that still lies where a plan computed it, so that state passes from call to call
 * uncopied: it is copied out when somebody looks.
 */
export interface Resident {
  /**
   * Its elements in memory of their own, copied there the first time; throws a TypeError once they
   * were donated and are gone.
   */
  readonly resident: () => View;
}

/** Storage in main memory as an ndarray view. */
export const viewOfStorage = (storage: unknown): View => (isResident(storage) ? storage.resident() : (storage as View));

const isResident = (storage: unknown): storage is Resident =>
  typeof (storage as Partial<Resident>).resident === 'function';
