import * as bigrad from 'bigrad';
import { fromTypedArray, reshape, type Backend, type Tensor } from 'bigrad';
import { unaryOps } from '../support/elementwise.js';

/** NaN, infinities, zeros of both signs and numbers of every size; all normal. */
export const numbers: readonly number[] = [
  ...[NaN, Infinity, -Infinity, 0, -0, 1, -1, 0.5, -0.5, 2, 3, -2, -3, 1e-10, -1e-10, 3e38, -3e38, 88, -88, 100],
  ...[-104, 20, 1e-3, 0.4, 0.6, 7, 1000, 5000, -8000.5],
];
const n = numbers.length;

/** The pair of numbers behind an element of a binary op's result. */
export const pairAt = (i: number): readonly [number, number] => [numbers[Math.floor(i / n)]!, numbers[i % n]!];

const unary = [...unaryOps, 'leakyRelu', 'elu'].join(' ');
const binary = 'add sub mul div pow maximum minimum less greater lessEqual greaterEqual equal notEqual gate';
const reductions = 'sum mean max min prod argmax argmin softmax logSoftmax logSumExp any all';

type Op = (...xs: unknown[]) => Tensor;
type Call = readonly [op: string, run: (device: Backend) => Tensor];
const op = (name: string): Op => bigrad[name as keyof typeof bigrad] as Op;
const make = (device: Backend, size: number, at: (i: number) => number): Tensor =>
  fromTypedArray(
    Float32Array.from({ length: size }, (_, i) => numbers[at(i) % n]!),
    [size],
    { device },
  );
const each = (names: string, run: (f: Op, device: Backend) => Tensor): Call[] =>
  names.split(' ').map((name) => [name, (device) => run(op(name), device)]);

/** Calls of the ops on all those numbers; binary ops on all pairs. */
export const calls: readonly Call[] = [
  ...each(unary, (f, device) => f(make(device, n, (i) => i))),
  ...each(binary, (f, device) =>
    f(
      make(device, n * n, (i) => Math.floor(i / n)),
      make(device, n * n, (i) => i),
    ),
  ),
  ...each(reductions, (f, device) =>
    f(
      reshape(
        make(device, 3 * n, (i) => i * 7 + (i >> 3)),
        [n, 3],
      ),
      1,
    ),
  ),
  ...each('maxPool2d', (f, device) =>
    f(
      reshape(
        make(device, 64, (i) => i * 7),
        [1, 1, 8, 8],
      ),
      2,
    ),
  ),
  ...each('where', (f, device) =>
    f(
      make(device, n, (i) => i),
      make(device, n, (i) => i),
      2,
    ),
  ),
  ...[NaN, Infinity, -Infinity, 3e38].map((edge): Call => [
    'pad',
    (device) =>
      op('pad')(
        make(device, 3, (i) => i),
        [[1, 2]],
        edge,
      ),
  ]),
  ...each('cast', (f, device) =>
    f(
      make(device, n, (i) => i),
      'int32',
    ),
  ),
];

/** Whether a number is what it should be: NaN, infinite or to five digits. */
export const agrees = (p: number, q: number): boolean =>
  Object.is(p, q) || p === q || (Number.isFinite(p) && Math.abs(p - q) <= 2e-5 * Math.max(Math.abs(p), 1e-2));
