import { readdir, readFile } from 'node:fs/promises';
import ts from 'typescript';

/**
 * The functions of `kernels/gpu/*.ts` as plain JavaScript, each with the names of those it calls,
 * directly or not.
 */
export async function kernelSources(folder: string): Promise<Record<string, { source: string; uses: string[] }>> {
  const sources: Record<string, string> = {};
  for (const name of (await readdir(folder)).filter((file) => file.endsWith('.ts')).sort()) {
    const file = ts.createSourceFile(name, await readFile(`${folder}/${name}`, 'utf8'), ts.ScriptTarget.ES2022, true);
    for (const node of file.statements)
      if (ts.isFunctionDeclaration(node) && node.name) sources[node.name.text] = plain(node.getText(file));
  }
  const names = Object.keys(sources);
  const calls = (name: string): string[] =>
    names.filter((other) => other !== name && new RegExp(`\\b${other}\\(`).test(sources[name]!));
  const reached = (name: string): string[] => [...new Set(calls(name).flatMap((other) => [other, ...reached(other)]))];
  return Object.fromEntries(names.map((name) => [name, { source: sources[name]!, uses: reached(name) }]));
}

/** One function without types, `export` and comments; its names stay as they are. */
const plain = (text: string): string =>
  ts
    .transpileModule(text, {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, removeComments: true },
    })
    .outputText.replace(/^export /, '')
    .trim();
