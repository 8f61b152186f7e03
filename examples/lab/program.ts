import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TopLevelSpec } from 'vega-lite';
import { svgOf } from './svg.js';

/** Prints a line. */
export const say = (line: string): void => {
  console.log(line);
};

/**
 * Runs an example where its file is the program itself, and saves its picture beside the file. The
 * package does not bring what draws it.
 */
export async function asProgram(url: string, run: () => { readonly picture: TopLevelSpec }): Promise<void> {
  if (process.argv[1] !== fileURLToPath(url)) return;
  const file = fileURLToPath(new URL('picture.svg', url));
  const svg = await svgOf(run().picture).catch((error: unknown) => {
    if ((error as { readonly code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    return undefined;
  });
  if (svg !== undefined) writeFileSync(file, `${svg}\n`);
  console.log(svg === undefined ? 'no picture: npm install vega vega-lite' : `picture: ${relative('.', file)}`);
}
