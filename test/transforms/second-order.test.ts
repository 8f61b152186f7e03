import { dot, hvp, jvp, mixedProduct, square, sum, tensor, type Tensor } from 'bigrad';
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
