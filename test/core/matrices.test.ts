import assert from 'node:assert/strict';
import { indefinite, matrixName, singular } from '../../src/core/matrices.js';

describe('matrices that are refused', () => {
  it('are named by their place in the batch', () => {
    assert.equal(matrixName([3, 3], 0), 'a matrix');
    assert.equal(matrixName([4, 3, 3], 2), 'matrix [2] of the batch');
    assert.deepEqual(
      [0, 2, 3, 5].map((b) => matrixName([2, 3, 5, 5], b)),
      ['[0,0]', '[0,2]', '[1,0]', '[1,2]'].map((index) => `matrix ${index} of the batch`),
    );
  });

  it('are named in errors, with what was expected', () => {
    assert.match(singular('solve', [2, 3, 3], 1).message, /^solve: expected .* inverse, got matrix \[1\] of the batch/);
    assert.match(indefinite([3, 3], 0).message, /^cholesky: expected positive definite .*, got a matrix that is not$/);
  });
});
