import ts from 'typescript';

const config = ts.parseJsonConfigFileContent(ts.readConfigFile('tsconfig.json', ts.sys.readFile).config, ts.sys, '.');

const options: ts.CompilerOptions = {
  ...config.options,
  lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'], // a page may show code of a browser
  noUncheckedIndexedAccess: false,
  noUnusedLocals: false,
  noUnusedParameters: false,
};

/**
 * A program of files, with the project's paths and what `tsc --strict` checks, and no more. What an
 * older program has read is not read again.
 */
export const programOf = (files: readonly string[], older?: ts.Program): ts.Program =>
  ts.createProgram(files, options, undefined, older);

/** What is wrong with the types of a file of a program, one line for each error. */
export const typeErrors = (program: ts.Program, file: string): string[] => {
  const source = program.getSourceFile(file);
  return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map((error) => {
    const { line } = error.file!.getLineAndCharacterOfPosition(error.start!);
    return `line ${line + 1}: ${ts.flattenDiagnosticMessageText(error.messageText, '\n')}`;
  });
};
