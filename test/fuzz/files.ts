import fc from 'fast-check';
import { saveSafetensors } from 'bigrad/io';
import { anyMetadata, anyTree, file, one, parts } from '../support/safetensors-files.js';
import { survives } from '../support/survives.js';
import { chooser, pick, type Choose } from './choose.js';
import { failure, type Case } from './outcome.js';

/** A sound file, ours or by another writer. */
function soundFile(choose: Choose): Uint8Array {
  if (choose(4) === 0)
    return file(
      one({ dtype: pick(choose, ['F16', 'BF16', 'I16', 'U16']), shape: [2, 1], data_offsets: [0, 4] }),
      [1, 2, 3, 4],
    );
  const [tree, metadata] = fc.sample(fc.tuple(anyTree(), anyMetadata()), { seed: choose(2 ** 31), numRuns: 1 })[0]!;
  return saveSafetensors(tree, metadata);
}

type Damage = (bytes: Uint8Array, choose: Choose) => Uint8Array;

const flip: Damage = (bytes, choose) => {
  const damaged = bytes.slice();
  for (let k = choose(3); k >= 0; k--) damaged[choose(bytes.length)]! ^= 1 << choose(8);
  return damaged;
};
const truncate: Damage = (bytes, choose) => bytes.slice(0, choose(bytes.length));
const splice: Damage = (bytes, choose) => {
  const list = [...bytes];
  const from = choose(bytes.length);
  list.splice(choose(bytes.length), choose(9), ...bytes.slice(from, from + choose(9)));
  return Uint8Array.from(list);
};
/** Bytes inside the header, whose length stays true. */
const edit: Damage = (bytes, choose) => {
  const { text, data } = parts(bytes);
  const words = [
    '{',
    '}',
    '[',
    ']',
    '"',
    ':',
    ',',
    '0',
    '-1',
    '1e9',
    '9007199254740993',
    'null',
    'F64',
    '"a":1,',
    '\\u0000',
    '__proto__',
  ];
  const at = choose(text.length + 1);
  return file(text.slice(0, at) + pick(choose, words) + text.slice(at + choose(4)), [...data]);
};

const lengths = [-1, 0, 1, 2, 0.5, 2 ** 16, 2 ** 31, 2 ** 32, 2 ** 53, 1e300, '1', null];
const fields: Record<string, (choose: Choose) => unknown> = {
  dtype: (choose) =>
    pick(choose, ['F64', 'F32', 'I32', 'F16', 'BF16', 'I64', 'U8', 'BOOL', '', 'constructor', null, 4]),
  shape: (choose) =>
    pick(choose, [Array.from({ length: choose(5) }, () => pick(choose, lengths)), new Array(65).fill(1), null, {}]),
  data_offsets: (choose) => [pick(choose, lengths), pick(choose, lengths)],
};
/** Fields of a tensor, in a header that stays JSON. */
const claim: Damage = (bytes, choose) => {
  const { header, data } = parts(bytes);
  const names = Object.keys(header).filter((name) => name !== '__metadata__');
  const name = names.length > 0 ? pick(choose, names) : 'new';
  const entry = { dtype: 'F32', shape: [1], data_offsets: [0, 4], ...(header[name] as object) };
  const field = pick(choose, Object.keys(fields));
  const named = choose(8) === 0 ? pick(choose, ['new', '__proto__', 'tensor', '']) : name;
  const pairs = Object.entries(header).filter(([key]) => key !== named);
  const text = [...pairs, [named, { ...entry, [field]: fields[field]!(choose) }] as const]
    .map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`)
    .join(',');
  return file(`{${text}}`, [...data]);
};

const damages = { flip, truncate, splice, edit, claim };

/**
 * File `n` of a seed: a sound one with some damage, which loads as something valid or is refused.
 */
export function fileCase(seed: number, n: number): Case {
  const choose = chooser(seed, n);
  const kind = pick(choose, Object.keys(damages) as (keyof typeof damages)[]);
  return {
    id: 'loadSafetensors',
    what: `a file after ${kind}`,
    run: () => {
      const bytes = damages[kind](soundFile(choose), choose);
      try {
        return { kind: survives(bytes) ? 'answer' : 'refusal' };
      } catch (error) {
        return failure(String(error).slice(0, 300));
      }
    },
  };
}
