import assert from 'node:assert/strict';
import { add, checkpoint, exp, grad, hvp, mul, sin, square, sum, tanh, tensor, vjp, type Tensor } from 'bigrad';
import { unroll } from 'bigrad/bilevel';
import { checkGrads } from 'bigrad/testing';
import { close, near, values } from '../support/close.js';
import { f64 } from '../support/numbers.js';

describe('checkpoint', () => {
  const c = f64([0.3, -0.2]);
  const x = f64([0.5, 0.7]);

  it('changes neither values nor derivatives to third order, captured tensors included', () => {
    const plain = (k: Tensor, y: Tensor) => mul(tanh(mul(y, sin(k))), exp(k));
    const spared = (k: Tensor, y: Tensor) => {
      const s = sin(k);
      return checkpoint((z: Tensor) => mul(tanh(mul(z, s)), exp(k)))(y);
    };
    assert.deepEqual(values(spared(c, x)), values(plain(c, x)));
    checkGrads(spared, [c, x], { order: 3 });
  });

  it('takes and gives trees, several arguments and leaves that are no tensors', () => {
    const f = checkpoint((a: { w: Tensor; n: number }, b: Tensor[]) => ({ y: mul(a.w, b[0]!), twice: a.n * 2 }));
    assert.equal(f({ w: c, n: 3 }, [x]).twice, 6);
    checkGrads((w: Tensor, b: Tensor) => f({ w, n: 3 }, [b]).y, [c, x]);
  });

  it('can be nested, and used twice', () => {
    const inner = checkpoint((y: Tensor) => sin(mul(y, y)));
    const outer = checkpoint((y: Tensor) => add(inner(inner(y)), inner(y)));
    checkGrads(outer, [x], { order: 3 });
  });

  it('runs f again in the backward pass, once, and not at all without one', () => {
    let runs = 0;
    const f = checkpoint((y: Tensor) => {
      runs++;
      return square(y);
    });
    f(x);
    assert.equal(runs, 1);
    grad((y: Tensor) => sum(f(y)))(x);
    assert.equal(runs, 3);
  });

  it('holds none of the values in between', () => {
    const sizes = (f: (y: Tensor) => Tensor): number => {
      let nodes = 0;
      grad((y: Tensor) => {
        const out = f(y);
        const seen = new Set<unknown>();
        const stack = [out.node];
        while (stack.length > 0) {
          const node = stack.pop();
          if (!node || seen.has(node)) continue;
          seen.add(node);
          for (const input of node.ins) stack.push(input.node);
        }
        nodes = seen.size;
        return sum(out);
      })(x);
      return nodes;
    };
    const step = (s: Tensor): Tensor => tanh(mul(s, 0.9));
    assert.ok(sizes((y) => unroll(step, y, 100)) > 200);
    assert.ok(sizes((y) => unroll(step, y, 100, { checkpoint: true })) <= 1);
  });

  it('in unroll gives the same gradient, whatever the number of steps', () => {
    for (const p of [0, 1, 2, 3, 4, 7, 10]) {
      const f = (sparing: boolean) => (s: Tensor, k: Tensor) =>
        sum(unroll((v: Tensor, i) => add(tanh(mul(v, k)), i / 10), s, p, { checkpoint: sparing }));
      near(values(grad(f(true))(x, c)), values(grad(f(false))(x, c)));
      const second = (sparing: boolean) => values(hvp((s: Tensor) => f(sparing)(s, c), x, c));
      near(second(true), second(false));
    }
  });

  it('lets an error through and leaves nothing open', () => {
    let fail = false;
    const f = checkpoint((y: Tensor) => {
      if (fail) throw new Error('no');
      return square(y);
    });
    const [y, pull] = vjp(f, x);
    fail = true;
    assert.throws(() => pull(y), /no/);
    fail = false;
    assert.deepEqual(values(pull(f64([1, 1]))), [1, 1.4]);
    assert.equal(square(x).node, null);
  });
});

const x = f64([0.5, -1, 2]);

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
