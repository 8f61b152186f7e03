import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The pages of a folder. */
export const markdownIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));

/** The code of a page's `ts` blocks. */
export const blocksOf = (text: string): string[] => [...text.matchAll(/^```ts\n(.*?)^```/gms)].map((m) => m[1]!);

/** The code of a page's `ts` blocks that have the name of a file, by these names. */
export const namedBlocksOf = (text: string): Record<string, string> =>
  Object.fromEntries([...text.matchAll(/^```ts (\S+)\n(.*?)^```/gms)].map(([, name, code]) => [name!, code!]));

/** The files that links of a text in a folder name; code, and links to elsewhere, are left out. */
export const linked = (folder: string, text: string): string[] =>
  [...text.replace(/^```.*?^```$|^ {4}.*?$/gms, '').matchAll(/\]\(([^)\s#]+)(#[^)\s]*)?\)/g)]
    .map((m) => m[1]!)
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => join(folder, link));

/** The anchors that GitHub gives a page's headings. */
const anchorsOf = (text: string): string[] =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

/** The links of a page within itself that lead to no heading. */
export const deadAnchors = (text: string): string[] =>
  [...text.matchAll(/\]\(#([^)\s]*)\)/g)].map((m) => m[1]!).filter((anchor) => !anchorsOf(text).includes(anchor));

/** The paths where nothing is. */
export const missing = (paths: readonly string[]): string[] => paths.filter((path) => !existsSync(path));
