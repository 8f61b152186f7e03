import assert from 'node:assert/strict';
import fc from 'fast-check';
import { arange, at, fromTypedArray, grad, reshape, sum, tensor, type Tensor } from 'bigrad';
import { values } from '../support/close.js';

const end = fc.option(fc.integer({ min: -8, max: 8 }));
const step = fc.integer({ min: -3, max: 3 }).filter((n) => n !== 0);

/** The positions of Python's range of an axis. */
function positions(start: number | null, stop: number | null, by: number, n: number): number[] {
  const found = [];
  const bound = (v: number): number => (v < 0 ? Math.max(v + n, -1) : v);
  let i = start === null ? (by > 0 ? 0 : n - 1) : start < 0 ? start + n : start;
  if (by < 0) i = Math.min(i, n - 1);
  else i = Math.max(i, 0);
  const last = stop === null ? (by > 0 ? n : -1) : bound(stop);
  for (; by > 0 ? i < last : i > last; i += by) if (i >= 0 && i < n) found.push(i);
  return found;
}

describe('at', () => {
  it('takes the ranges that Python takes', () => {
    fc.assert(
      fc.property(fc.nat(6), end, end, step, (n, start, stop, by) => {
        const x = arange(n);
        assert.deepEqual(values(at(x, [[start, stop, by]])), positions(start, stop, by, n));
        if (by === 1) assert.deepEqual(values(at(x, [[start, stop]])), positions(start, stop, 1, n));
      }),
    );
  });

  const x = reshape(arange(24), [2, 3, 4]);
  const shapeAndFirst = (y: Tensor): unknown[] => [y.shape, values(y)[0]];

  it('drops the axis of a position, keeps that of a range, and adds new ones', () => {
    assert.deepEqual(shapeAndFirst(at(x, [1])), [[3, 4], 12]);
    assert.deepEqual(shapeAndFirst(at(x, [1, ':', [1, 3]])), [[3, 2], 13]);
    assert.deepEqual(shapeAndFirst(at(x, ['new', '...', -1])), [[1, 2, 3], 3]);
    assert.deepEqual(shapeAndFirst(at(x, [0, 'new', '...', [null, null, -1]])), [[1, 3, 4], 3]);
    assert.deepEqual(shapeAndFirst(at(x, [1, 2, 3])), [[], 23]);
    assert.deepEqual(shapeAndFirst(at(x, [])), [[2, 3, 4], 0]);
    assert.deepEqual(shapeAndFirst(at(tensor(7), ['...', 'new'])), [[1], 7]);
  });

  it('puts the shape of indices in place of their axis', () => {
    const i = fromTypedArray(Int32Array.of(2, 0, -1, 1), [2, 2]);
    const y = at(x, [0, i, [0, 1]]);
    assert.deepEqual(
      [y.shape, values(y)],
      [
        [2, 2, 1],
        [8, 0, 8, 4],
      ],
    );
  });

  it('has a derivative of 1 where it takes, and 0 elsewhere', () => {
    const slope = grad((v: Tensor) => sum(at(v, [[null, null, -2]])))(arange(4, { dtype: 'float64' }));
    assert.deepEqual(values(slope), [0, 1, 0, 1]);
  });
});
