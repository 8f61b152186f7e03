import assert from 'node:assert/strict';
import { cast, jacobian, slice, square, tensor, type Tensor } from 'bigrad';
import { close } from '../testing/close.js';

describe('a Jacobian', () => {
  it('is undefined at integers beside floats', () => {
    const { floats, integers } = jacobian((t: Tensor) => ({ integers: cast(t, 'int32'), floats: square(t) }))(
      tensor([1, 2]),
    );
    close(
      floats,
      tensor([
        [2, 0],
        [0, 4],
      ]),
    );
    assert.equal(integers, undefined);
  });

  it('of a result without elements has none, in the dtype of its argument', () => {
    for (const dtype of ['float32', 'float64'] as const) {
      const rows = jacobian((t: Tensor) => slice(t, [0], [0]))(tensor([1, 2], { dtype }));
      assert.deepEqual([rows.shape, rows.dtype], [[0, 2], dtype]);
    }
  });
});
