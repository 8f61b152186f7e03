/** An input that cannot be used, said in one line: `where: expected <what>, found <what>`. */
export class DataError extends Error {
  override readonly name = 'DataError';

  constructor(where: string, expected: string, found: string) {
    super(`${where}: expected ${expected}, found ${found}`);
  }
}

/** A cell's text for an error message: quoted, on one line and cut after 60 characters. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}...` : text);
}
