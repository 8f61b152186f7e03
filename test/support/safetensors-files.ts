import fc from 'fast-check';
import { cpu, fromTypedArray, Tensor, type Backend, type Shape } from 'bigrad';

/**
 * A file from a header's text or bytes, the data's bytes, and the length that it claims for the
 * header.
 */
export function file(header: string | Uint8Array, data: readonly number[] = [], length?: bigint): Uint8Array {
  const text = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const claimed = length ?? BigInt(text.length);
  const prefix = Array.from({ length: 8 }, (_, i) => Number((claimed >> BigInt(8 * i)) & 0xffn));
  return Uint8Array.from([...prefix, ...text, ...data]);
}

/** A header's text with one tensor, `t`, whose fields are as given. */
export const one = (fields: Record<string, unknown>): string =>
  JSON.stringify({ t: { dtype: 'F32', shape: [1], data_offsets: [0, 4], ...fields } });

/** The parts of a file: its header as JSON and as text, and its data. */
export function parts(bytes: Uint8Array): { header: Record<string, unknown>; text: string; data: Uint8Array } {
  const start = 8 + Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const text = new TextDecoder().decode(bytes.subarray(8, start));
  return { header: JSON.parse(text) as Record<string, unknown>, text, data: bytes.subarray(start) };
}

/** The bits of a tensor's elements, as bytes. */
const bits = (x: Tensor): number[] => {
  const data = x.readSync();
  return [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)];
};

/**
 * A tree with its tensors as plain data, down to the bits of their elements, for comparison with
 * deepEqual.
 */
export function laidOpen(x: unknown): unknown {
  if (x instanceof Tensor) return { tensor: x.dtype, shape: [...x.shape], bits: bits(x), device: x.device.name };
  if (Array.isArray(x)) return x.map(laidOpen);
  if (typeof x !== 'object' || x === null) return x;
  return { pairs: Object.entries(x).map(([key, child]) => [key, laidOpen(child)]) }; // to compare the keys' order too
}

/**
 * Tensors of any dtype and of any bits, so NaNs with payloads, infinities, subnormals and negative
 * zeros among them.
 */
export const anyTensor = (): fc.Arbitrary<Tensor> =>
  fc
    .tuple(fc.constantFrom(Float32Array, Float64Array, Int32Array), fc.array(fc.nat(3), { maxLength: 4 }))
    .chain(([Elements, shape]) => {
      const length = shape.reduce((n, d) => n * d, 1) * Elements.BYTES_PER_ELEMENT;
      const byte = fc.oneof(fc.nat(255), fc.constantFrom(0, 0x7f, 0x80, 0xff, 0xf0));
      return fc
        .array(byte, { minLength: length, maxLength: length })
        .map((bytes) => fromTypedArray(new Elements(Uint8Array.from(bytes).buffer), shape));
    });

/** Keys that are ordinary, or that a writer could trip over. */
const key = (): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constantFrom('a', 'b', 'w', '0', '10', '', '.', '..', 'a.b', '%', '%2E', '%5F', 'tensor', '__metadata__'),
    fc.constantFrom('__proto__', 'constructor', 'toString', '"', '\\', '\n', 'é', '漢', '🙂', '\u2028', '\ufeff'),
    fc.string({ unit: 'grapheme', maxLength: 4 }),
  );

const leaf = (): fc.Arbitrary<unknown> =>
  fc.oneof(
    { arbitrary: anyTensor(), weight: 4 },
    { arbitrary: fc.oneof(fc.double(), fc.integer(), fc.boolean()), weight: 1 },
    { arbitrary: fc.constantFrom(null, undefined, NaN, Infinity, -Infinity, -0), weight: 1 },
    { arbitrary: fc.oneof(key(), fc.constantFrom('NaN', 'undefined', '=', '=x', '-0', '\ud800')), weight: 1 },
  );

const object = (of: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.array(fc.tuple(key(), of), { maxLength: 4 }).map((pairs) => Object.fromEntries(pairs));

/** Trees with leaves of every kind that can be saved. */
export const anyTree = (): fc.Arbitrary<unknown> =>
  fc.letrec((tie) => ({
    node: fc.oneof({ maxDepth: 4, depthSize: 'small' }, leaf(), tie('list'), tie('record')),
    list: fc.array(tie('node'), { maxLength: 4 }),
    record: object(tie('node')),
    tree: fc.oneof(anyTensor(), tie('list'), tie('record')),
  })).tree;

/** Metadata of any well-formed strings. */
export const anyMetadata = (): fc.Arbitrary<Record<string, string>> =>
  fc.array(fc.tuple(key(), key()), { maxLength: 4 }).map((pairs) => Object.fromEntries(pairs));

/** A device that counts the bytes that are put on it. */
export function counting(): Backend & { bytes: number } {
  const device = {
    ...cpu,
    name: 'counting',
    bytes: 0,
    upload(data: Parameters<Backend['upload']>[0], shape: Shape): unknown {
      device.bytes += data.byteLength;
      return cpu.upload(data, shape);
    },
  };
  return device;
}
