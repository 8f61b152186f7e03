import { add, customVjp, grad, mul, square, sum, tensor, type Tensor } from 'bigrad';
import { close } from '../testing/close.js';

const x = tensor([1, 2], { dtype: 'float64' });
const y = tensor([3, 4], { dtype: 'float64' });

describe('a derivative of your own', () => {
  it('counts absent parts of its result as zeros', () => {
    const f = customVjp(
      ({ a, b }: { a: Tensor; b: Tensor }) => add(square(a), square(b)),
      (g, { a }) => ({ a: mul(g, mul(a, 2)) }) as { a: Tensor; b: Tensor },
    );
    const { a, b } = grad((p: { a: Tensor; b: Tensor }) => sum(f(p)))({ a: x, b: y });
    close(a, [2, 4]);
    close(b, [0, 0]);
  });
});
