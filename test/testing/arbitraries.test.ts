import assert from 'node:assert/strict';
import fc from 'fast-check';
import { cpu, leaves, max, reference, Tensor, type Shape } from 'bigrad';
import { broadcastableArbitrary, shapeArbitrary, tensorArbitrary, treeArbitrary } from 'bigrad/testing';

/**
 * The counterexample that a failing property of one input ends with, printed as a report prints it.
 */
function shrunk<T>(arbitrary: fc.Arbitrary<T>, holds: (x: T) => boolean, seed: number): string {
  const { failed, counterexample } = fc.check(fc.property(arbitrary, holds), { seed, numRuns: 500 });
  assert.ok(failed, 'the property should fail');
  return fc.stringify(counterexample![0]);
}
const seeds = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const always = <T>(arbitrary: fc.Arbitrary<T>, holds: (x: T) => boolean, to: string) => {
  for (const seed of seeds) assert.equal(shrunk(arbitrary, holds, seed), to, `seed ${seed}`);
};
/** All of many draws. */
const draws = <T>(arbitrary: fc.Arbitrary<T>, count = 300): T[] => fc.sample(arbitrary, { numRuns: count, seed: 5 });

describe('shapeArbitrary', () => {
  it('stays within its limits, and reaches them', () => {
    const shapes = draws(shapeArbitrary({ maxRank: 2, maxLength: 3, minLength: 0 }));
    assert.ok(shapes.every((s) => s.length <= 2 && s.every((d) => d >= 0 && d <= 3)));
    for (const wanted of ['[]', '[0]', '[3]', '[3,3]', '[0,3]'])
      assert.ok(
        shapes.some((s) => JSON.stringify(s) === wanted),
        wanted,
      );
  });

  it('draws no empty axis unless asked', () => {
    assert.ok(draws(shapeArbitrary()).every((s) => s.every((d) => d >= 1)));
  });

  it('shrinks to few and short axes', () => {
    always(shapeArbitrary(), () => false, '[]');
    always(shapeArbitrary(), (s) => s.length < 2, '[1,1]');
    always(shapeArbitrary(), (s) => s.every((d) => d < 3), '[3]');
  });

  it('refuses limits that leave no shape', () => {
    assert.throws(() => shapeArbitrary({ minLength: 3, maxLength: 2 }), {
      name: 'RangeError',
      message: /^shapeArbitrary: expected .* got minLength 3, maxLength 2/,
    });
    assert.throws(() => shapeArbitrary({ maxRank: 1.5 }), RangeError);
    assert.throws(() => shapeArbitrary({ minLength: -1 }), RangeError);
  });
});

describe('broadcastableArbitrary', () => {
  const broadcasts = (shapes: readonly Shape[]): boolean =>
    Array.from({ length: Math.max(...shapes.map((s) => s.length)) }, (_, i) =>
      shapes.map((s) => s.at(-1 - i) ?? 1).filter((d) => d !== 1),
    ).every((lengths) => new Set(lengths).size <= 1);

  it('draws shapes that broadcast together, of unlike ranks and lengths', () => {
    const lists = draws(broadcastableArbitrary(3, { minLength: 0 }));
    assert.ok(lists.every((shapes) => shapes.length === 3 && broadcasts(shapes)));
    assert.ok(lists.some(([a, b]) => a!.length !== b!.length));
    assert.ok(lists.some(([a, b]) => a!.length === b!.length && a!.some((d, i) => d === 1 && b![i]! > 1)));
  });

  it('shrinks to equal shapes where the difference does not matter', () => {
    always(broadcastableArbitrary(2), () => false, '[[],[]]');
    always(broadcastableArbitrary(2), ([a]) => a!.length < 1, '[[1],[1]]');
    always(broadcastableArbitrary(2), ([a, b]) => a!.length >= b!.length, '[[],[1]]');
  });

  it('refuses a number of shapes below 1', () => {
    assert.throws(
      () => broadcastableArbitrary(0),
      /^RangeError: broadcastableArbitrary: expected the number of shapes to be a positive integer/,
    );
  });
});

describe('tensorArbitrary', () => {
  it('draws tensors of the shape, dtype and device asked for, float64 on cpu by default', () => {
    for (const x of draws(tensorArbitrary([2, 3]), 20)) {
      assert.deepEqual([x.shape, x.dtype, x.device], [[2, 3], 'float64', cpu]);
    }
    for (const x of draws(tensorArbitrary([2], { dtype: 'int32', device: reference }), 20))
      assert.deepEqual([x.shape, x.dtype, x.device], [[2], 'int32', reference]);
  });

  it('keeps within its range, reaches both ends, and draws multiples of a power of 2', () => {
    const values = draws(tensorArbitrary([4], { range: [-1, 3] })).flatMap((x) => [...x.readSync()]);
    assert.equal(Math.min(...values), -1);
    assert.equal(Math.max(...values), 3);
    assert.ok(values.every((v) => Number.isInteger(v * 8)));
    assert.ok(values.some((v) => !Number.isInteger(v)));
  });

  it('keeps 0.05 away from kinks, wherever they are', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { maxLength: 3 }), (awayFrom) => {
        for (const x of draws(tensorArbitrary([4], { awayFrom }), 5))
          for (const v of x.readSync()) assert.ok(awayFrom.every((kink) => Math.abs(v - kink) >= 0.05));
      }),
    );
  });

  it('leaves out what is nearer than 0.05, and no more', () => {
    const drawn = (kink: number) =>
      new Set(draws(tensorArbitrary([4], { awayFrom: [kink] })).flatMap((x) => [...x.readSync()]));
    assert.ok(!drawn(0.045).has(0));
    assert.ok(drawn(0.055).has(0));
  });

  it('shrinks shape and elements to the simplest that still fail, and prints them as tensors are', () => {
    const some = tensorArbitrary(shapeArbitrary());
    assert.ok(draws(some, 5).every((x) => fc.hasToStringMethod(x)));
    always(some, () => false, 'float64[] on cpu 0');
    always(some, (x) => x.shape.length < 2, 'float64[1,1] on cpu [[0]]');
    always(some, (x) => max(x).readSync()[0]! < 1.3, 'float64[] on cpu 2');
    always(some, (x) => [...x.readSync()].every(Number.isInteger), 'float64[] on cpu 0.5');
    always(some, (x) => [...x.readSync()].filter((v) => v < 0).length < 2, 'float64[2] on cpu [-1, -1]');
    always(
      tensorArbitrary(shapeArbitrary(), { awayFrom: [0], dtype: 'float32' }),
      (x) => !x.shape.includes(3),
      'float32[3] on cpu [1, 1, 1]',
    );
  });

  it('tries no rounder number twice for one element', () => {
    let tries = 0;
    const { counterexample } = fc.check(
      fc.property(tensorArbitrary([8]), (x) => {
        const holds = [...x.readSync()].some((v) => Number.isInteger(v * 4)); // fails where all are odd multiples of 1/8
        if (tries > 0 || !holds) tries++;
        return holds;
      }),
      { seed: 3, numRuns: 20000 },
    );
    assert.deepEqual([...counterexample![0].readSync()], new Array(8).fill(0.125));
    assert.ok(
      tries <= 2 + 8 * 18,
      `${tries}: there are 17 quarters from -2 to 2 to try before 0.125, for each of 8 elements`,
    );
  });

  it('refuses what leaves no element, and what is no range, dtype or shape', () => {
    assert.throws(() => tensorArbitrary([2], { range: [0, 0.01], awayFrom: [0] }), {
      name: 'RangeError',
      message: 'tensorArbitrary: expected a range with numbers away from [0], got [0,0.01] in float64',
    });
    assert.throws(() => tensorArbitrary([2], { range: [2, 1] }), /expected a finite range \[low, high\], got \[2,1\]/);
    assert.throws(() => tensorArbitrary([2], { range: [0.2, 0.7], dtype: 'int32' }), RangeError);
    assert.throws(() => tensorArbitrary([-1]), RangeError);
    assert.throws(() => tensorArbitrary([2], { dtype: 'float16' as 'float32' }), TypeError);
  });
});

describe('treeArbitrary', () => {
  it('draws arrays, objects, tensors and other leaves', () => {
    const trees = draws(treeArbitrary());
    assert.ok(trees.some((t) => t instanceof Tensor));
    assert.ok(trees.some((t) => Array.isArray(t) && leaves(t).length > 1));
    assert.ok(trees.some((t) => !Array.isArray(t) && !(t instanceof Tensor) && leaves(t).length > 1));
    assert.ok(trees.some((t) => t === null || typeof t === 'string'));
    const plain = (t: unknown): boolean =>
      typeof t !== 'object' ||
      t === null ||
      t instanceof Tensor ||
      ((Array.isArray(t) || Object.getPrototypeOf(t) === Object.prototype) && Object.values(t).every(plain));
    assert.ok(trees.every(plain));
  });

  it('goes no deeper than asked', () => {
    const depth = (t: unknown): number =>
      typeof t !== 'object' || t === null || t instanceof Tensor ? 0 : 1 + Math.max(0, ...Object.values(t).map(depth));
    const depths = draws(treeArbitrary({ maxDepth: 2 })).map(depth);
    assert.equal(Math.max(...depths), 2);
  });

  it('shrinks towards a single scalar, and prints its tensors as tensors', () => {
    always(treeArbitrary(), () => false, 'float64[] on cpu 0');
    for (const seed of seeds)
      assert.match(
        shrunk(treeArbitrary(), (t) => leaves(t).length < 2, seed),
        /^[[{]+("\w":|[[{])*float64\[\] on cpu 0\W*,("\w":|[[{])*float64\[\] on cpu 0[\]}]+$/,
      );
  });

  it('takes the leaves it is given', () => {
    const trees = draws(
      treeArbitrary({ tensors: tensorArbitrary([], { dtype: 'int32' }), others: fc.constant('none') }),
      50,
    );
    assert.ok(trees.flatMap((t) => leaves(t)).every((x) => x.dtype === 'int32'));
  });
});
