import fc from 'fast-check';
import { reference, type Backend, type Shape, type Tensor } from 'bigrad';
import type { Make, OpCase, OpEntry } from 'bigrad/testing';
import { maker } from '../../src/testing/op-case.js';
import { baseOf, cutFrom, cuts, type Cut } from '../support/arbitraries.js';

/** A call of an op on inputs of random shapes, views and values. */
export interface RandomCall {
  readonly f: OpCase['f'];
  readonly shapes: readonly Shape[];
  readonly inputs: (device: Backend) => Tensor[];
  toString(): string;
}

/**
 * Random calls of an entry of the op table. A case of it says how many inputs there are, and from
 * which range. Their shapes are changed in several ways at once, or in fewer where the reference
 * device refuses those; a call with the shapes of the table is always there.
 */
export const randomCalls = ({ cases }: OpEntry): fc.Arbitrary<RandomCall> =>
  fc
    .record({
      c: fc.constantFrom(...cases),
      change: changes,
      cut: fc.array(fc.constantFrom(...cuts), { minLength: 8, maxLength: 8 }),
      seed: fc.nat(1e6),
    })
    .map(({ c, change, cut, seed }) => {
      const own = shapesOf(c);
      const views = own.map((_, i) => cut[i % 8]!);
      const call = variants(own, change)
        .map((shapes) => callOf(c, shapes, views, seed))
        .find(isTaken);
      return call ?? callOf(c, own, views, seed);
    });

/** How the shapes of a case are changed. */
interface Change {
  /** By a length modulo 8, the length that takes its place everywhere; that of 1 stays. */
  readonly lengths: readonly number[];
  /** Axes that all inputs get in front. */
  readonly lead: Shape;
  /** By input modulo 3: leading axes that it loses, and axes of which it has one element. */
  readonly lost: readonly { readonly axes: number; readonly ones: readonly boolean[] }[];
}

const length = fc.oneof(
  { arbitrary: fc.integer({ min: 1, max: 6 }), weight: 15 },
  { arbitrary: fc.constant(0), weight: 1 },
);
const changes: fc.Arbitrary<Change> = fc.record({
  lengths: fc.array(length, { minLength: 8, maxLength: 8 }),
  lead: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }),
  lost: fc.array(fc.record({ axes: fc.nat(2), ones: fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }) }), {
    minLength: 3,
    maxLength: 3,
  }),
});

/** The shapes of a case after all changes, and after some. */
function variants(own: readonly Shape[], { lengths, lead, lost }: Change): (readonly Shape[])[] {
  const other = (shapes: readonly Shape[]) => shapes.map((shape) => shape.map((d) => (d === 1 ? 1 : lengths[d % 8]!)));
  const led = (shapes: readonly Shape[]) => shapes.map((shape) => [...lead, ...shape]);
  const cut = (shapes: readonly Shape[]) =>
    shapes.map((shape, i) => {
      const { axes, ones } = lost[i % 3]!;
      return shape.map((d, axis) => (ones[axis % 6] ? 1 : d)).slice(axes);
    });
  return [cut(led(other(own))), led(other(own)), cut(other(own)), other(own), led(own)];
}

/** The shapes that a case makes inputs of. */
export function shapesOf(c: OpCase): Shape[] {
  const shapes: Shape[] = [];
  c.inputs(recorded(maker(reference, 'float32'), (shape) => (shapes.push(shape), [shape, 'whole'])));
  return shapes;
}

/** A `Make` that makes views of other shapes, as `place` says. */
function recorded(make: Make, place: (shape: Shape) => readonly [Shape, Cut]): Make {
  const viewed = (shape: Shape, base: (shape: Shape) => Tensor): Tensor => {
    const [other, cut] = place(shape);
    return cutFrom(cut, base(baseOf(cut, other)), other);
  };
  return Object.assign((shape: Shape, of?: (u: number) => number) => viewed(shape, (s) => make(s, of)), {
    device: make.device,
    ints: (shape: Shape, below: number) => viewed(shape, (s) => make.ints(s, below)),
    key: () => make.key(),
  });
}

const callOf = (c: OpCase, shapes: readonly Shape[], views: readonly Cut[], seed: number): RandomCall => ({
  f: c.f,
  shapes,
  inputs: (device) => {
    let i = 0;
    return c.inputs(recorded(maker(device, 'float32', seed), () => [shapes[i]!, views[i++]!]));
  },
  toString: () => `${c.title}, seed ${seed}, of ${shapes.map((s, i) => `${views[i]!} [${s.join(',')}]`).join(' and ')}`,
});

/** Whether the reference device takes a call; other errors than refusals are passed on. */
function isTaken({ f, inputs }: RandomCall): boolean {
  try {
    f(...inputs(reference));
    return true;
  } catch (error) {
    if (/: expected /.test(String(error))) return false;
    throw error;
  }
}
