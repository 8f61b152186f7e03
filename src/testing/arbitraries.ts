import {
  Arbitrary,
  array,
  boolean,
  constant,
  constantFrom,
  dictionary,
  integer,
  letrec,
  nat,
  oneof,
  Stream,
  toStringMethod,
  tuple,
  Value,
  type Random,
} from 'fast-check';
import { cpu } from '../backends/cpu/device.js';
import {
  aDType,
  anyNumber,
  finite,
  integer as integerWithin,
  listThat,
  count,
  whole,
  type Check,
} from '../core/check.js';
import { aDevice } from '../core/device.js';
import { allocate, isFloat, type DType } from '../core/dtype.js';
import { kindOf, show } from '../core/words.js';
import { checkShape, MAX_RANK, sizeOf, stridesOf, type Shape } from '../core/shape.js';
import { checkOptions } from '../core/options.js';
import type { Backend, Tensor } from '../core/tensor.js';
import { fromTypedArray } from '../ops/create.js';

/** Which shapes to draw. */
export interface ShapeOptions {
  /** Most axes; 3 by default. */
  readonly maxRank?: number;
  /** Longest axis; 4 by default. */
  readonly maxLength?: number;
  /** Shortest axis; 1 by default, 0 for tensors without elements too. */
  readonly minLength?: number;
}

/** Which tensors to draw. */
export interface TensorOptions {
  /** float64 by default, as `checkGrads` needs it. */
  readonly dtype?: DType;
  /** cpu by default. */
  readonly device?: Backend;
  /** Kinks: every element keeps at least 0.05 away from each of these. */
  readonly awayFrom?: readonly number[];
  /** Least and greatest element, both possible; -2 and 2 by default. */
  readonly range?: readonly [low: number, high: number];
}

/** Which trees to draw. */
export interface TreeOptions {
  /** Of the tensors at the leaves; small float64 tensors by default. */
  readonly tensors?: Arbitrary<Tensor>;
  /**
   * Of the leaves that are no tensors; numbers, strings, booleans, null and undefined by default.
   */
  readonly others?: Arbitrary<unknown>;
  /** Most branches above a leaf; 3 by default. */
  readonly maxDepth?: number;
}

/** How far elements stay from `awayFrom`: well beyond the steps of `checkGrads`. */
const DISTANCE = 0.05;

/**
 * Shapes, for fast-check; they shrink to fewer and shorter axes. Throws a RangeError unless 0 <=
 * minLength <= maxLength and 0 <= maxRank are integers.
 * @example
 * fc.assert(fc.property(shapeArbitrary({ maxRank: 3 }), (shape) => shape.length <= 3));
 */
export const shapeArbitrary = (options: ShapeOptions = {}): Arbitrary<number[]> =>
  shapesWithin(checkLimits('shapeArbitrary', options));

function shapesWithin({ maxRank, maxLength, minLength }: Required<ShapeOptions>): Arbitrary<number[]> {
  return array(integer({ min: minLength, max: maxLength }), { maxLength: maxRank, size: 'max' });
}

/**
 * Lists of `n` shapes that broadcast together, for fast-check; they shrink to shapes that are equal
 * and small. Throws as `shapeArbitrary` does, and where `n` is not a positive integer.
 * @param n how many shapes
 * @example
 * fc.assert(fc.property(broadcastableArbitrary(2), ([a, b]) => add(zeros(a), zeros(b)).size >= 0));
 */
export function broadcastableArbitrary(n: number, options: ShapeOptions = {}): Arbitrary<number[][]> {
  count('broadcastableArbitrary', 'the number of shapes', n);
  const limits = checkLimits('broadcastableArbitrary', options);
  const { maxRank } = limits;
  const largest = shapesWithin(limits);
  // How each shape differs from the whole one: leading axes it lacks, and axes where it has length
  // 1.
  const cut = tuple(nat(maxRank), array(boolean(), { minLength: maxRank, maxLength: maxRank }));
  return tuple(largest, array(cut, { minLength: n, maxLength: n })).map(([shape, cuts]) =>
    cuts.map(([drop, ones]) => shape.map((d, i) => (ones[i] ? 1 : d)).slice(drop)),
  );
}

/**
 * Tensors of a shape, or of shapes drawn from an arbitrary, for fast-check. Elements are multiples
 * of a power of 2, about 32 in the range, so sums and products of a few are exact; integers only in
 * int32. They shrink to smaller shapes, then to rounder elements (0, 1, -1, 2, -2, 0.5 ...), and
 * counterexamples are printed as tensors are. Throws a RangeError where no element is left to
 * choose.
 * @example
 * fc.assert(fc.property(tensorArbitrary([2, 3]), (x) => transpose(transpose(x)).shape[0] === 2));
 */
export function tensorArbitrary(shape: Shape | Arbitrary<Shape>, options: TensorOptions = {}): Arbitrary<Tensor> {
  const {
    dtype = 'float64',
    device = cpu,
    awayFrom = [],
    range = [-2, 2],
  } = checkOptions('tensorArbitrary', options, {
    dtype: aDType,
    device: aDevice,
    awayFrom: listThat(finite),
    range: (who, name, value) => listThat(anyNumber)(who, name, value) as unknown as readonly [number, number],
  });
  const shapes = shape instanceof Arbitrary ? shape : constant([...checkShape('tensorArbitrary', shape)]);
  const values = roundNumbers(range, isFloat(dtype) ? 0 : 1).filter((v) =>
    awayFrom.every((kink) => Math.abs(v - kink) >= DISTANCE),
  );
  if (values.length === 0)
    throw new RangeError(
      `tensorArbitrary: expected a range with numbers away from ${show(awayFrom)}, got ${show(range)} in ${dtype}`,
    );
  return new TensorArbitrary(shapes, values, (dims, data) => {
    const buffer = allocate(dtype, data.length);
    buffer.set(data);
    const x = fromTypedArray(device, buffer, dims);
    return Object.defineProperty(x, toStringMethod, { value: () => x.toString() });
  });
}

/**
 * Trees for fast-check: nests of arrays and plain objects, up to `maxDepth` deep, with tensors and
 * some other values at their leaves. They shrink towards a single scalar. A tree may hold no tensor
 * at all.
 * @example
 * const same = (tree: unknown) => leaves(tree).length === flattenTree(tree).leaves.length;
 * fc.assert(fc.property(treeArbitrary(), same));
 */
export function treeArbitrary(options: TreeOptions = {}): Arbitrary<unknown> {
  const {
    tensors = tensorArbitrary(shapeArbitrary({ maxRank: 2, maxLength: 3 })),
    others = constantFrom<unknown>(undefined, null, 0, 'relu', true),
    maxDepth = 3,
  } = checkOptions('treeArbitrary', options, { tensors: anArbitrary, others: anArbitrary, maxDepth: whole });
  const { tree } = letrec<{ tree: unknown }>((tie) => ({
    tree: oneof(
      { maxDepth, depthIdentifier: 'tree', withCrossShrink: true },
      { arbitrary: tensors, weight: 3 },
      { arbitrary: others, weight: 1 },
      { arbitrary: array(tie('tree'), { maxLength: 3, depthIdentifier: 'tree' }), weight: 2 },
      {
        arbitrary: dictionary(constantFrom('a', 'b', 'c', 'd'), tie('tree'), {
          maxKeys: 3,
          noNullPrototype: true,
          depthIdentifier: 'tree',
        }),
        weight: 2,
      },
    ),
  }));
  return tree;
}

function checkLimits(who: string, options: ShapeOptions): Required<ShapeOptions> {
  const checks = { maxRank: integerWithin(0, MAX_RANK), maxLength: whole, minLength: whole };
  const { maxRank = 3, maxLength = 4, minLength = 1 } = checkOptions(who, options, checks);
  if (minLength > maxLength)
    throw new RangeError(`${who}: expected minLength <= maxLength, got minLength ${minLength}, maxLength ${maxLength}`);
  return { maxRank, maxLength, minLength };
}

const anArbitrary: Check<Arbitrary<never>> = (who, name, value) => {
  if (!(value instanceof Arbitrary))
    throw new TypeError(`${who}: expected ${name} to be an arbitrary, got ${kindOf(value)}`);
  return value as Arbitrary<never>;
};

/**
 * Multiples of a power of 2 in a range, about 32, the roundest first: integers, halves, quarters;
 * small ones first among equals.
 */
function roundNumbers([low, high]: readonly [number, number], leastStep: number): number[] {
  if (!(low <= high && high - low < Infinity))
    throw new RangeError(`tensorArbitrary: expected a finite range [low, high], got ${show([low, high])}`);
  if (low === high) return leastStep > 0 && !Number.isInteger(low) ? [] : [low];
  const step = Math.max(leastStep, 2 ** Math.floor(Math.log2((high - low) / 32)));
  const from = Math.ceil(low / step);
  const numbers = Array.from({ length: Math.floor(high / step) - from + 1 }, (_, i) => (from + i) * step + 0);
  const digits = (v: number): number => {
    let d = 0;
    while (!Number.isInteger(v * 2 ** d)) d++;
    return d;
  };
  return numbers.sort((a, b) => digits(a) - digits(b) || Math.abs(a) - Math.abs(b) || b - a);
}

/**
 * What is known of a drawn tensor while it shrinks: its elements as places in the list of values,
 * the roundest first.
 */
interface Drawn {
  readonly shape: Value<Shape>;
  readonly places: readonly number[];
  /**
   * null while the shape still shrinks; then the element under way, and the places already tried
   * for it.
   */
  readonly at: { readonly element: number; readonly tried: number } | null;
}

/**
 * Draws shape and elements together, so that elements stay what they are while the shape shrinks;
 * `chain` would draw them anew.
 */
class TensorArbitrary extends Arbitrary<Tensor> {
  private readonly place: Arbitrary<number>;

  constructor(
    private readonly shapes: Arbitrary<Shape>,
    private readonly values: readonly number[],
    private readonly make: (shape: Shape, data: number[]) => Tensor,
  ) {
    super();
    this.place = nat(values.length - 1);
  }

  override generate(random: Random, bias: number | undefined): Value<Tensor> {
    const shape = this.shapes.generate(random, bias);
    const places = Array.from({ length: sizeOf(shape.value) }, () => this.place.generate(random, bias).value);
    return this.build({ shape, places, at: null });
  }

  override canShrinkWithoutContext(_: unknown): _ is Tensor {
    return false;
  }

  override shrink(_: Tensor, context: unknown): Stream<Value<Tensor>> {
    const drawn = context as Drawn | undefined;
    return drawn ? new Stream(this.simpler(drawn)) : Stream.nil();
  }

  private *simpler({ shape, places, at }: Drawn): IterableIterator<Value<Tensor>> {
    if (!at) {
      for (const smaller of this.shapes.shrink(shape.value, shape.context))
        for (const kept of parts(places, shape.value, smaller.value))
          yield this.build({ shape: smaller, places: kept, at: null });
      if (places.some((p) => p > 0)) yield this.build({ shape, places: places.map(() => 0), at: null });
    }
    // Element by element; what was tried for one before is not tried again.
    for (let element = at?.element ?? 0; element < places.length; element++)
      for (let p = at?.element === element ? at.tried : 0; p < places[element]!; p++)
        yield this.build({ shape, places: places.with(element, p), at: { element, tried: p } });
  }

  private build(drawn: Drawn): Value<Tensor> {
    const data = drawn.places.map((p) => this.values[p]!);
    return new Value(this.make(drawn.shape.value, data), drawn);
  }
}

/**
 * Ways to fill a smaller shape: the first or last elements of each axis, or, where one axis loses
 * one element, all but any one. Where the rank differs, all elements count as one axis.
 */
function* parts(places: readonly number[], from: Shape, to: Shape): IterableIterator<number[]> {
  if (from.length !== to.length || to.some((d, axis) => d > from[axis]!)) {
    const size = sizeOf(to);
    const padded = [...places, ...new Array<number>(Math.max(0, size - places.length)).fill(0)];
    yield* parts(padded, [padded.length], [size]);
    return;
  }
  const strides = stridesOf(from);
  const pick = (kept: readonly (readonly number[])[]): number[] =>
    kept
      .reduce((offsets, ks, axis) => offsets.flatMap((o) => ks.map((k) => o + k * strides[axis]!)), [0])
      .map((o) => places[o]!);
  const count = (n: number, first = 0): number[] => Array.from({ length: n }, (_, i) => first + i);
  yield pick(to.map((d) => count(d)));
  yield pick(to.map((d, axis) => count(d, from[axis]! - d)));
  const axis = to.findIndex((d, i) => d !== from[i]);
  if (axis < 0 || sizeOf(from.slice(axis + 1)) !== sizeOf(to.slice(axis + 1)) || from[axis]! - to[axis]! !== 1) return;
  for (let drop = 1; drop < to[axis]!; drop++)
    yield pick(from.map((d, i) => count(d).filter((k) => i !== axis || k !== drop)));
}
