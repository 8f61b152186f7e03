import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const base = fileURLToPath(new URL('./simd', import.meta.url));
const options = ['-O3', '--noAssert', '--runtime', 'stub', '--importMemory'];

/** Builds of the peak kernels, the faster first, as the library has them of its own. */
const builds = {
  relaxed: ['--enable', 'simd', '--enable', 'relaxed-simd'],
  simd128: ['--enable', 'simd'],
};
export type Build = keyof typeof builds;

async function compile(features: readonly string[]): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    ['index.ts', '--baseDir', base, '--outFile', 'peak.wasm', ...options, ...features],
    {
      writeFile: (name, contents) => {
        if (name.endsWith('.wasm')) binary = contents as Uint8Array;
      },
    },
  );
  if (error || !binary) throw new Error(`peak: expected the build to succeed, got ${stderr.toString()}`);
  return binary;
}

/** The fastest build that `accepts` takes, and its bytes. */
export async function bestBuild(accepts: (bytes: Uint8Array) => boolean): Promise<[Build, Uint8Array]> {
  for (const [build, features] of Object.entries(builds)) {
    const bytes = await compile(features);
    if (accepts(bytes)) return [build as Build, bytes];
  }
  throw new Error('peak: expected an engine with WebAssembly SIMD, got none');
}
