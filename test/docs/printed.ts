import { inspect } from 'node:util';
import { pathToFileURL } from 'node:url';

/** What a module prints with console.log while it is imported, line by line. */
export async function printedBy(path: string): Promise<string[]> {
  const lines: string[] = [];
  const { log } = console;
  console.log = (...values: unknown[]) => {
    lines.push(
      ...values
        .map((v) => (typeof v === 'string' ? v : inspect(v)))
        .join(' ')
        .split('\n'),
    );
  };
  try {
    await import(pathToFileURL(path).href);
  } finally {
    console.log = log;
  }
  return lines.filter((line) => line !== '');
}
