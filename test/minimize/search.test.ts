import assert from 'node:assert/strict';
import { search, type Advance, type Ended } from '../../src/minimize/search.js';
import type { Point } from '../../src/minimize/point.js';
import { placed } from './problems.js';

/** A search over a list of [value, gradient], whose state is the place in it. */
const over = (
  list: readonly (readonly [value: number, gradient: number])[],
  { tolerance = 0.1, maxSteps = 9, last }: { tolerance?: number; maxSteps?: number; last?: 'reduction' } = {},
) => {
  const points = list.map(([v, g]) => placed(v, g));
  const told: unknown[] = [];
  const step = (_: Point, k: number): Advance<Point, number> | 'unbounded' => {
    const point = points[k + 1];
    return point ? { point, state: k + 1, ...(last && k + 2 === list.length && { reason: last }) } : 'unbounded';
  };
  const { point, steps, reason }: Ended = search(points[0]!, { state: 0, step }, { tolerance, maxSteps }, (k, p) =>
    told.push([k, points.indexOf(p)]),
  );
  return { at: points.indexOf(point), steps, reason, told };
};

describe('a search', () => {
  it('ends where the gradient is small, be it at once, and tells of each step', () => {
    assert.deepEqual(over([[5, 0.1]]), { at: 0, steps: 0, reason: 'gradient', told: [] });
    const found = over([[5, 2], [4, 1], [3, 0.1], [2, 1]]); // prettier-ignore
    assert.deepEqual(found, { at: 2, steps: 2, reason: 'gradient', told: [[1, 1], [2, 2]] }); // prettier-ignore
  });

  it('ends after its last step, and with the reason that a method gives', () => {
    const list = [[5, 2], [4, 2], [3, 2], [2, 2]] as const; // prettier-ignore
    const { at, steps, reason } = over(list, { maxSteps: 2 });
    assert.deepEqual([at, steps, reason], [2, 2, 'steps']);
    assert.equal(over(list).reason, 'unbounded');
    const done = over(list, { last: 'reduction' });
    assert.deepEqual([done.at, done.steps, done.reason, done.told.length], [3, 3, 'reduction', 3]);
  });

  it('goes on where the value or the gradient becomes smaller, and takes no step otherwise', () => {
    const list = [[5, 2], [5, 1], [4, 3], [4, 3]] as const; // prettier-ignore
    const { at, steps, reason, told } = over(list);
    assert.deepEqual([at, steps, reason, told.length], [2, 2, 'no descent', 2]);
    const done = over(list, { last: 'reduction' });
    assert.deepEqual([done.at, done.steps, done.reason], [2, 2, 'reduction']);
  });

  it('ends where there is no number', () => {
    for (const start of [
      [NaN, 1],
      [1, NaN],
      [-Infinity, 1],
    ] as const)
      // prettier-ignore
      assert.deepEqual(over([start, [0, 0]]), { at: 0, steps: 0, reason: 'no descent', told: [] });
  });
});
