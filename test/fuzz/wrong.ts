import { compile, mul, ones, tensor, zeros, type Tensor } from 'bigrad';
import { ownError } from './outcome.js';

/** A value and what to call it. */
export type Wrong = readonly [what: string, make: () => unknown];

const use = compile((t: Tensor) => mul(t, 2), { donate: [0] });

/** A tensor that has been donated to a compiled function. */
export function donated(): Tensor {
  const x = ones([2, 3]);
  use(x);
  return x;
}

const throwing = (...names: (string | symbol)[]): object => {
  const o = {};
  for (const name of names)
    Object.defineProperty(o, name, {
      enumerable: true,
      get() {
        throw new Error(`the getter ${String(name)} throws`);
      },
    });
  return o;
};
const cyclic = <T extends object>(o: T, key: keyof T): T => {
  o[key] = o as never;
  return o;
};
const long = 'x'.repeat(1e7);

/** Values of kinds that no number, tensor or list has. */
export const kinds: readonly Wrong[] = [
  ['undefined', () => undefined],
  ['null', () => null],
  ['a number', () => 3],
  ['true', () => true],
  ['a string', () => 'abc'],
  ['the string "1"', () => '1'],
  ['the string "NaN"', () => 'NaN'],
  ['a long string', () => long],
  ['a symbol', () => Symbol('a symbol')],
  ['a bigint', () => 10n],
  ['a Map', () => new Map([['w', ones([2])]])],
  ['a Set', () => new Set([1])],
  ['a Date', () => new Date(0)],
  ['a promise', () => Promise.resolve(1)],
  ['a typed array', () => Float32Array.of(1, 2)],
  ['an ArrayBuffer', () => new ArrayBuffer(8)],
  ['a regular expression', () => /x/],
  ['an error', () => new Error('x')],
  ['an empty object', () => ({})],
  ['an empty array', () => []],
  ['a null-prototype object', () => Object.create(null) as object],
  [
    'a class instance',
    () =>
      new (class Thing {
        w = ones([2]);
      })(),
  ],
  ['an array that holds itself', () => cyclic<unknown[]>([], 0)],
  ['an object that holds itself', () => cyclic<{ a?: unknown }>({}, 'a')],
  ['an object with a getter that throws', () => throwing('a')],
  ['an object whose constructor throws', () => throwing('constructor')],
  ['an object whose toString throws', () => throwing('toString', 'valueOf')],
  ['an object whose toJSON throws', () => throwing('toJSON')],
  ['an object whose Symbol.toPrimitive throws', () => throwing(Symbol.toPrimitive)],
  ['an object with valueOf', () => ({ valueOf: () => 1 })],
  ['a proxy of an object', () => new Proxy({}, {})],
  ['a proxy of an array', () => new Proxy([], {})],
  ['a proxy of a tensor', () => new Proxy(ones([2, 3]), {})],
  ['a function', () => () => 1],
  [
    'a function that throws',
    () => () => {
      throw ownError;
    },
  ],
  ['an array of 2^32 - 1 holes', () => new Array(2 ** 32 - 1)],
  ['an array of 100 ones', () => new Array(100).fill(1)],
  ['a nest of 5,000 arrays', () => Array.from({ length: 5000 }).reduce((v) => [v], 1)],
];

/** Tensors that fit hardly anywhere. */
export const tensors: readonly Wrong[] = [
  ['a donated tensor', donated],
  ['a scalar', () => tensor(0.5)],
  ['a tensor [2]', () => ones([2])],
  ['a tensor [2,3,1,1,2]', () => ones([2, 3, 1, 1, 2])],
  ['a float64 tensor', () => ones([2, 3], { dtype: 'float64' })],
  [
    'an int32 tensor',
    () =>
      tensor(
        [
          [0, 1, -5],
          [7, 1, 0],
        ],
        { dtype: 'int32' },
      ),
  ],
  ['an int32 scalar', () => tensor(1, { dtype: 'int32' })],
  ['a tensor [0]', () => zeros([0])],
  ['a tensor [2,0]', () => zeros([2, 0])],
  [
    'NaNs',
    () =>
      tensor([
        [NaN, NaN, NaN],
        [NaN, NaN, NaN],
      ]),
  ],
];

/**
 * Numbers that are hardly ever meant; as sizes they ask for more than there can be, or for little.
 */
export const numbers: readonly number[] = [
  NaN,
  Infinity,
  -Infinity,
  -1,
  0,
  -0,
  1.5,
  65536,
  2 ** 33,
  -(2 ** 33),
  2 ** 53,
  1e308,
  1e-320,
];

/** A revoked proxy, and one whose every trap throws: even `instanceof` fails on them. */
export const hostile: readonly Wrong[] = [
  [
    'a revoked proxy',
    () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      return proxy;
    },
  ],
  [
    'a proxy whose traps throw',
    () =>
      new Proxy(
        {},
        new Proxy(
          {},
          {
            get: () => () => {
              throw new Error('a trap throws');
            },
          },
        ),
      ),
  ],
];
