import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const FROM = /\b(?:from |import |import\()'([^']+)'/g;

/** What the code of a text imports, types left out. */
const importsOf = (code: string): string[] =>
  [...code.replaceAll(/^import type .*$/gm, '').matchAll(FROM)].map((m) => m[1]!);

/** The packages that a page tells its readers to install. */
const installedBy = (page: string): string[] =>
  [...page.matchAll(/npm install ([\w@/ -]+)/g)].flatMap((m) => m[1]!.trim().split(' '));

/**
 * What the programs of `examples` in a folder import that its reader does not have: files that are
 * not there, and packages that the example's README.md does not tell to install. Each file counts
 * only if `has` holds for its path.
 */
export function unmet(home: string, has: (path: string) => boolean = () => true): string[] {
  const there = (file: string): boolean => existsSync(file) && has(relative(home, file));
  const found: string[] = [];
  const visited = new Set<string>();
  const visit = (file: string, packages: readonly string[]): void => {
    if (visited.has(file)) return;
    visited.add(file);
    for (const name of importsOf(readFileSync(file, 'utf8'))) {
      const target = join(dirname(file), name.replace(/\.js$/, '.ts'));
      if (!name.startsWith('.')) {
        if (!/^(bigrad(\/|$)|node:)/.test(name) && !packages.includes(name))
          found.push(`${relative(home, file)}: ${name}`);
      } else if (there(target)) visit(target, packages);
      else found.push(`${relative(home, file)}: ${name}`);
    }
  };
  for (const name of readdirSync(join(home, 'examples'))) {
    const [main, page] = ['main.ts', 'README.md'].map((file) => join(home, 'examples', name, file)) as [string, string];
    visited.clear();
    if (there(main) && there(page)) visit(main, installedBy(readFileSync(page, 'utf8')));
  }
  return found;
}
