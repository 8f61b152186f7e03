import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { leaves, type Shape, type Tensor } from 'bigrad';
import { quantities, show, type Lists, type Program, type Quantity } from './program.js';

/** What a run gave: tensors for each quantity that was asked for. */
export type Found = Partial<Readonly<Record<Quantity, unknown>>>;
export type Errors = Partial<Readonly<Record<Quantity, number>>>;

const shapesOf = ({ shapes, resultShapes }: Program, quantity: Quantity): readonly Shape[] =>
  quantity === 'value' ? resultShapes : quantity === 'loss' ? [[]] : quantity === 'mixed' ? [shapes[1]!] : shapes;

/**
 * max |got - expected| / max |expected|, both over all elements of all tensors of a quantity;
 * infinite where one is NaN.
 */
function errorOf(got: readonly Tensor[], expected: Lists): number {
  const numbers = expected.flat();
  const differences = got.flatMap((x) => Array.from(x.readSync())).map((value, i) => Math.abs(value - numbers[i]!));
  const largest = (xs: readonly number[]): number => xs.reduce((most, x) => (x <= most ? most : x), 0);
  const error = largest(differences) / largest(numbers.map(Math.abs));
  return Number.isNaN(error) ? Infinity : error;
}

/**
 * The error of each quantity that was computed; infinite too where its tensors are not of the
 * shapes that they should be.
 */
export function errorsOf(program: Program, found: Found): Errors {
  const errors: [Quantity, number][] = quantities
    .filter((name) => name in found)
    .map((name) => {
      const got = leaves(found[name]);
      const fits = isDeepStrictEqual(
        got.map((x) => x.shape),
        shapesOf(program, name),
      );
      return [name, fits ? errorOf(got, program.expected[name]) : Infinity];
    });
  return Object.fromEntries(errors);
}

/** Asserts that every quantity agrees with PyTorch to a tolerance. */
export function agree(program: Program, found: Found, tolerance: number): void {
  for (const [name, error] of Object.entries(errorsOf(program, found)))
    if (error > tolerance)
      assert.fail(`${name} differs from PyTorch's by ${error} of its largest element in a program ${show(program)}`);
}

/** The largest error of each quantity. */
export function largest(all: readonly Errors[]): Errors {
  const most = (name: Quantity): number => Math.max(...all.map((errors) => errors[name] ?? 0));
  return Object.fromEntries(quantities.map((name) => [name, most(name)]));
}
