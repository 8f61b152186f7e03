/** What kernels/simd exports. */
export type { IntegerKernel, Pointer, SimdKernels } from '../../../../../kernels/simd/generated/kernels.js';
