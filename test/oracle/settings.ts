import { createCpu, reference, type Backend, type DType } from 'bigrad';
import { eager } from '../support/builds.js';

/** Every device in main memory. */
export const devices: readonly Backend[] = [reference, createCpu({ simd: 'none' }), ...eager];

/**
 * How far results may be from PyTorch's, as `errorsOf` measures it; report.ts prints how far they
 * are.
 */
export const tolerance: Readonly<Record<DType, number>> = { float64: 1e-12, float32: 5e-5, int32: 0 };
