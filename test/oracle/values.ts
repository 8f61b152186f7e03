import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** Columns of arguments, and what PyTorch gives for each of their rows, by op; see values.py. */
export interface Section {
  readonly arguments: readonly (readonly number[])[];
  readonly results: Readonly<Record<string, readonly number[]>>;
}
export type Values = Readonly<Record<'unary' | 'binary' | 'where' | 'zeta' | 'gate' | 'rows', Section>>;

/** Numbers that JSON lacks are texts. */
const numbersOf = (_: string, x: unknown): unknown => (typeof x === 'string' ? Number(x) : x);

/** The table of values. */
export const readValues = (): Values =>
  JSON.parse(gunzipSync(readFileSync(new URL('values.json.gz', import.meta.url))).toString(), numbersOf) as Values;
