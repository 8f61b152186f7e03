import { kindOf, quote } from '../core/words.js';
import { checkDevice } from '../core/device.js';
import { isPlain } from '../core/plain.js';
import { reading } from '../core/reading.js';
import { owning } from '../core/storage.js';
import type { Tensor } from '../core/tensor.js';
import { type Backend } from '../core/tensor.js';
import { decode, encode, formats, savedAs } from './formats.js';
import {
  checkMetadata,
  checkShapeOf,
  LENGTH_BYTES,
  MAX_HEADER,
  METADATA,
  readHeader,
  type Entry,
  type Header,
} from './header.js';
import { readJson } from './json.js';
import { readStructure, writeStructure } from './structure.js';

/** The key of the metadata that holds a tree's structure. */
const STRUCTURE = 'bigrad.tree';

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
 * @param metadata strings that are kept beside the tensors
 * @example
 * const bytes = saveSafetensors({ weight: tensor([1, 2]) }, { epoch: '3' });
 * loadSafetensors(bytes).metadata; // { epoch: '3' }
 */
export function saveSafetensors(tree: unknown, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const who = 'saveSafetensors';
  const { structure, tensors } = writeStructure(who, tree);
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

function writeMetadata(who: string, metadata: Readonly<Record<string, string>>, structure: string): string {
  if (!isPlain(metadata))
    throw new TypeError(`${who}: expected metadata as an object of strings, got ${kindOf(metadata)}`);
  const pairs = reading(who, 'metadata', () => Object.entries(metadata));
  for (const [key, text] of pairs) {
    checkMetadata(who, key, text);
    if (key === STRUCTURE)
      throw new RangeError(
        `${who}: expected metadata without the key ${quote(key)}, which holds the tree, got one with`,
      );
  }
  return `{${[...pairs, [STRUCTURE, structure] as const]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map((pair) => pair.map((s) => JSON.stringify(s)).join(':'))
    .join(',')}}`;
}

/** What a file holds. */
export interface Loaded {
  /** A tree as it was saved, or the record of a file's tensors by name. */
  readonly tree: unknown;
  /** The file's strings, other than the tree's structure. */
  readonly metadata: Record<string, string>;
}

/**
 * The tree and the metadata of a safetensors file, on `device`: the tree that was saved, or, for a
 * file by another writer, a flat record of its tensors by name. F16 and BF16 become float32.
 *
 * The file is not trusted: everything about it is checked before any tensor is made. Throws a
 * TypeError or a RangeError for whatever breaks the format, for other dtypes, and where the
 * structure and the tensors differ.
 */
export function loadSafetensors(device: Backend, bytes: Uint8Array): Loaded {
  const who = 'loadSafetensors';
  // A proxy of one is an instance of its class, and cannot be read.
  if (!(bytes instanceof Uint8Array && ArrayBuffer.isView(bytes)))
    throw new TypeError(`${who}: expected a Uint8Array, got ${kindOf(bytes)}`);
  checkDevice(who, device);

  const header = readHeader(who, bytes);
  const make = ({ format, shape, bytes }: Entry): Tensor =>
    owning({ shape, dtype: format.dtype }, device, device.upload(decode(format, bytes), shape));
  const structure = header.metadata.get(STRUCTURE);
  return {
    tree:
      structure === undefined
        ? Object.fromEntries([...header.entries].map(([name, entry]) => [name, make(entry)]))
        : buildTree(who, structure, header, make),
    metadata: Object.fromEntries([...header.metadata].filter(([key]) => key !== STRUCTURE)),
  };
}

/** The saved tree, once its structure is known to name each tensor of the file. */
function buildTree(who: string, text: string, { entries }: Header, make: (entry: Entry) => Tensor): unknown {
  const structure = readJson(who, 'the structure', text);
  const named = new Set<string>();
  readStructure(who, structure, (name) => {
    if (!entries.has(name))
      throw new RangeError(`${who}: expected the tensors of the structure in the file, got none named ${quote(name)}`);
    named.add(name);
  });
  for (const name of entries.keys())
    if (!named.has(name))
      throw new RangeError(
        `${who}: expected the structure to have every tensor of the file, got ${quote(name)} besides`,
      );
  return readStructure(who, structure, (name) => make(entries.get(name)!));
}
