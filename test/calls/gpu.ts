import { gpu } from 'bigrad/gpu';
import { call, type Any, type Call } from './call.js';

/** Calls of `bigrad/gpu`, for the refusals of their options: the valid call makes a device. */
export const gpus: readonly Call[] = [
  call(
    'gpu',
    () => [{ mode: 'cpu', kernels: 8, leastWork: 1 }],
    async (options: Any) => {
      (await gpu(options)).dispose();
    },
    { options: 0 },
  ),
];
