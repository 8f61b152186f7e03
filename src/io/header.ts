import { MAX_RANK, sizeOf, TOO_MANY, type Shape } from '../core/shape.js';
import { formats, misfit, type Format } from './formats.js';
import { describe, isWellFormed, readJson, type Json } from './json.js';
import { quote, show } from '../core/words.js';
import { select, type Selection } from './selection.js';

/** The key of the header that is no tensor. */
export const METADATA = '__metadata__';

/** Bytes of the longest header that the format allows. */
export const MAX_HEADER = 100_000_000;

/** Where the header's length lies. */
export const LENGTH_BYTES = 8;

/** One tensor of a file: `bytes` is a window on the file. */
export interface Entry {
  readonly format: Format;
  readonly shape: Shape;
  readonly bytes: Uint8Array;
}

/** What the header of a file says, checked against the file; in the header's order. */
export interface Header {
  /** All names. */
  readonly names: readonly string[];
  /** The tensors to load. */
  readonly entries: ReadonlyMap<string, Entry>;
  readonly metadata: ReadonlyMap<string, string>;
}

interface Claim {
  readonly name: string;
  /** Absent where nobody wants the tensor and its dtype is unknown. */
  readonly format: Format | undefined;
  readonly shape: Shape;
  readonly begin: number;
  readonly end: number;
}

/**
 * Reads and checks a header, and the values of the tensors that are wanted. Nothing is allocated
 * but for the header itself.
 */
export function readHeader(who: string, file: Uint8Array, selection: Selection): Header {
  const { text, data } = split(who, file);
  const header = readJson(who, 'the header', text) as ReadonlyMap<string, Json>; // it begins with a brace

  const names = [...header.keys()].filter((name) => name !== METADATA);
  const wanted = select(who, names, selection);
  const claims: Claim[] = [];
  let metadata: ReadonlyMap<string, string> = new Map();
  for (const [name, value] of header)
    if (name === METADATA) metadata = readMetadata(who, value);
    else claims.push(readClaim(who, name, value, wanted.has(name)));
  checkTiling(who, claims, data.length);

  const entries = new Map<string, Entry>();
  for (const { name, format, shape, begin, end } of claims) {
    if (!wanted.has(name)) continue;
    const entry = { format: format!, shape, bytes: data.subarray(begin, end) }; // the claim of a wanted tensor has one
    checkValues(who, name, entry);
    entries.set(name, entry);
  }
  return { names, entries, metadata };
}

function checkValues(who: string, name: string, { format, bytes }: Entry): void {
  const value = misfit(format, bytes);
  if (value === undefined) return;
  const range = format === formats.get('BOOL') ? '0 or 1' : 'integers from -2147483648 to 2147483647';
  throw new RangeError(`${who}: expected ${range} in tensor ${quote(name)}, got ${value}`);
}

/** The header's text, and the data behind it. */
function split(who: string, file: Uint8Array): { text: string; data: Uint8Array } {
  const alien = (expected: string, got: string): never => {
    throw new RangeError(`${who}: expected ${expected}, got ${got}; this is no safetensors file`);
  };
  if (file.length < LENGTH_BYTES) alien(`at least ${LENGTH_BYTES} bytes`, `${file.length}`);
  const length = new DataView(file.buffer, file.byteOffset).getBigUint64(0, true);
  if (length > MAX_HEADER) alien(`a header of at most ${MAX_HEADER} bytes`, `${length}`);
  if (length === 0n) alien('a header that begins with "{"', 'none');
  const first = file[LENGTH_BYTES];
  if (first !== undefined && first !== 0x7b) alien('a header that begins with "{"', `byte ${first}`);
  const start = LENGTH_BYTES + Number(length);
  if (start > file.length)
    throw new RangeError(
      `${who}: expected a header of ${length} bytes, got a file with ${file.length - LENGTH_BYTES} after its length`,
    );
  try {
    const utf8 = new TextDecoder('utf-8', { fatal: true });
    return { text: utf8.decode(file.subarray(LENGTH_BYTES, start)), data: file.subarray(start) };
  } catch {
    throw new RangeError(`${who}: expected a header in UTF-8, got other bytes`);
  }
}

function readMetadata(who: string, value: Json): ReadonlyMap<string, string> {
  if (!(value instanceof Map))
    throw new TypeError(`${who}: expected ${METADATA} to map strings to strings, got ${describe(value)}`);
  for (const [key, text] of value as ReadonlyMap<string, Json>) checkMetadata(who, key, text);
  return value as ReadonlyMap<string, string>;
}

/** Checks one pair of the metadata: both are strings that UTF-8 can hold. */
export function checkMetadata(who: string, key: string, text: unknown): void {
  if (typeof text !== 'string')
    throw new TypeError(`${who}: expected a string as metadata ${quote(key)}, got ${describe(text as Json)}`);
  checkText(who, 'as a key of the metadata', key);
  checkText(who, `as metadata ${quote(key)}`, text);
}

/** Checks that UTF-8 can hold `text`. */
export function checkText(who: string, what: string, text: string): void {
  if (!isWellFormed(text))
    throw new RangeError(`${who}: expected well-formed Unicode ${what}, got half a surrogate pair in ${quote(text)}`);
}

const FIELDS = ['dtype', 'shape', 'data_offsets'];

function readClaim(who: string, name: string, value: Json, wanted: boolean): Claim {
  checkText(who, 'as a tensor name', name);
  const tensor = `tensor ${quote(name)}`;
  if (!(value instanceof Map))
    throw new TypeError(`${who}: expected ${FIELDS.join(', ')} of ${tensor}, got ${describe(value)}`);
  const fields = value as ReadonlyMap<string, Json>;
  for (const field of fields.keys())
    if (!FIELDS.includes(field))
      throw new RangeError(`${who}: expected only ${FIELDS.join(', ')} of ${tensor}, got ${quote(field)}`);

  const dtype = fields.get('dtype');
  const format = formats.get(dtype as string);
  if (!format && (wanted || typeof dtype !== 'string'))
    throw new TypeError(
      `${who}: expected dtype ${[...formats.keys()].join(', ')} of ${tensor}, got ${describe(dtype)}; the option skip leaves it out`,
    );

  const shape = readLengths(who, `the shape of ${tensor}`, fields.get('shape'));
  checkShapeOf(who, tensor, shape);
  const offsets = readLengths(who, `the data_offsets of ${tensor}`, fields.get('data_offsets'));
  const [begin, end] = offsets;
  if (offsets.length !== 2 || begin! > end!)
    throw new RangeError(`${who}: expected data_offsets [begin, end] of ${tensor}, got ${show(offsets)}`);
  if (format && end! - begin! !== sizeOf(shape) * format.width)
    throw new RangeError(
      `${who}: expected ${sizeOf(shape) * format.width} bytes for ${dtype as string}${show(shape)} of ${tensor}, got ${end! - begin!}`,
    );
  return { name, format, shape, begin: begin!, end: end! };
}

/**
 * Checks that there are few axes, and that the element count is exact whatever the order in which
 * it is computed. The lengths other than 0 of a tensor without elements are bounded too: a file of
 * no data could else ask for any number of rows.
 */
export function checkShapeOf(who: string, what: string, shape: Shape): void {
  if (shape.length > MAX_RANK)
    throw new RangeError(`${who}: expected at most ${MAX_RANK} axes of ${what}, got ${shape.length}`);
  const lengths = shape.filter((d) => d > 0);
  const empty = lengths.length < shape.length;
  if (empty ? sizeOf(lengths) > 2 ** 24 : sizeOf(lengths) >= TOO_MANY)
    throw new RangeError(
      `${who}: expected lengths other than 0 with a product ${empty ? 'of at most 2^24' : 'below 2^31'} in the shape of ${what}, got ${show(shape)}`,
    );
}

/** A list of non-negative integers. */
function readLengths(who: string, what: string, value: Json | undefined): number[] {
  if (!Array.isArray(value)) throw new TypeError(`${who}: expected ${what} as a list, got ${describe(value)}`);
  for (const d of value as readonly Json[]) {
    if (typeof d !== 'number') throw new TypeError(`${who}: expected integers in ${what}, got ${describe(d)}`);
    if (!Number.isSafeInteger(d) || d < 0 || Object.is(d, -0))
      throw new RangeError(`${who}: expected integers of 0 to 2^53 - 1 in ${what}, got ${Object.is(d, -0) ? '-0' : d}`);
  }
  return value as number[];
}

/** Checks that the tensors cover the data once: no holes, no overlaps, nothing beyond. */
function checkTiling(who: string, claims: readonly Claim[], length: number): void {
  let reached = 0;
  for (const { name, begin, end } of [...claims].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== reached)
      throw new RangeError(
        `${who}: expected tensor ${quote(name)} to begin at byte ${reached} of the data, where the one before it ends, got ${begin}`,
      );
    if (end > length)
      throw new RangeError(
        `${who}: expected tensor ${quote(name)} within ${length} bytes of data, got its end at ${end}`,
      );
    reached = end;
  }
  if (reached !== length) throw new RangeError(`${who}: expected ${reached} bytes of data, got ${length}`);
}
