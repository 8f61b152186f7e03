import { createCpu, type Backend } from 'bigrad';
import { supports } from '../../src/backends/cpu/simd/wasm/build.js';

/** The builds of SIMD kernels that this engine takes. */
export const builds = (['simd128', 'relaxed'] as const).filter(supports);

/** A new device with these kernels, to which even the smallest op in float32 goes. */
export const simdOf = (build: (typeof builds)[number]): Backend => createCpu({ simd: build, leastWork: 0 });

/** A device of each build. */
export const eager: readonly Backend[] = builds.map(simdOf);
