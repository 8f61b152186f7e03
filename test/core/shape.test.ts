import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  broadcastShapes,
  broadcastsTo,
  checkAxes,
  checkAxis,
  checkShape,
  checkSize,
  numbers,
  sameShape,
  sizeOf,
  stridesOf,
  swapsLastTwo,
  type Shape,
} from '../../src/core/shape.js';

const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });

/** A shape, and shapes that broadcast to it together. */
const alike = shapes.chain((whole) =>
  fc.tuple(
    fc.constant(whole),
    fc.array(
      fc
        .tuple(fc.nat(whole.length), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }))
        .map(([drop, ones]) => whole.map((d, i) => (ones[i] ? 1 : d)).slice(drop)),
      { maxLength: 3 },
    ),
  ),
);

describe('a shape', () => {
  it('has as many elements as the strides of its first axis span', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const [first] = stridesOf([...shape, 1]);
        assert.equal(shape.length > 0 ? shape[0]! * first! : 1, sizeOf(shape));
      }),
    );
    assert.deepEqual(stridesOf([2, 3, 4]), [12, 4, 1]);
  });

  it('is the same as another of the same lengths only', () => {
    fc.assert(
      fc.property(shapes, shapes, (a, b) => {
        assert.equal(sameShape(a, b), JSON.stringify(a) === JSON.stringify(b));
        assert.ok(sameShape(a, [...a]));
      }),
    );
  });

  it('is copied when it is checked, for its owner may change it', () => {
    const given = [2, 0];
    const own = checkShape('f', given);
    given[0] = 7;
    assert.deepEqual(own, [2, 0]);
  });

  it('counts less than 2^31 elements, whatever the order in which they are counted, on at most 64 axes', () => {
    assert.deepEqual(checkShape('f', [2 ** 31 - 1]), [2 ** 31 - 1]);
    for (const shape of [[2 ** 31], [2 ** 16, 2 ** 15], [2 ** 16, 0, 2 ** 15]])
      assert.throws(() => checkShape('f', shape), /^RangeError: f: expected .* fewer than 2\^31 elements/);
    assert.equal(checkShape('f', new Array<number>(64).fill(1)).length, 64);
    assert.throws(() => checkShape('f', new Array<number>(65).fill(1)), /^RangeError: f: expected .* at most 64 axes/);
    assert.throws(() => checkSize('f', new Array<number>(65).fill(1)), /^RangeError: f: expected at most 64 axes/);
    for (const d of [-1, 0.5, NaN, Infinity]) assert.throws(() => checkShape('f', [2, d]), RangeError);
  });
});

describe('a list of numbers', () => {
  it('holds nothing else, and is named where it does not', () => {
    assert.deepEqual(numbers('f', 'axes', [1, -0.5, NaN]), [1, -0.5, NaN]);
    for (const list of [['1'], [1, undefined], [[1]]])
      assert.throws(() => numbers('f', 'axes', list), /^TypeError: f: expected axes as a list of numbers, got \[/);
    assert.throws(() => checkShape('f', 2 as never), /^TypeError: f: expected a shape as a list, got/);
    assert.throws(() => checkAxes('f', {} as never, 3), /^TypeError: f: expected axes as a list, got/);
  });
});

describe('shapes', () => {
  it('broadcast to what each of them broadcasts to, and to nothing smaller', () => {
    fc.assert(
      fc.property(alike, ([whole, parts]) => {
        assert.deepEqual(broadcastShapes('f', whole, ...parts), whole);
        assert.deepEqual(broadcastShapes('f', ...parts, whole), whole);
        for (const part of parts) assert.ok(broadcastsTo(part, whole));
        const together = broadcastShapes('f', ...parts);
        for (const part of parts) assert.ok(broadcastsTo(part, together));
        assert.equal(together.length, Math.max(0, ...parts.map((p) => p.length)));
        together.forEach((d, i) => {
          const lengths = parts.map((p) => p[i - together.length + p.length] ?? 1);
          assert.ok(d === 1 || lengths.includes(d));
        });
      }),
    );
  });

  it('do not broadcast where two lengths differ and neither is 1, 0 among them', () => {
    const apart: [Shape, Shape][] = [
      [[2], [3]],
      [
        [2, 1],
        [3, 1],
      ],
      [[0], [2]],
      [
        [4, 2],
        [4, 3],
      ],
      [
        [1, 2],
        [5, 3],
      ],
    ];
    for (const [a, b] of apart) {
      assert.throws(
        () => broadcastShapes('f', a, b),
        /^RangeError: f: expected shapes that broadcast together, got \[/,
      );
      assert.ok(!broadcastsTo(a, b));
    }
    assert.ok(broadcastsTo([2, 1], [3, 2, 4]));
    assert.ok(!broadcastsTo([2, 2], [2]));
    assert.ok(!broadcastsTo([1, 2], [2]));
    assert.ok(!broadcastsTo([2, 2], [1, 2]));
  });
});

describe('an axis', () => {
  it('counts from the front, or from the end where it is negative', () => {
    for (const rank of [1, 2, 5])
      for (let axis = 0; axis < rank; axis++) {
        assert.equal(checkAxis('f', axis, rank), axis);
        assert.equal(checkAxis('f', axis - rank, rank), axis);
      }
  });

  it('lies within its tensor', () => {
    for (const [axis, rank] of [
      [2, 2],
      [-3, 2],
      [0, 0],
      [-1, 0],
      [0.5, 2],
      [NaN, 2],
    ] as const)
      assert.throws(() => checkAxis('f', axis, rank), /^RangeError: f: expected an axis from /);
  });

  it('comes once in a list of axes, which is sorted; no list means all', () => {
    assert.deepEqual(checkAxes('f', undefined, 3), [0, 1, 2]);
    assert.deepEqual(checkAxes('f', [-1, 0], 3), [0, 2]);
    assert.deepEqual(checkAxes('f', 1, 3), [1]);
    assert.deepEqual(checkAxes('f', [], 3), []);
    for (const axes of [
      [0, 0],
      [1, -2],
      [2, 0, 2],
    ])
      assert.throws(() => checkAxes('f', axes, 3), /^RangeError: f: expected distinct axes/);
  });
});

describe('an order of axes', () => {
  it('swaps the last two if it does that and no more', () => {
    const swaps = [
      [1, 0],
      [0, 2, 1],
      [0, 1, 3, 2],
    ];
    const others = [[], [0], [0, 1], [1, 0, 2], [2, 1, 0], [0, 1, 2]];
    assert.deepEqual(
      [...swaps, ...others].map((order) => swapsLastTwo(order)),
      [...swaps.map(() => true), ...others.map(() => false)],
    );
  });
});
