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
 * Runs an example where its file is the program itself, and saves its picture beside the file.
 */
export async function asProgram(url: string, run: () => { readonly picture: TopLevelSpec }): Promise<void> {
  if (process.argv[1] !== fileURLToPath(url)) return;
  const file = fileURLToPath(new URL('picture.svg', url));
  writeFileSync(file, `${await svgOf(run().picture)}\n`);
  console.log(`picture: ${relative('.', file)}`);
}
