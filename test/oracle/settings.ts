import { createCpu, reference, type Backend, type DType } from 'bigrad';
import { supports } from '../../src/backends/cpu/simd/wasm/build.js';

/** The builds of SIMD kernels that this engine takes. */
export const builds = (['simd128', 'relaxed'] as const).filter(supports);

/** A new device with these kernels, to which even the smallest op in float32 goes. */
export const simdOf = (build: (typeof builds)[number]): Backend => createCpu({ simd: build, leastWork: 0 });

export const simd: readonly Backend[] = builds.map(simdOf);

/** Every device in main memory. */
export const devices: readonly Backend[] = [reference, createCpu({ simd: 'none' }), ...simd];

/**
 * How far results may be from PyTorch's, as `errorsOf` measures it; report.ts prints how far they
 * are.
 */
export const tolerance: Readonly<Record<DType, number>> = { float64: 1e-12, float32: 5e-5, int32: 0 };
