import assert from 'node:assert/strict';
import { checkpoint, grad, mul, sin, square, sum, tensor, type Tensor } from 'bigrad';
import { close } from '../testing/close.js';

const x = tensor([0.5, -1, 2], { dtype: 'float64' });

describe('a checkpoint', () => {
  it('gives no node where nobody watches', () => {
    assert.equal(checkpoint(square)(x).node, null);
  });

  it('leaves nothing open after the backward pass', () => {
    let variable = x;
    grad((t: Tensor) => {
      variable = t;
      return sum(checkpoint(square)(t));
    })(x);
    assert.equal(mul(variable, 2).node, null);
  });

  it('leaves nothing open where the second run throws', () => {
    let runs = 0;
    let variable = x;
    const once = checkpoint((t: Tensor) => {
      if (runs++ > 0) throw new Error('no');
      return square(t);
    });
    const f = (t: Tensor): Tensor => {
      variable = t;
      return sum(once(t));
    };
    assert.throws(() => grad(f)(x), /^Error: no$/);
    assert.equal(mul(variable, 2).node, null);
  });

  it('passes its part on to a captured tensor that is deeper than its first result', () => {
    const program = (wrap: typeof checkpoint) => (t: Tensor) => {
      let deep = t;
      for (let i = 0; i < 5; i++) deep = sin(deep);
      const [shallow, product] = wrap((u: Tensor) => [u, mul(u, deep)] as const)(t);
      return sum(mul(mul(shallow, product), deep));
    };
    close(grad(program(checkpoint))(x), grad(program((f) => f))(x));
  });

  it('may give a constant beside what depends on its argument', () => {
    const one = tensor([1, 1, 1], { dtype: 'float64' });
    close(
      grad((t: Tensor) => {
        const [constant, squares] = checkpoint((u: Tensor) => [one, square(u)] as const)(t);
        return sum(mul(constant, squares));
      })(x),
      [1, -2, 4],
    );
  });

  it('asks for nothing of a result that nobody uses', () => {
    const f = checkpoint((t: Tensor) => [square(t), sin(t)] as const);
    close(grad((t: Tensor) => sum(f(t)[0]))(x), [1, -2, 4]);
    close(grad((t: Tensor) => sum(f(t)[1]))(x), [0.5, -1, 2].map(Math.cos));
  });
});
