import assert from 'node:assert/strict';
import { cpu, reference, softmaxCrossEntropy, tensor, zeros } from 'bigrad';
import { values } from '../support/close.js';

for (const device of [reference, cpu])
  describe(`softmaxCrossEntropy on ${device.name}`, () => {
    const labels = (list: number[]) => tensor(list, { dtype: 'int32', device });

    it('takes labels from 0 to k - 1', () => {
      const logits = zeros([2, 3], { device });
      for (const v of values(softmaxCrossEntropy(logits, labels([0, 2])))) assert.ok(Math.abs(v - Math.log(3)) < 1e-6);
      for (const bad of [-1, 3])
        assert.throws(
          () => values(softmaxCrossEntropy(logits, labels([0, bad]))),
          new RegExp(`^RangeError: softmaxCrossEntropy: expected labels from 0 to 2, got ${bad} at row 1`),
        );
    });

    it('takes rows of logits and one label for each', () => {
      const refused = /^RangeError: softmaxCrossEntropy: expected logits \[n,k\] and labels \[n\]/;
      for (const shape of [[2], [2, 3, 1], [3, 3], []])
        assert.throws(() => softmaxCrossEntropy(zeros(shape, { device }), labels([0, 1])), refused);
      const column = tensor([[0], [1]], { dtype: 'int32', device });
      assert.throws(() => softmaxCrossEntropy(zeros([2, 3], { device }), column), refused);
    });
  });
