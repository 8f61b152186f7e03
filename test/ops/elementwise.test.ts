import assert from 'node:assert/strict';
import {
  clamp,
  compile,
  cpu,
  equal,
  grad,
  greater,
  greaterEqual,
  less,
  lessEqual,
  notEqual,
  reference,
  relu,
  sigmoid,
  sum,
  tensor,
  type Tensor,
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

  it('may be one limit of clamp alone, which is maximum or minimum with a derivative of 1 at the limit', () => {
    for (const dtype of ['float32', 'float64', 'int32'] as const) {
      const x = tensor([-3, 0, 2], { dtype });
      assert.deepEqual([clamp(x, 0).dtype, values(clamp(x, 0))], [dtype, [0, 0, 2]]);
      assert.deepEqual([clamp(x, undefined, 0).dtype, values(clamp(x, undefined, 0))], [dtype, [-3, 0, 0]]);
      assert.deepEqual(values(compile((y: Tensor) => clamp(y, undefined, 0))(x)), [-3, 0, 0]);
    }
    const x = tensor([-3, 0, 2, NaN], { dtype: 'float64' });
    assert.deepEqual(values(clamp(x, 0)), [0, 0, 2, NaN]);
    assert.deepEqual(values(grad((y: Tensor) => sum(clamp(y, 0)))(x)).slice(0, 3), [0, 1, 1]);
    assert.deepEqual(values(grad((y: Tensor) => sum(clamp(y, undefined, 0)))(x)).slice(0, 3), [1, 1, 0]);
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
