import { readFileSync } from 'node:fs';
import ts from 'typescript';

/** The source of each module, by the name that people import. */
export const modules: Readonly<Record<string, string>> = Object.fromEntries(
  Object.keys((JSON.parse(readFileSync('package.json', 'utf8')) as { exports: object }).exports)
    .filter((path) => path !== './package.json')
    .map((path) => [
      path.replace('.', 'bigrad'),
      path === '.' ? 'src/index.ts' : `src/${path === './gpu' ? 'backends/gpu' : path.slice(2)}/index.ts`,
    ]),
);

/** Something that a module exports: a value, unless it is only a type. */
export interface Export {
  readonly module: string;
  readonly name: string;
  readonly isValue: boolean;
  /** The code of its `@example` tags. */
  readonly examples: readonly string[];
}

/** All exports of all modules, in their order. */
export function exportsOf(program: ts.Program): Export[] {
  const checker = program.getTypeChecker();
  return Object.entries(modules).flatMap(([module, file]) =>
    checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)!)!).map((given): Export => {
      const symbol = given.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(given) : given;
      const tags = symbol.getJsDocTags(checker).filter((tag) => tag.name === 'example');
      return {
        module,
        name: given.name,
        isValue: (symbol.flags & ts.SymbolFlags.Value) !== 0,
        examples: tags.map((tag) => ts.displayPartsToString(tag.text)),
      };
    }),
  );
}

/**
 * A line of an example whose value is shown: `add(x, 1); // float32[] on cpu 2`. The text may also
 * stand in the next line.
 */
const SHOWN = /^( *)(?!const |let |if |for |import |[{}/])(.+);\s\/\/ (.+)$/gm;

/**
 * A module with a function for each example. It gets `prints`, and calls it with each value that
 * the example shows and with the text beside it.
 */
export function moduleOf(exports: readonly Export[]): string {
  const shown = exports.filter(({ examples }) => examples.length > 0);
  const code = shown.map(({ examples }) => examples.join('\n'));
  const words = new Set(code.join('\n').match(/\w+/g));
  const first = exports.filter(({ name }, i) => exports.findIndex((other) => other.name === name) === i);
  const imports = Object.keys(modules).map((module) => {
    const names = first.filter((e) => e.module === module && words.has(e.name));
    return `import { ${names.map((e) => (e.isValue ? e.name : `type ${e.name}`)).join(', ')} } from '${module}';`;
  });
  /** Makes a name that another module exports too that of the example's own module. */
  const own = (module: string, i: number): string => {
    const names = exports
      .filter((e) => e.module === module && e.isValue && !first.includes(e))
      .filter(({ name }) => new RegExp(`\\b${name}\\b`).test(code[i]!));
    return names.map((e) => `    const { ${e.name} } = await import('${module}');\n`).join('');
  };
  const functions = shown.map(
    ({ module, name }, i) =>
      `  '${module}: ${name}': async (prints) => {\n${own(module, i)}${code[i]!.replace(SHOWN, (_, space: string, value: string, text: string) => `${space}prints(${value}, ${JSON.stringify(text)});`)}\n  },`,
  );
  return `import fc from 'fast-check';
${imports.join('\n')}
export const examples: Record<string, (prints: (value: unknown, text: string) => void) => Promise<void>> = {
${functions.join('\n')}
};
`;
}
