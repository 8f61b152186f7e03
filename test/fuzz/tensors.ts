import { calls, type Call } from '../calls/index.js';
import { attempt, type Case } from './outcome.js';
import { isTensor } from './places.js';
import { replaced } from './replaced.js';
import { hostile, kinds, tensors, type Wrong } from './wrong.js';

const numbers: Wrong[] = [NaN, Infinity, 2 ** 27, 2 ** 31, 2 ** 53, -1, 1.5].map((v) => [`the number ${v}`, () => v]);

const inPlaceOfTensors = (table: readonly Call[], wrongs: readonly Wrong[]): Case[] =>
  replaced(table, 'tensor', (_, { value }) => (isTensor(value) ? wrongs : []), attempt);

const methods = calls.filter(({ method }) => method);
const functions = calls.filter(({ method }) => !method);

/**
 * Calls with something else in the place of one tensor: each gives a right answer or is refused.
 */
export const tensorCases = (): Case[] => [
  ...inPlaceOfTensors(functions, [...kinds, ...numbers, ...tensors]),
  ...inPlaceOfTensors(methods, tensors),
];

/** The same with proxies on which even `instanceof` fails. */
export const proxyCases = (): Case[] => inPlaceOfTensors(functions, hostile);
