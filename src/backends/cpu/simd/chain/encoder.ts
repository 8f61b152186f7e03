// The part of WebAssembly's binary format that generated kernels need (WebAssembly Core
// Specification, chapter 5).

/** Bytes of code, nested as they were put together. */
export type Code = number | readonly Code[];

/** An unsigned integer in LEB128. */
export function unsigned(n: number): number[] {
  const bytes: number[] = [];
  for (; n > 127; n = Math.floor(n / 128)) bytes.push((n % 128) | 128);
  return [...bytes, n];
}

/** A signed 32-bit integer in LEB128. */
export function signed(n: number): number[] {
  const bytes: number[] = [];
  for (; n < -64 || n > 63; n >>= 7) bytes.push((n & 127) | 128);
  return [...bytes, n & 127];
}

/** An instruction of the vector extension. */
export const simd = (code: number, ...rest: Code[]): Code => [0xfd, unsigned(code), rest];

const vector = (items: readonly Code[]): Code => [unsigned(items.length), items];
const text = (s: string): Code => vector(Array.from(s, (c) => c.charCodeAt(0)));
const sized = (code: Code): Code => {
  const bytes = flat(code);
  return [unsigned(bytes.length), bytes];
};
const section = (id: number, code: Code): Code => [id, sized(code)];

function flat(code: Code, to: number[] = []): number[] {
  if (typeof code === 'number') to.push(code);
  else for (const part of code) flat(part, to);
  return to;
}

const [I32, V128, FUNCTION] = [0x7f, 0x7b, 0x60];

/**
 * A function without arguments or results: how many locals it has, the int32 ones first, and its
 * code.
 */
export interface Body {
  readonly ints: number;
  readonly vectors: number;
  readonly code: Code;
}

/**
 * What a module takes from outside: functions of vectors, which come first in the numbering of
 * functions, and a memory.
 */
export interface Imports {
  readonly functions: readonly { readonly name: string; readonly operands: number }[];
  /** The limit, in pages, of a memory that threads share. */
  readonly sharedUpTo?: number;
}

/**
 * A module of functions over the memory `env.memory`, which may call those of `env`; they are
 * exported by their numbers.
 */
export function encodeModule({ functions, sharedUpTo }: Imports, bodies: readonly Body[]): Uint8Array {
  const memory = sharedUpTo === undefined ? [0, 0] : [3, 0, unsigned(sharedUpTo)];
  const types = [0, 1, 2, 3]
    .map((count) => new Array<number>(count).fill(V128))
    .map((operands) => [FUNCTION, vector(operands), vector(operands.length > 0 ? [V128] : [])]);
  const imports = [
    [text('env'), text('memory'), 2, memory],
    ...functions.map(({ name, operands }) => [text('env'), text(name), 0, operands]),
  ];
  const exported = bodies.map((_, i) => [text(String(i)), 0, unsigned(functions.length + i)]);
  const code = bodies.map((body) =>
    sized([
      vector([
        [unsigned(body.ints), I32],
        [unsigned(body.vectors), V128],
      ]),
      body.code,
      0x0b,
    ]),
  );
  return Uint8Array.from(
    flat([
      [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      section(1, vector(types)),
      section(2, vector(imports)),
      section(3, vector(bodies.map(() => 0))),
      section(7, vector(exported)),
      section(10, vector(code)),
    ]),
  );
}
