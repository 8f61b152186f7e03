import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { minify } from 'terser';
import { build as vite } from 'vite';

/**
 * Bundles `program.js` of a folder for browsers, minified, and writes it into a folder of its own;
 * returns the path of the script.
 */
export type Bundler = (folder: string) => Promise<string>;

const esbuild = async (folder: string, outfile: string, minified: boolean): Promise<string> => {
  await build({
    absWorkingDir: folder,
    entryPoints: ['program.js'],
    outfile,
    bundle: true,
    minify: minified,
    format: 'esm',
    platform: 'browser',
    logLevel: 'error',
  });
  return outfile;
};

/** The bundlers and minifiers that the package must survive. */
export const bundlers: Readonly<Record<string, Bundler>> = {
  esbuild: (folder) => esbuild(folder, 'esbuild/program.mjs', true),
  Vite: async (root) => {
    await vite({
      root,
      configFile: false,
      logLevel: 'error',
      build: {
        target: 'es2022',
        minify: true,
        outDir: 'vite',
        lib: { entry: 'program.js', formats: ['es'], fileName: () => 'program.mjs' },
      },
    });
    return 'vite/program.mjs';
  },
  Terser: async (folder) => {
    const plain = readFileSync(join(folder, await esbuild(folder, 'plain/program.mjs', false)), 'utf8');
    const { code } = await minify(plain, { module: true, compress: { passes: 2 }, mangle: { toplevel: true } });
    mkdirSync(join(folder, 'terser'), { recursive: true });
    writeFileSync(join(folder, 'terser/program.mjs'), code!);
    return 'terser/program.mjs';
  },
};
