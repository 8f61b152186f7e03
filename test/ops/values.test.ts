import assert from 'node:assert/strict';
import {
  add,
  arange,
  argmax,
  argmin,
  avgPool2d,
  batchNorm,
  batchNormWithStats,
  cast,
  cpu,
  elu,
  erf,
  expm1,
  gelu,
  globalAvgPool2d,
  grad,
  hvp,
  layerNorm,
  log1p,
  logSoftmax,
  logSumExp,
  matmul,
  maxPool2d,
  mul,
  oneHot,
  ones,
  prod,
  reference,
  reshape,
  sigmoid,
  slice,
  softmax,
  softmaxCrossEntropy,
  softplus,
  square,
  standardDeviation,
  sub,
  sum,
  tensor,
  variance,
  type Nested,
  type Tensor,
} from 'bigrad';
import { close, values } from '../support/close.js';

// Numbers from NumPy 2.4 and SciPy (softmax, log_softmax, logsumexp, erf, rosen_hess) unless said
// otherwise.
for (const device of [cpu, reference])
  describe(`on ${device.name}`, () => {
    const t = (data: Nested): Tensor => tensor(data, { device, dtype: 'float64' });
    const ints = (data: Nested): Tensor => tensor(data, { device, dtype: 'int32' });
    const x = t([
      [0.5, -1, 2],
      [1.5, 0.25, -0.75],
    ]);

    it('special functions have the values of the tables', () => {
      close(
        erf(t([0, 0.5, 1, 2, 3, 4.5, -1])),
        [
          0, 0.5204998778130465, 0.8427007929497149, 0.9953222650189527, 0.9999779095030014, 0.9999999998033839,
          -0.8427007929497149,
        ],
        1e-15,
      );
      close(
        gelu(t([0.5, 1, 2, 3])),
        [0.34573123063700656, 0.8413447460685429, 1.9544997361036416, 2.99595030590511],
        1e-15,
      );
      close(sigmoid(t([-1, 0.5])), [0.2689414213699951, 0.6224593312018546], 1e-15);
      close(softplus(t([-1, 0.5])), [0.31326168751822286, 0.9740769841801067], 1e-15);
      close(elu(t([-1, 2])), [-0.6321205588285577, 2], 1e-15);
      assert.deepEqual(values(expm1(t([1e-9]))), [1.0000000005000001e-9]);
      assert.deepEqual(values(log1p(t([1e-9]))), [9.999999995e-10]);
    });

    it('softmax, its logarithm and the cross entropy are those of SciPy', () => {
      close(
        softmax(x),
        [
          0.1752903921400367, 0.039112573270687456, 0.7855970345892759, 0.7184403411510649, 0.20583660399765155,
          0.07572305485128351,
        ],
        1e-15,
      );
      close(
        logSoftmax(x),
        [
          -1.7413112966571571, -3.241311296657157, -0.24131129665715703, -0.3306726094072241, -1.580672609407224,
          -2.580672609407224,
        ],
        1e-15,
      );
      close(logSumExp(x, 0), [1.8132616875182228, 0.501929081345373, 2.0619675890031988], 1e-15);
      close(softmaxCrossEntropy(x, ints([2, 0])), [0.24131129665715703, 0.3306726094072241], 1e-15);
    });

    it('variances divide by n', () => {
      close(variance(x, 0), [0.25, 0.390625, 1.890625], 1e-15);
      close(standardDeviation(x), 1.0865337342004415, 1e-15);
    });

    it('normalisations are those of their formula', () => {
      const y = [
        -0.9999800005999799, -0.9999744004915097, 1.9999920661471755, 0.9999800005999799, 2.9999744004915097,
        -3.9999920661471755,
      ];
      close(batchNorm(x, t([1, 2, 3]), t([0, 1, -1])), y, 1e-14);
      const s = batchNormWithStats(x, t([1, 2, 3]), t([0, 1, -1]));
      close(s.y, y, 1e-14);
      close(s.mean, [1, -0.375, 0.625]);
      close(s.variance, [0.25, 0.390625, 1.890625]);
      close(batchNorm(x, t([1, 2, 3]), t([0, 1, -1]), { mean: s.mean, variance: s.variance }), y, 1e-14);
      close(
        layerNorm(x, t([1, 1, 1]), t([0, 0, 0])),
        [0, -1.2247407889290967, 1.2247407889290967, 1.2674929643309856, -0.0905352117379275, -1.1769577525930577],
        1e-14,
      );
    });

    it('matmul takes matrices, batches and vectors as NumPy does', () => {
      const a = sub(reshape(arange(12, { device, dtype: 'float64' }), [2, 2, 3]), 5);
      const b = sub(reshape(arange(6, { device, dtype: 'float64' }), [3, 2]), 2);
      close(matmul(a, b), [4, -8, 4, 1, 4, 10, 4, 19]);
      close(matmul(t([1, 2]), x), [3.5, -0.5, 0.5]);
      close(matmul(x, t([1, -1, 2])), [5.5, -0.25]);
      assert.deepEqual(matmul(t([1, 2]), t([3, 4])).shape, []);
      assert.deepEqual(matmul(ones([5, 1, 2, 3], { device }), ones([4, 3, 6], { device })).shape, [5, 4, 2, 6]);
    });

    it('pooling takes the windows of PyTorch: its size as stride, padding that counts in means', () => {
      const image = reshape(arange(16, { device, dtype: 'float64' }), [1, 1, 4, 4]);
      close(maxPool2d(image, 2), [5, 7, 13, 15]);
      close(maxPool2d(image, 3, { stride: 1 }), [10, 11, 14, 15]);
      close(maxPool2d(sub(image, 20), 2, { padding: 1 }), [-20, -18, -17, -12, -10, -9, -8, -6, -5]);
      close(avgPool2d(image, 2), [2.5, 4.5, 10.5, 12.5]);
      close(avgPool2d(image, 2, { padding: 1 }), [0, 0.75, 0.75, 3, 7.5, 4.5, 3, 6.75, 3.75]);
      close(globalAvgPool2d(image), 7.5);
    });

    it('the derivatives of the Rosenbrock function are those of SciPy', () => {
      const rosen = (v: Tensor): Tensor => {
        const n = v.shape[0]!;
        const [lo, hi] = [slice(v, [0], [n - 1]), slice(v, [1], [n - 1])];
        return sum(add(mul(square(sub(hi, square(lo))), 100), square(sub(1, lo))));
      };
      close(grad(rosen)(t([-1.2, 1])), [-215.6, -88]);
      close(hvp(rosen, t([-1.2, 1]), t([1, 0])), [1330, 480]);
      close(hvp(rosen, t([1.3, 0.7, 0.8]), t([1, -2, 0.5])), [2790, -1600, 660]);
    });

    it('comparisons of integers and choices among them stay integers', () => {
      assert.deepEqual(values(argmax(x, 1)), [2, 0]);
      assert.deepEqual(values(argmin(x)), [1]);
      assert.deepEqual(values(argmax(t([[1, 3, 3]]), -1)), [1]);
      assert.deepEqual(values(oneHot(ints([2, 0]), 3)), [0, 0, 1, 1, 0, 0]);
      assert.deepEqual(values(cast(t([1.9, -1.9]), 'int32')), [1, -1]);
      for (const y of [argmax(x), add(ints([1]), 1), prod(ints([2, 3]))]) assert.equal(y.dtype, 'int32');
    });
  });
