import fc from 'fast-check';
import { broadcastTo, flip, slice, transpose, type Shape, type Tensor } from 'bigrad';
import { sources, type Source } from '../../../../support/arbitraries.js';

export type Op = (a: Tensor, b: Tensor, c: Tensor) => Tensor;

/**
 * Shapes of up to five axes and a few hundred elements, among them those that four does not divide,
 * and empty ones.
 */
export const shapes: fc.Arbitrary<number[]> = fc
  .array(fc.oneof({ arbitrary: fc.integer({ min: 1, max: 9 }), weight: 20 }, fc.constant(0)), { maxLength: 5 })
  .map((dims) => dims.reduce<number[]>((s, d) => [...s, s.reduce((a, b) => a * b, d) > 500 ? 1 : d], []));

/** How an axis of an operand runs through memory. */
type Run = 'on' | 'back' | 'every second' | 'the middle' | 'repeated';

const LENGTH: Readonly<Record<Run, (d: number) => number>> = {
  on: (d) => d,
  back: (d) => d,
  'every second': (d) => 2 * d + 1,
  'the middle': (d) => d + 2,
  repeated: () => 1,
};

/** An argument, and a window of the wanted shape on it. */
interface Operand {
  readonly source: Source;
  readonly window: (x: Tensor) => Tensor;
  toString(): string;
}

export function operands(shape: Shape, of: fc.Arbitrary<number>): fc.Arbitrary<Operand> {
  const axes = [...shape.keys()];
  const run: fc.Arbitrary<Run> = fc.constantFrom('on', 'on', 'back', 'every second', 'the middle', 'repeated');
  const layout = fc.tuple(fc.shuffledSubarray(axes, { minLength: axes.length }), fc.tuple(...axes.map(() => run)));
  return layout.chain(([order, runs]) => {
    const base = shape.map((d, i) => LENGTH[runs[i]!](d));
    const window = (x: Tensor): Tensor => {
      const own = transpose(
        x,
        axes.map((i) => order.indexOf(i)),
      );
      const [starts, steps] = [
        runs.map((r) => +(r === 'every second' || r === 'the middle')),
        runs.map((r) => (r === 'every second' ? 2 : 1)),
      ];
      const cut = slice(
        own,
        starts,
        shape.map((d, i) => (runs[i] === 'repeated' ? 1 : d)),
        steps,
      );
      return broadcastTo(
        flip(
          cut,
          axes.filter((i) => runs[i] === 'back'),
        ),
        shape,
      );
    };
    const text = `axes ${order.join()} that run ${runs.join(', ')}`;
    return sources(
      order.map((i) => base[i]!),
      of,
      'float32',
    ).map((source) => ({ source, window, toString: () => `${text} of ${String(source)}` }));
  });
}

/** A straight program: each line an op on earlier registers, and which registers come out. */
interface Program {
  readonly lines: readonly (readonly [name: string, a: number, b: number, c: number])[];
  readonly results: readonly number[];
}

export const programs = (ops: object, longest: number): fc.Arbitrary<Program> =>
  fc.record({
    lines: fc.array(fc.tuple(fc.constantFrom(...Object.keys(ops)), fc.nat(99), fc.nat(99), fc.nat(99)), {
      minLength: 1,
      maxLength: longest,
      size: 'max',
    }),
    results: fc.array(fc.nat(99), { maxLength: 3 }),
  });

export function runProgram(
  ops: Readonly<Record<string, Op>>,
  { lines, results }: Program,
  xs: readonly Tensor[],
): Tensor[] {
  const registers = [...xs];
  // Of the latest registers, so that chains get long.
  const at = (back: number): Tensor => registers.at(-1 - (back % Math.min(registers.length, 6)))!;
  for (const [name, a, b, c] of lines) registers.push(ops[name]!(at(a), at(b), at(c)));
  return [registers.at(-1)!, ...results.map((i) => registers[i % registers.length]!)];
}
