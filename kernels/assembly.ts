/** The part of AssemblyScript's compiler that is used here. */
interface Asc {
  main(
    argv: readonly string[],
    api: { writeFile(name: string, contents: string | Uint8Array): void },
  ): Promise<{ error: Error | null; stderr: { toString(): string } }>;
}

// Its own types declare globals: they would give `Array.at` everywhere a type without undefined.
const compiler: string = 'assemblyscript/asc';
const loadAsc = (): Promise<Asc> => import(compiler) as Promise<Asc>;

const options = ['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--disableWarning', '112'];

/**
 * Builds of the AssemblyScript kernels: for plain 128-bit SIMD, and for engines that have relaxed
 * SIMD too.
 */
export const builds = {
  simd128: ['--enable', 'simd'],
  relaxed: ['--enable', 'simd', '--enable', 'relaxed-simd'],
} as const;
export type Build = keyof typeof builds;

/**
 * The WebAssembly module of `entry`, a file below the folder `base`; an Error with the compiler's
 * words where it does not compile.
 */
export async function compileAssembly(entry: string, base: string, build: Build): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  const { error, stderr } = await (
    await loadAsc()
  ).main([entry, '--baseDir', base, '--outFile', 'kernels.wasm', ...options, ...builds[build]], {
    writeFile: (name, contents) => {
      if (name.endsWith('.wasm')) binary = contents as Uint8Array;
    },
  });
  if (error || !binary) throw new Error(`kernels: expected the build of ${entry} to succeed, got ${stderr.toString()}`);
  return binary;
}
