import assert from 'node:assert/strict';
import { add, cast, dot, grad, hvp, jvp, mixedProduct, mul, pow, square, sum, tensor, type Tensor } from 'bigrad';
import { close } from '../support/close.js';

interface Pair {
  a: Tensor;
  b: Tensor;
}
const vector = (...data: number[]): Tensor => tensor(data, { dtype: 'float64' });
const at: Pair = { a: vector(1, 2), b: vector(3, 4) };
/** A tangent that says nothing of b. */
const along = { a: vector(1, -1) } as Pair;
/** The sum of a^2 b. */
const f = ({ a, b }: Pair): Tensor => dot(square(a), b);

describe('absent tensors of a tangent count as zeros', () => {
  it('in jvp', () => {
    close(jvp(f, at, along)[1], 2 * 3 * 1 - 2 * 2 * 4);
  });

  it('in hvp', () => {
    const { a, b } = hvp(f, at, along);
    close(a, [6, -8]);
    close(b, [2, -4]);
  });

  it('in mixedProduct', () => {
    close(
      mixedProduct((p: Pair, y: Tensor) => sum(dot(square(p.a), y)), at, vector(5, 6), along),
      [2, -4],
    );
  });
});

describe('trees of float32 and float64', () => {
  const wide = (t: Tensor): Tensor => cast(t, 'float64');
  const mixed: Pair = { a: tensor([1, 2]), b: vector(3, 4) };
  const v: Pair = { a: tensor([1, -1]), b: vector(0.5, 2) };
  /** The sum of a^2 b^3. */
  const loss = ({ a, b }: Pair): Tensor => sum(mul(wide(square(a)), pow(b, 3)));

  it('have products of second derivatives', () => {
    const got = hvp(loss, mixed, v);
    close(got.a, [2 * 27 + 6 * 9 * 0.5, -2 * 64 + 12 * 16 * 2], 1e-6);
    close(got.b, [6 * 9 + 6 * 3 * 0.5, -12 * 16 + 24 * 4 * 2]);
    assert.deepEqual([got.a.dtype, got.b.dtype], ['float32', 'float64']);
    const expected = jvp(grad(loss), mixed, v)[1];
    close(got.a, expected.a, 1e-6);
    close(got.b, expected.b);
  });

  it('have mixed products', () => {
    const f = (p: Pair, y: Tensor): Tensor => add(loss(p), sum(mul(y, mul(p.b, wide(p.a)))));
    close(mixedProduct(f, mixed, vector(5, 6), v), [1 * 3 + 0.5 * 1, -1 * 4 + 2 * 2], 1e-6);
    close(mixedProduct(f, mixed, tensor([5, 6], { dtype: 'float64' }), { a: v.a } as Pair), [3, -4], 1e-6);
  });

  it('beside tensors of integers, which stay as they are', () => {
    const at = { n: tensor([2, 3], { dtype: 'int32' }), a: tensor([1, 2]), b: vector(3, 4) };
    const cubes = ({ n, a, b }: typeof at): Tensor => sum(mul(wide(mul(cast(n, 'float32'), pow(a, 3))), b));
    for (const along of [{ ...v }, { ...v, n: at.n }]) {
      const { n, a, b } = hvp(cubes, at, along as never);
      assert.equal(n, undefined);
      close(a, [6 * 2 * 3 * 1 + 3 * 2 * 0.5, -6 * 3 * 2 * 4 + 3 * 3 * 4 * 2], 1e-6);
      close(b, [3 * 2, -3 * 3 * 4], 1e-6);
    }
  });
});
