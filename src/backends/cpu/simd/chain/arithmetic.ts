import { elementwiseOps } from '../../../../../kernels/simd/generated/wasm.js';
import { simd, unsigned, type Code } from './encoder.js';

/** An elementwise op in a chain. */
interface ChainOp {
  /** Its code on operands that are code themselves. */
  code(x: Code, y: Code, z: Code): Code;
  /** Whether its results differ from those of Math in the last bits. */
  readonly inexact?: true;
}

const constant = (x: number): Code => simd(0x0c, [...new Uint8Array(Float32Array.of(x, x, x, x).buffer)]);
const [zero, one] = [constant(0), constant(1)];
const [and, bitselect] = [simd(0x4e), simd(0x52)];
const [ne, le] = [simd(0x42), simd(0x45)];
const [sqrt, mul, div] = [simd(0xe3), simd(0xe6), simd(0xe7)];
const truth = (code: number) => (x: Code, y: Code) => [x, y, simd(code), one, and];

/**
 * What is known of an op's kernel: its code where that is a few instructions, and whether it is
 * exact.
 */
interface Known {
  readonly code?: ChainOp['code'];
  readonly inexact?: true;
}
const exact = (code?: Known['code']): Known => ({ code });
const inexact = (code?: Known['code']): Known => ({ code, inexact: true });

/**
 * Each computes what kernels/simd/elements.ts does, in place of a call of it. An op that is not
 * here is called, and taken for inexact.
 */
const known: Readonly<Record<string, Known>> = {
  abs: exact((x) => [x, simd(0xe0)]),
  neg: exact((x) => [x, simd(0xe1)]),
  sqrt: exact((x) => [x, sqrt]),
  square: exact((x) => [x, x, mul]),
  relu: exact((x) => [zero, x, x, zero, le, bitselect]),
  reciprocal: exact((x) => [one, x, div]),
  rsqrt: inexact((x) => [one, x, sqrt, div]),
  sign: exact(),
  add: exact((x, y) => [x, y, simd(0xe4)]),
  sub: exact((x, y) => [x, y, simd(0xe5)]),
  mul: exact((x, y) => [x, y, mul]),
  div: exact((x, y) => [x, y, div]),
  minimum: exact((x, y) => [x, y, simd(0xe8)]),
  maximum: exact((x, y) => [x, y, simd(0xe9)]),
  equal: exact(truth(0x41)),
  notEqual: exact(truth(0x42)),
  less: exact(truth(0x43)),
  greater: exact(truth(0x44)),
  lessEqual: exact(truth(0x45)),
  greaterEqual: exact(truth(0x46)),
  where: exact((x, y, z) => [y, z, x, zero, ne, bitselect]),
};
const knownOf = (op: string): Known => (Object.hasOwn(known, op) ? known[op]! : inexact());

/** Functions of the kernels that chains call, each of four elements of every operand. */
export const functions = elementwiseOps.flatMap((names, operands) =>
  names.filter((op) => !knownOf(op).code).map((op) => ({ name: `${op}Four`, operands })),
);

function chainOpOf(op: string): ChainOp {
  const { code, inexact: differs } = knownOf(op);
  if (code) return { code, inexact: differs };
  const at = functions.findIndex(({ name }) => name === `${op}Four`);
  const { operands } = functions[at]!;
  return { code: (...given) => [given.slice(0, operands), 0x10, unsigned(at)], inexact: differs };
}
const ops: ReadonlyMap<string, ChainOp> = new Map(elementwiseOps.flat().map((op) => [op, chainOpOf(op)]));

/** What chains know of an op; undefined where it cannot be in one. */
export const chainOp = (op: string): ChainOp | undefined => ops.get(op);
