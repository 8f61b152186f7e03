import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import * as bigrad from 'bigrad';
import { fromTypedArray, leaves, type Backend, type Tensor } from 'bigrad';

interface Written {
  readonly shape: readonly number[];
  readonly data: readonly number[];
  readonly int: boolean;
}

/** A call of an op, with its values and derivatives by PyTorch; see calls.py. */
export interface OracleCall {
  readonly op: string;
  /**
   * What stands behind the tensors; null, or a text that it needs, where the call is written below.
   */
  readonly arguments: readonly unknown[] | string | null;
  readonly inputs: readonly Written[];
  readonly outputs: readonly Written[];
  readonly weights: readonly Written[];
  readonly directions: readonly Written[];
  readonly first: readonly Written[];
  readonly second: readonly Written[];
}

type Op = (...xs: unknown[]) => unknown;

/** Calls whose tensors do not stand first. */
const others: Readonly<Record<string, (xs: readonly Tensor[], text: string) => unknown>> = {
  bincount: ([indices, weights]) => bigrad.bincount(indices!, 5, { weights: weights! }),
  meshgrid: (xs) => bigrad.meshgrid(xs),
  einsum: (xs, text) => bigrad.einsum(text, ...xs),
  eigh: ([a]) => (({ values, vectors }) => [values, bigrad.square(vectors)])(bigrad.eigh(a!)),
  svd: ([a]) => (({ u, s, vt }) => [bigrad.square(u), s, bigrad.matmul(u, vt)])(bigrad.svd(a!)),
};

/** The results of a call on tensors. */
export const resultsOf = ({ op, arguments: rest }: OracleCall, xs: readonly Tensor[]): Tensor[] =>
  leaves(
    Array.isArray(rest)
      ? (bigrad as unknown as Record<string, Op>)[op]!(...xs, ...(rest as unknown[]).map((v) => v ?? undefined))
      : others[op]!(xs, String(rest)),
  );

/** A tensor as it is written. */
export const made = ({ shape, data, int }: Written, device: Backend): Tensor =>
  fromTypedArray(int ? Int32Array.from(data) : Float64Array.from(data), shape, { device });

/** Numbers that JSON lacks are texts; other texts stay. */
const numbersOf = (_: string, x: unknown): unknown =>
  typeof x === 'string' && /^(NaN|-?Infinity)$/.test(x) ? Number(x) : x;

/** A table of calls. */
export const readCalls = (name = 'calls'): OracleCall[] =>
  JSON.parse(
    gunzipSync(readFileSync(new URL(`${name}.json.gz`, import.meta.url))).toString(),
    numbersOf,
  ) as OracleCall[];
