import * as bigrad from 'bigrad';
import { clamp, elu, gate, leakyRelu, reference, tensor, where, zeros, type Tensor } from 'bigrad';
import { unaryOps } from '../../support/elementwise.js';
import { wrong, type Refusal } from '../../support/refusals.js';
import { f64, ints, x } from './operands.js';

const elsewhere = tensor(1, { device: reference });

type Unary = (x: unknown) => unknown;
type Binary = (x: unknown, y: unknown) => unknown;
const unary = (name: keyof typeof bigrad) => bigrad[name] as Unary;
const binary = (name: keyof typeof bigrad) => bigrad[name] as Binary;

const anyDType: readonly (keyof typeof bigrad)[] = ['abs', 'neg', 'sign', 'square'];
const floatOnly = [...unaryOps, 'leakyRelu' as const, 'elu' as const].filter((name) => !anyDType.includes(name));
const arithmetic = ['add', 'sub', 'mul', 'maximum', 'minimum', 'mod'] as const;
const floatPairs = ['div', 'pow', 'atan2', 'logAddExp'] as const;
const comparisons = ['less', 'greater', 'lessEqual', 'greaterEqual', 'equal', 'notEqual'] as const;

/** What the elementwise ops refuse. */
export const elementwise: readonly Refusal[] = [
  ...[...floatOnly, ...anyDType].flatMap((name): Refusal[] => [
    [name, () => unary(name)(undefined), /expected a tensor, got undefined/],
    [name, () => unary(name)(3), /expected a tensor, got the number 3/],
    [name, () => unary(name)('x'), /expected a tensor, got the string "x"/],
    [name, () => unary(name)([1, 2]), /expected a tensor, got an array/],
  ]),
  ...floatOnly.map((name): Refusal => [name, () => unary(name)(ints), /float32 or float64, got int32/]),
  ...[...arithmetic, ...comparisons, ...floatPairs].flatMap((name): Refusal[] => [
    [name, () => binary(name)(x, zeros([4])), /broadcast together, got \[2,3\] and \[4\]/],
    [name, () => binary(name)(x, f64), /equal dtypes, got float32 and float64/],
    [name, () => binary(name)(1, 2), /at least one tensor, got the number 1 and the number 2/],
    [name, () => binary(name)(x, undefined), /tensors or numbers, got undefined/],
    [name, () => binary(name)([1], x), /tensors or numbers, got an array/],
    [name, () => binary(name)(ints, 0.5), /an integer beside an int32 tensor, got 0.5/],
  ]),
  ...floatPairs.map((name): Refusal => [name, () => binary(name)(ints, ints), /float32 or float64, got int32/]),
  ['add', () => bigrad.add(tensor(1), elsewhere), /tensors on one device, got cpu and reference/],

  ['where', () => where(wrong(undefined), 1, 2), /a tensor, got undefined/],
  ['where', () => where(wrong(true), x, x), /a tensor, got the boolean true/],
  ['where', () => where(x, wrong('a'), x), /tensors or numbers, got the string "a"/],
  ['where', () => where(x, wrong(undefined), wrong(undefined)), /tensors or numbers, got undefined/],
  ['where', () => where(x, x, f64), /equal dtypes, got float32 and float64/],
  ['where', () => where(zeros([4]), x, 0), /broadcast together, got \[4\] and \[2,3\]/],

  ['clamp', () => clamp(wrong(1), 0, 1), /a tensor, got the number 1/],
  ['clamp', () => clamp(x, 1, 0), /lo <= hi, got 1 and 0/],
  ['clamp', () => clamp(x, NaN, 0), /lo <= hi, got NaN and 0/],
  ['clamp', () => clamp(x, 0, wrong(null)), /numbers for limits, got the number 0 and null/],
  ['clamp', () => clamp(x, wrong('0')), /a limit to be a number, got the string "0"/],
  ['clamp', () => clamp(x, wrong(null)), /a limit to be a number, got null/],
  ['clamp', () => clamp(x, undefined, wrong(null)), /a limit to be a number, got null/],
  ['clamp', () => clamp(x, wrong(x)), /a limit to be a number, got a Tensor/],
  ['clamp', () => (clamp as (x: Tensor) => Tensor)(x), /at least one limit, got none/],
  ['clamp', () => clamp(x, NaN), /a limit that is not NaN, got NaN/],
  ['clamp', () => clamp(x, undefined, NaN), /a limit that is not NaN, got NaN/],
  ['clamp', () => clamp(ints, undefined, 0.5), /an integer beside an int32 tensor, got 0.5/],

  ['leakyRelu', () => leakyRelu(x, NaN), /slope to be a finite number, got NaN/],
  ['leakyRelu', () => leakyRelu(x, wrong('1')), /slope to be a finite number, got the string "1"/],
  ['elu', () => elu(x, Infinity), /alpha to be a finite number, got Infinity/],

  ['gate', () => gate(wrong(2), 0.1), /a tensor, got the number 2/],
  ['gate', () => gate(x, 0), /eps above 0, got 0/],
  ['gate', () => gate(x, -1), /eps above 0, got -1/],
  ['gate', () => gate(x, NaN), /eps above 0, got NaN/],
  ['gate', () => gate(x, wrong(undefined)), /eps above 0, got undefined/],
  ['gate', () => gate(ints, 1), /float32 or float64, got int32/],
  ['gate', () => gate(x, zeros([2])), /broadcast together, got \[2,3\] and \[2\]/],
  ['gate', () => gate(x, tensor(1, { dtype: 'float64' })), /equal dtypes, got float32 and float64/],
];
