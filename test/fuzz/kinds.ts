import { calls, gpus, type Call } from '../calls/index.js';
import { mustRefuse, type Case } from './outcome.js';
import { isContainer } from './places.js';
import { replaced } from './replaced.js';
import type { Wrong } from './wrong.js';

/** What no number may be replaced by, although JavaScript would make one of it. */
const forNumbers = (v: number): Wrong[] => [
  ['the same as a string', () => String(v)],
  ['a boolean', () => true],
  ['a bigint', () => 1n],
  ['the string NaN', () => 'NaN'],
  ['an object with valueOf', () => ({ valueOf: () => v })],
  ['a symbol', () => Symbol('s')],
  ['null', () => null],
];
const forBooleans: Wrong[] = ['no', 0, 1, null].map((v) => [JSON.stringify(v), () => v]);
const forStrings = (v: string): Wrong[] => [
  ["'nonsense'", () => 'nonsense'],
  ['a String object', () => new String(v)],
  ["'constructor'", () => 'constructor'],
  ["'__proto__'", () => '__proto__'],
];
const forFunctions: Wrong[] = [
  ['a string', () => 'nonsense'],
  ['null', () => null],
  ['an empty object', () => ({})],
];
const forOptions = (o: object): Wrong[] => [
  ['a Map', () => new Map(Object.entries(o))],
  ['a promise', () => Promise.resolve(o)],
  ['a Date', () => new Date(0)],
  ['an array', () => []],
  ['a string', () => 'nonsense'],
  ['a function', () => () => o],
  ['a class instance', () => Object.assign(Object.create({ inherited: 1 }) as object, o)],
  ['null', () => null],
  ['one that has an unknown option too', () => ({ ...o, unknownOption: 1 })],
];

const isDevice = (v: unknown): boolean => typeof v === 'object' && v !== null && 'run' in v;

/** What must be refused in the place of a value. */
function wrongs({ options }: Call, path: string, value: unknown): readonly Wrong[] {
  if (typeof value === 'number') return forNumbers(value);
  if (typeof value === 'boolean') return forBooleans;
  if (typeof value === 'string') return forStrings(value);
  if (typeof value === 'function' || isDevice(value)) return forFunctions;
  return path === String(options) && isContainer(value) ? forOptions(value) : [];
}

/** Calls with a value of another kind in one place, each of which must be refused. */
export const kindCases = (table: readonly Call[] = [...calls, ...gpus]): Case[] =>
  replaced(
    table,
    'argument',
    (call, { path, value }) => wrongs(call, path, value).filter(([, make]) => !call.allow?.(path, make())),
    mustRefuse,
  );
