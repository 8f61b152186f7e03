import assert from 'node:assert/strict';
import fc from 'fast-check';
import { cast, compile, grad, mul, sum, tensor, zeros, type Tensor } from 'bigrad';
import { clipByGlobalNorm, clipByValue } from 'bigrad/optim';
import { checkGrads } from 'bigrad/testing';
import { f64, list, number } from '../support/numbers.js';
import { norm } from './vectors.js';
import { kindFor, refuses } from '../support/refuses.js';
import { flat, near } from '../support/close.js';

const trees = fc
  .tuple(list(2, number(-5, 5)), list(1, number(-5, 5)))
  .map(([a, b]) => ({ a: f64(a), b: { c: f64([b]) } }));
const limits = number(0.1, 8);

describe('clipByGlobalNorm', () => {
  it('scales all gradients to a joint norm of at most max, in their direction', () => {
    fc.assert(
      fc.property(trees, limits, (g, max) => {
        const [before, after] = [flat(g), flat(clipByGlobalNorm(max)(g))];
        near(norm(after), Math.min(max, norm(before)));
        near(
          after,
          before.map((x) => x * Math.min(1, max / (norm(before) || 1))),
        );
      }),
    );
  });

  it('leaves zero and small gradients exactly as they are', () => {
    const g = { a: f64([0, 0]), b: f64(0) };
    near(clipByGlobalNorm(1)(g), [0, 0, 0], 0);
    near(clipByGlobalNorm(Infinity)(f64([3, 4])), [3, 4], 0);
    near(clipByGlobalNorm(5)(f64([3, 4])), [3, 4], 0);
    near(clipByGlobalNorm(1)({ a: f64([0.3]), none: undefined }), [0.3], 0);
    assert.deepEqual(clipByGlobalNorm(1)({ none: undefined }), { none: undefined });
  });

  it('clips exploded gradients whose squares overflow, and keeps tiny ones', () => {
    for (const dtype of ['float32', 'float64'] as const)
      for (const size of dtype === 'float32' ? [1e30, 1e-30] : [1e200, 1e-200]) {
        const got = flat(clipByGlobalNorm(size / 2)([cast(f64([3 * size]), dtype), cast(f64(4 * size), dtype)]));
        near(
          got.map((x) => x / size),
          [0.3, 0.4],
          1e-6,
        );
      }
  });

  it('passes gradients without elements on', () => {
    const { a, b } = clipByGlobalNorm(1)({ a: f64([3, 4]), b: zeros([0, 2]) });
    near(a, [0.6, 0.8]);
    assert.deepEqual(b.shape, [0, 2]);
  });

  it('keeps the dtype of each gradient where they differ', () => {
    const [a, b] = clipByGlobalNorm(1)([tensor(3), f64([4])] as const);
    assert.deepEqual([a.dtype, b.dtype, b.shape], ['float32', 'float64', [1]]);
    near([a, b], [0.6, 0.8], 1e-7);
  });

  it('gives NaN everywhere where one element is NaN, and 0 beside an infinite one, which becomes NaN', () => {
    // As torch.nn.utils.clip_grad_norm_ does.
    for (const max of [1, 1e300]) {
      assert.deepEqual(flat(clipByGlobalNorm(max)({ a: f64([NaN, 1]), b: f64(1e10) })), [NaN, NaN, NaN]);
      assert.deepEqual(flat(clipByGlobalNorm(max)({ a: f64([Infinity, 1]), b: f64(-1e10) })), [NaN, 0, -0]);
    }
    assert.deepEqual(flat(clipByGlobalNorm(Infinity)(f64([Infinity, 1]))), [Infinity, 1]);
    const clip = compile((g: { a: Tensor; b: Tensor }) => clipByGlobalNorm(1)(g));
    assert.deepEqual(flat(clip({ a: tensor([NaN]), b: tensor([1e10]) })), [NaN, NaN]);
  });

  it('can be differentiated on either side of its limit, and at zero', () => {
    const at = (g: number[]): void => {
      checkGrads((x: Tensor) => clipByGlobalNorm(1)([x, mul(x, 2)]), [f64(g)]);
    };
    at([0.1, -0.2]);
    at([3, -1]);
    at([0, 0]);
  });
});

describe('clipByValue', () => {
  it('limits every element', () => {
    fc.assert(
      fc.property(trees, limits, (g, max) => {
        near(
          clipByValue(max)(g),
          flat(g).map((x) => Math.max(-max, Math.min(max, x))),
          0,
        );
      }),
    );
    assert.deepEqual(clipByValue(1)({ none: undefined }), { none: undefined });
  });

  it('has derivative 1 inside and 0 outside', () => {
    near(grad((x: Tensor) => sum(clipByValue(1)(x)))(f64([0.5, -3, 3, -0.9])), [1, 0, 0, 1]);
    checkGrads((x: Tensor) => clipByValue(1)(x), [f64([0.5, -3, 3])]);
  });
});

describe('clipping refuses', () => {
  it('limits that are not above 0', () => {
    for (const bad of [0, -1, NaN, '1' as never, undefined as never]) {
      refuses(() => clipByGlobalNorm(bad), kindFor(bad), 'clipByGlobalNorm: expected a norm above 0', String(bad));
      refuses(() => clipByValue(bad), kindFor(bad), 'clipByValue: expected a limit above 0', String(bad));
    }
  });
  it('gradients that are no floats, and what is no tree', () => {
    refuses(() => clipByGlobalNorm(1)({ n: tensor([1], { dtype: 'int32' }) }), TypeError, 'clipByGlobalNorm:', 'int32');
    refuses(() => clipByValue(0.5)({ n: tensor([1], { dtype: 'int32' }) }), TypeError, 'clipByValue:', 'int32');
    for (const clip of [clipByGlobalNorm, clipByValue])
      refuses(() => clip(1)(new Array<Tensor>(1)), TypeError, `${clip.name}:`, 'holes');
  });
});
