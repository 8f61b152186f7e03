import { kindOf, quote } from '../core/words.js';
import { flag } from '../core/check.js';
import { checkDevice } from '../core/device.js';
import { checkOptions } from '../core/options.js';
import { isPlain } from '../core/plain.js';
import { reading } from '../core/reading.js';
import { owning } from '../core/storage.js';
import { checkReadable, Tensor, type Backend } from '../core/tensor.js';
import { decode, encode, formats, savedAs } from './formats.js';
import {
  checkMetadata,
  checkShapeOf,
  checkText,
  LENGTH_BYTES,
  MAX_HEADER,
  METADATA,
  readHeader,
  type Entry,
} from './header.js';
import { readJson, type Json } from './json.js';
import type { Selection } from './selection.js';
import { readStructure, writeStructure } from './structure.js';

/** The key of the metadata that holds a tree's structure. */
const STRUCTURE = 'bigrad.tree';

/** How `saveSafetensors` names tensors. */
export interface SaveOptions {
  /** Saves a record of tensors by its keys, without the structure of a tree. */
  readonly flat?: boolean;
}

/**
 * The bytes of a safetensors file (https://huggingface.co/docs/safetensors) with a tree's tensors:
 * float32 as F32, float64 as F64, int32 as I32.
 *
 * A tensor's name is its path, `layers.0.weight`; in keys `%` is written `%25` and `.` is written
 * `%2E`, a bare tensor is named `tensor`, and one under the lone key `__metadata__` is
 * `%5F_metadata__`. Everything else about the tree is JSON under the key `bigrad.tree` of the
 * metadata: arrays and objects with the string `tensor` where a tensor is; other leaves are numbers
 * (NaN and infinities too, as strings), booleans, null, undefined (as the string `undefined`), and
 * strings (with `=` before them). Keys keep their order. The same tree and metadata give the same
 * bytes; wider elements come first, then names in order, so every element is aligned.
 *
 * A tensor that is in the tree twice is saved twice. Throws a TypeError for cycles, for arrays with
 * holes, and for leaves that are none of the above (functions, bigints, class instances); a
 * RangeError beyond 256 levels, 64 axes or 100 MB of header, for empty tensors whose lengths other
 * than 0 multiply beyond 2^24, for names and metadata that are not well-formed Unicode, and for
 * metadata under `bigrad.tree`.
 *
 * With `flat` it saves a record of tensors for other libraries, such as that of `toStateDict`: a
 * tensor's name is its key as it stands, and the file has no structure.
 * @param metadata strings that are kept beside the tensors
 * @example
 * const bytes = saveSafetensors({ weight: tensor([1, 2]) }, { epoch: '3' });
 * loadSafetensors(bytes).metadata; // { epoch: '3' }
 */
export function saveSafetensors(
  tree: unknown,
  metadata: Readonly<Record<string, string>> = {},
  options: SaveOptions = {},
): Uint8Array {
  const who = 'saveSafetensors';
  const { flat = false } = checkOptions(who, options, { flat: flag });
  const { structure, tensors } = flat ? readRecord(who, tree) : writeStructure(who, tree);
  const parts = tensors
    .map(([name, x]) => {
      checkShapeOf(who, `tensor ${quote(name)}`, x.shape);
      return { name, x, as: savedAs[x.dtype], width: formats.get(savedAs[x.dtype])!.width };
    })
    .sort((a, b) => b.width - a.width || (a.name < b.name ? -1 : 1));

  let end = 0;
  const fields = parts.map(({ name, x, as, width }) => {
    const begin = end;
    end += x.size * width;
    return `${JSON.stringify(name)}:{"dtype":"${as}","shape":[${x.shape.join(',')}],"data_offsets":[${begin},${end}]}`;
  });
  const text = `{${[`"${METADATA}":${writeMetadata(who, metadata, structure)}`, ...fields].join(',')}}`;
  const header = new TextEncoder().encode(text);
  const length = Math.ceil(header.length / 8) * 8;
  if (length > MAX_HEADER)
    throw new RangeError(`${who}: expected a header of at most ${MAX_HEADER} bytes, got ${length}`);

  const file = new Uint8Array(LENGTH_BYTES + length + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(length), true);
  file.fill(0x20, LENGTH_BYTES, LENGTH_BYTES + length);
  file.set(header, LENGTH_BYTES);
  let at = LENGTH_BYTES + length;
  for (const { x, width } of parts) encode(x.readSync(), file.subarray(at, (at += x.size * width)));
  return file;
}

/** The tensors of a record for a file without a structure. */
function readRecord(who: string, record: unknown): { structure?: string; tensors: [string, Tensor][] } {
  if (!isPlain(record)) throw new TypeError(`${who}: expected a record of tensors, got ${kindOf(record)}`);
  const tensors = reading(who, 'a record', () => Object.entries(record) as [string, unknown][]);
  for (const [name, x] of tensors) {
    checkText(who, 'as a tensor name', name);
    if (name === METADATA) throw new RangeError(`${who}: expected other names than ${quote(METADATA)}, got it`);
    if (!(x instanceof Tensor))
      throw new TypeError(`${who}: expected tensors in a record, got ${kindOf(x)} at ${quote(name)}`);
    checkReadable(who, x);
  }
  return { tensors: tensors as [string, Tensor][] };
}

function writeMetadata(who: string, metadata: Readonly<Record<string, string>>, structure?: string): string {
  if (!isPlain(metadata))
    throw new TypeError(`${who}: expected metadata as an object of strings, got ${kindOf(metadata)}`);
  const own = reading(who, 'metadata', () => Object.entries(metadata));
  for (const [key, text] of own) {
    checkMetadata(who, key, text);
    if (key === STRUCTURE)
      throw new RangeError(
        `${who}: expected metadata without the key ${quote(key)}, which holds the tree, got one with`,
      );
  }
  const pairs = structure === undefined ? own : [...own, [STRUCTURE, structure] as const];
  return `{${pairs
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map((pair) => pair.map((s) => JSON.stringify(s)).join(':'))
    .join(',')}}`;
}

/** What a file holds. */
export interface Loaded {
  /** A tree as it was saved, or the record of a file's tensors by name. */
  readonly tree: unknown;
  /** The file's tensors by their names in it. */
  readonly tensors: Record<string, Tensor>;
  /** The file's strings, other than the tree's structure. */
  readonly metadata: Record<string, string>;
}

/**
 * The tree, the tensors and the metadata of a safetensors file, on `device`: the tree that was
 * saved, or, for a file by another writer, the record of its tensors by name. F16 and BF16 become
 * float32. Integers and BOOL become int32. A tensor that is left out is undefined in a saved tree.
 *
 * The file is not trusted: everything about it is checked before any tensor is made. Throws a
 * TypeError or a RangeError for whatever breaks the format, for other dtypes, for integers beyond
 * int32, and where the structure and the tensors differ.
 */
export function loadSafetensors(device: Backend, bytes: Uint8Array, selection: Selection = {}): Loaded {
  const who = 'loadSafetensors';
  // A proxy of one is an instance of its class, and cannot be read.
  if (!(bytes instanceof Uint8Array && ArrayBuffer.isView(bytes)))
    throw new TypeError(`${who}: expected a Uint8Array, got ${kindOf(bytes)}`);
  checkDevice(who, device);

  const { names, entries, metadata } = readHeader(who, bytes, selection);
  const text = metadata.get(STRUCTURE);
  const structure = text === undefined ? undefined : checkedStructure(who, text, names);
  const make = ({ format, shape, bytes }: Entry): Tensor =>
    owning({ shape, dtype: format.dtype }, device, device.upload(decode(format, bytes), shape));
  const made = new Map([...entries].map(([name, entry]) => [name, make(entry)]));
  return {
    tree: structure === undefined ? Object.fromEntries(made) : readStructure(who, structure, (name) => made.get(name)),
    tensors: Object.fromEntries(made),
    metadata: Object.fromEntries([...metadata].filter(([key]) => key !== STRUCTURE)),
  };
}

/** The structure of a saved tree, which is known to name each tensor of the file. */
function checkedStructure(who: string, text: string, names: readonly string[]): Json {
  const structure = readJson(who, 'the structure', text);
  const there = new Set(names);
  const named = new Set<string>();
  readStructure(who, structure, (name) => {
    if (!there.has(name))
      throw new RangeError(`${who}: expected the tensors of the structure in the file, got none named ${quote(name)}`);
    named.add(name);
  });
  for (const name of names)
    if (!named.has(name))
      throw new RangeError(
        `${who}: expected the structure to have every tensor of the file, got ${quote(name)} besides`,
      );
  return structure;
}
