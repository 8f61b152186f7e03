import { fileURLToPath } from 'node:url';
import { compileAssembly, type Build } from '../../kernels/assembly.js';

const base = fileURLToPath(new URL('./simd', import.meta.url));
const fastestFirst: readonly Build[] = ['relaxed', 'simd128'];

/** The fastest build of the peak kernels that `accepts` takes, and its bytes. */
export async function bestBuild(accepts: (bytes: Uint8Array) => boolean): Promise<[Build, Uint8Array]> {
  for (const build of fastestFirst) {
    const bytes = await compileAssembly('index.ts', base, build);
    if (accepts(bytes)) return [build, bytes];
  }
  throw new Error('peak: expected an engine with WebAssembly SIMD, got none');
}
