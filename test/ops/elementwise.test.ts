import assert from 'node:assert/strict';
import {
  clamp,
  cpu,
  equal,
  greater,
  greaterEqual,
  less,
  lessEqual,
  notEqual,
  reference,
  relu,
  sigmoid,
  tensor,
  where,
} from 'bigrad';
import { values } from '../support/close.js';

describe('comparisons', () => {
  const pairs = [
    [1, 2],
    [2, 2],
    [3, 2],
    [NaN, 2],
    [2, NaN],
    [-0, 0],
  ] as const;
  const by = {
    equal: [equal, (x: number, y: number) => x === y],
    notEqual: [notEqual, (x: number, y: number) => x !== y],
    less: [less, (x: number, y: number) => x < y],
    lessEqual: [lessEqual, (x: number, y: number) => x <= y],
    greater: [greater, (x: number, y: number) => x > y],
    greaterEqual: [greaterEqual, (x: number, y: number) => x >= y],
  } as const;
  for (const device of [cpu, reference])
    for (const [name, [op, of]] of Object.entries(by))
      it(`${name} gives 1 or 0 as numbers do, on ${device.name}`, () => {
        const [x, y] = [0, 1].map((k) =>
          tensor(
            pairs.map((pair) => pair[k]!),
            { device },
          ),
        );
        assert.deepEqual(
          values(op(x!, y!)),
          pairs.map(([a, b]) => +of(a, b)),
        );
      });
});

describe('where', () => {
  it('takes numbers on both sides, in the dtype of floats', () => {
    for (const device of [cpu, reference]) {
      const y = where(tensor([1, 0, NaN, -0], { device }), 2, 3);
      assert.deepEqual([y.dtype, values(y)], ['float32', [2, 3, 2, 3]]);
    }
  });
});

describe('special arguments', () => {
  it('are no harm to sigmoid, whose least values are not lost', () => {
    const least = values(sigmoid(tensor([-740, 0, 800], { dtype: 'float64', device: reference })));
    assert.deepEqual(least, [Math.exp(-740), 0.5, 1]);
  });

  it('keep their sign in relu only where it is positive', () => {
    assert.deepEqual(values(relu(tensor([-0, 0, -1, 1], { device: reference }))), [0, 0, 0, 1]);
  });

  it('may be limits that are one', () => {
    assert.deepEqual(values(clamp(tensor([0, 1, 2]), 1, 1)), [1, 1, 1]);
  });
});

describe('where', () => {
  it('takes two numbers, in the dtype of its condition', () => {
    const chosen = where(tensor([1, 0, 1], { dtype: 'float64' }), 2, 3);
    assert.deepEqual([chosen.dtype, values(chosen)], ['float64', [2, 3, 2]]);
  });
});
