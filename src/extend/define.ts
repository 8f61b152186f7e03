import { aFunction, aString, listOf, type Check } from '../core/check.js';
import * as core from '../core/op.js';
import type { MultiOp, Op, SimpleOp, VariadicOp } from '../core/op.js';
import type { Tensor } from '../core/tensor.js';
import { isList } from '../core/plain.js';
import { kindOf } from '../core/words.js';
import * as elementwise from '../ops/define-elementwise.js';
import type { BinaryRule, ElementwiseOptions, Operand } from '../ops/define-elementwise.js';

// Kernels belong to ops of the library. An op from outside may have the name of one, and has no
// kernel: it computes what its own record says.

/**
 * An op with one output and one rule per input.
 * @example
 * const op = defineOp<One, null>({
 *   name: 'twice',
 *   shape: ([x]) => x,
 *   dtype: (dtypes) => sameFloat('twice', dtypes),
 *   ref: (out, [x]) => {
 *     x.data.forEach((v, i) => (out.data[i] = 2 * v));
 *   },
 *   vjp: [(g) => mul(g, 2)],
 * });
 * op([tensor([1, 2])], null); // float32[2] on cpu [2, 4]
 */
export function defineOp<I extends readonly Tensor[], A>(record: SimpleOp<I, A>): Op<I, A> {
  checkRecord('defineOp', record, ['shape'], ['ref', 'scalar', 'view']);
  ruleList('defineOp', record.name, record.vjp);
  return core.defineOp(record, null);
}

/**
 * An op with several outputs; each rule gets all their cotangents.
 * @example
 * const op = defineMultiOp<One, null>({
 *   name: 'sinCos',
 *   infer: ([x]) => [x, x],
 *   ref: ([sines, cosines], [x]) => {
 *     x!.data.forEach((v, i) => ([sines!.data[i], cosines!.data[i]] = [Math.sin(v), Math.cos(v)]));
 *   },
 *   vjp: [(gs, [x]) => sub(mul(gs[0] ?? 0, cos(x)), mul(gs[1] ?? 0, sin(x)))],
 * });
 * op([tensor([0])], null); // [ float32[1] on cpu [0], float32[1] on cpu [1] ]
 */
export function defineMultiOp<I extends readonly Tensor[], A>(record: MultiOp<I, A>): (ins: I, attrs: A) => Tensor[] {
  checkRecord('defineMultiOp', record, ['infer'], ['ref', 'view']);
  if (typeof record.vjp !== 'function') ruleList('defineMultiOp', record.name, record.vjp);
  return core.defineMultiOp(record, null);
}

/**
 * An op of any number of inputs, with one rule that is also told which input it is for.
 * @example
 * const op = defineVariadicOp<null>({
 *   name: 'total',
 *   shape: ([first]) => first!,
 *   ref: (out, xs) => {
 *     for (const x of xs) x.data.forEach((v, i) => (out.data[i]! += v));
 *   },
 *   vjp: (g) => g,
 * });
 * op([tensor([1, 2]), tensor([3, 4])], null); // float32[2] on cpu [4, 6]
 */
export function defineVariadicOp<A>(record: VariadicOp<A>): Op<readonly Tensor[], A> {
  checkRecord('defineVariadicOp', record, ['shape', 'ref']);
  aRule('defineVariadicOp', `the derivative rule of ${record.name}`, record.vjp);
  return core.defineVariadicOp(record, null);
}

/**
 * A function of one element, with its derivative rule in `(g, x, out)`.
 * @param name in errors
 * @param f the value of one element
 * @param dx the cotangent of x, from that of the result; null where there is none
 * @example
 * const sinh = unary('sinh', Math.sinh, (g, x) => mul(g, div(add(exp(x), exp(neg(x))), 2)));
 * sinh(tensor([0, 1])); // float32[2] on cpu [0, 1.1752]
 */
export function unary(
  name: string,
  f: (x: number) => number,
  dx: ((g: Tensor, x: Tensor, out: Tensor) => Tensor) | null,
  options: ElementwiseOptions = {},
): (x: Tensor) => Tensor {
  aString('unary', 'the name', name);
  aFunction('unary', `the value of ${name}`, f);
  aRule('unary', `the derivative rule of ${name}`, dx);
  return elementwise.unary(name, f, dx, options, null);
}

/**
 * A function of two elements, with the rules of both. Broadcasting happens here: the rules see
 * equal shapes.
 * @param name in errors
 * @param f the value of one element
 * @param rules the cotangent of x and that of y, from that of the result; null where there is none
 * @example
 * const hypot = binary('hypot', Math.hypot, [
 *   (g, x, _, out) => mul(g, div(x, out)),
 *   (g, _, y, out) => mul(g, div(y, out)),
 * ]);
 * hypot(tensor([3, 5]), tensor([4, 12])); // float32[2] on cpu [5, 13]
 */
export function binary(
  name: string,
  f: (x: number, y: number) => number,
  rules: readonly [BinaryRule, BinaryRule] | null,
  options: ElementwiseOptions = {},
): (x: Operand, y: Operand) => Tensor {
  aString('binary', 'the name', name);
  aFunction('binary', `the value of ${name}`, f);
  ruleList('binary', name, rules, 2);
  return elementwise.binary(name, f, rules, options, null);
}

/** Checks that a record has a name, these functions, and at least one of those. */
function checkRecord(who: string, record: unknown, all: readonly string[], some: readonly string[] = all): void {
  if (typeof record !== 'object' || record === null)
    throw new TypeError(`${who}: expected the record of an op, got ${kindOf(record)}`);
  const { name, ...fields } = Object.fromEntries(
    ['name', ...all, ...some].map((field) => [field, (record as Readonly<Record<string, unknown>>)[field]]),
  );
  aString(who, 'the name', name);
  for (const field of all) aFunction(who, `${field} of ${name as string}`, fields[field]);
  if (some.every((field) => fields[field] === undefined))
    throw new TypeError(
      `${who}: expected the record of ${name as string} to have ${some.join(' or ')}, got none of these`,
    );
  for (const field of some)
    if (fields[field] !== undefined) aFunction(who, `${field} of ${name as string}`, fields[field]);
}

/** A function, or null, which says that there is no derivative. */
const aRule: Check<unknown> = (who, name, value) => {
  if (value !== null && typeof value !== 'function')
    throw new TypeError(`${who}: expected ${name} to be a function or null, got ${kindOf(value)}`);
  return value;
};

/** Checks the rules of all inputs: a list, of so many where that is known, or null. */
function ruleList(who: string, name: string, rules: unknown, inputs?: number): void {
  if (rules === null) return;
  const what = `the derivative rules of ${name}`;
  if (!isList(rules))
    throw new TypeError(`${who}: expected ${what} to be a list of functions and nulls, or null, got ${kindOf(rules)}`);
  const { length } = listOf(who, what, rules, (rule, i) =>
    aRule(who, `the derivative rule of ${name} for input ${i}`, rule),
  );
  if (inputs !== undefined && length !== inputs)
    throw new TypeError(`${who}: expected ${inputs} derivative rules of ${name}, got ${length}`);
}
