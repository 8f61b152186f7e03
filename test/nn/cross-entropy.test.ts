import assert from 'node:assert/strict';
import fc from 'fast-check';
import { grad, logSoftmax, neg, sum, tensor, transpose, type Tensor } from 'bigrad';
import { crossEntropy, negativeLogLikelihood } from 'bigrad/nn';
import { checkGrads } from 'bigrad/testing';
import { f64, list, number, value, wave } from '../support/numbers.js';
import { near, values } from '../support/close.js';

const labels = (data: number[] | number[][]): Tensor => tensor(data, { dtype: 'int32' });

describe('crossEntropy', () => {
  const rows = fc.array(fc.tuple(list(3, number(-4, 4)), fc.nat(2)), { minLength: 1, maxLength: 4 });

  it('is -log softmax at the label, as mean, sum or list', () => {
    fc.assert(
      fc.property(rows, (data) => {
        const each = data.map(([z, c]) => Math.log(z.reduce((s, v) => s + Math.exp(v), 0)) - z[c]!);
        const total = each.reduce((s, v) => s + v, 0);
        const [logits, classes] = [f64(data.map(([z]) => z)), labels(data.map(([, c]) => c))];
        near(crossEntropy(logits, classes), total / data.length);
        near(crossEntropy(logits, classes, { reduction: 'sum' }), total);
        near(crossEntropy(logits, classes, { reduction: 'none' }), each);
      }),
    );
  });

  it('is log k for equal logits, and has gradient (softmax - onehot) / n', () => {
    near(crossEntropy(f64([[1, 1, 1, 1]]), labels([2])), Math.log(4));
    const logits = f64([
      [0, Math.log(3)],
      [0, 0],
    ]);
    near(grad((z: Tensor) => crossEntropy(z, labels([0, 1])))(logits), [-0.375, 0.375, 0.25, -0.25]);
  });

  it('does not overflow, and can be differentiated twice', () => {
    near(
      crossEntropy(
        tensor([
          [1e4, 0],
          [0, -1e4],
        ]),
        labels([1, 0]),
        { reduction: 'none' },
      ),
      [1e4, 0],
      1e-6,
    );
    checkGrads((z: Tensor) => crossEntropy(z, labels([1, 0, 1])), [wave([3, 2])]);
    const z = wave([1, 3]);
    near(crossEntropy(z, labels([1])), values(neg(logSoftmax(z)))[1]!);
    near(value(sum(crossEntropy(z, labels([1]), { reduction: 'none' }))), value(crossEntropy(z, labels([1]))));
  });

  it('weighs classes: a weight counts as often as its label is there', () => {
    const [logits, classes] = [wave([3, 2]), [1, 0, 1]];
    const [once, twice] = [crossEntropy(logits, labels(classes), { weights: f64([1, 2]) }), [0, 0, 1, 2, 2]];
    const repeated = twice.map((i) => values(logits).slice(2 * i, 2 * i + 2));
    near(once, crossEntropy(f64(repeated), labels(twice.map((i) => classes[i]!))));
    checkGrads(
      (z: Tensor, w: Tensor) => crossEntropy(z, labels(classes), { weights: w, smoothing: 0.1 }),
      [logits, f64([1, 2])],
    );
  });

  it('takes classes from the second axis of any rank, as rows one after another', () => {
    const logits = wave([2, 3, 4]);
    const classes = [
      [0, 1, 2, 0],
      [2, 2, 1, 0],
    ];
    const each = crossEntropy(logits, labels(classes), { reduction: 'none', ignore: 2 });
    assert.deepEqual(each.shape, [2, 4]);
    const rows = values(transpose(logits, [0, 2, 1]));
    const apart = Array.from({ length: 8 }, (_, i) => rows.slice(3 * i, 3 * i + 3));
    near(each, crossEntropy(f64(apart), labels(classes.flat()), { reduction: 'none', ignore: 2 }));
  });

  it('leaves no trace of what is ignored, infinite or not', () => {
    const logits = f64([
      [0, 0],
      [Infinity, 0],
    ]);
    near(crossEntropy(logits, labels([1, 0]), { ignore: 0, weights: f64([1, 3]) }), Math.log(2));
    near(negativeLogLikelihood(logits, labels([1, 0]), { ignore: 0 }), 0);
    near(crossEntropy(logits, labels([1, -100]), { ignore: -100, weights: f64([1, 3]) }), Math.log(2));
  });
});
