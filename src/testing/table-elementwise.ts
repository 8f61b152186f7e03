import * as op from '../ops/index.js';
import { awayFrom0, binary, call, entry, positive, unary, type OpEntry } from './op-case.js';

/** Elementwise functions, comparisons and gates. */
export const elementwise: readonly OpEntry[] = [
  binary('add'),
  binary('sub'),
  binary('mul'),
  binary('div', undefined, positive, 3),
  binary('pow', positive),
  binary(
    'maximum',
    (u) => u * 0.4 + 0.5,
    (u) => u * 0.05,
  ),
  binary(
    'minimum',
    (u) => u * 0.4 + 0.5,
    (u) => u * 0.05,
  ),
  ...(['less', 'greater', 'lessEqual', 'greaterEqual', 'equal', 'notEqual'] as const).map((name) =>
    binary(name, Math.round, Math.round, 0),
  ),
  entry('where', [
    call(
      'a row of conditions',
      (m) => [m.ints([3], 2), m([2, 3]), m([2, 1])],
      (c, x, y) => op.where(c, x, y),
    ),
    call(
      'a number on one side',
      (m) => [m([2, 3]), m.ints([2, 3], 2)],
      (x, c) => op.where(c, 1, x),
    ),
  ]),
  unary('neg'),
  unary('abs', awayFrom0),
  unary('sign', awayFrom0, 0),
  unary('floor', (u) => 3 * awayFrom0(u), 0),
  unary('square'),
  unary('reciprocal', positive),
  unary('sqrt', positive),
  unary('rsqrt', positive),
  unary('exp'),
  unary('expm1'),
  unary('log', positive),
  unary('log1p', positive),
  unary('sin'),
  unary('cos'),
  unary('tanh'),
  unary('sigmoid'),
  unary('softplus'),
  unary('relu', awayFrom0),
  unary('erf'),
  unary('leakyRelu', awayFrom0),
  unary('elu', awayFrom0),
  unary('gelu'),
  entry('clamp', [
    call(
      '[2,3]',
      (m) => [m([2, 3], (u) => Math.round(u * 2) * 0.5 + u * 0.1)],
      (x) => op.clamp(x, -0.75, 0.75),
    ),
  ]),
  entry(
    'gate',
    [
      call(
        'eps a number',
        (m) => [m([2, 3])],
        (x) => op.gate(x, 0.1),
      ),
      call(
        'eps a tensor',
        (m) => [m([2, 3]), m([], positive)],
        (x, eps) => op.gate(x, eps),
      ),
    ],
    3,
  ),
];
