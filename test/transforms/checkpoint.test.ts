import assert from 'node:assert/strict';
import {
  add,
  checkpoint,
  customVjp,
  exp,
  grad,
  hessian,
  hvp,
  jacobian,
  matmul,
  mul,
  sin,
  square,
  stack,
  sum,
  tanh,
  tensor,
  vjp,
  zeros,
  type Nested,
  type Tensor,
} from 'bigrad';
import { unroll } from 'bigrad/bilevel';
import { checkGrads } from 'bigrad/testing';

const t = (data: Nested): Tensor => tensor(data, { dtype: 'float64' });
const values = (x: Tensor): number[] => [...x.readSync()];

const near = (a: number[], b: number[]): void => {
  assert.equal(a.length, b.length);
  a.forEach((v, i) => {
    assert.ok(Math.abs(v - b[i]!) < 1e-12, `${v} and ${b[i]}`);
  });
};

describe('checkpoint', () => {
  const c = t([0.3, -0.2]);
  const x = t([0.5, 0.7]);

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
    assert.deepEqual(values(pull(t([1, 1]))), [1, 1.4]);
    assert.equal(square(x).node, null);
  });
});

describe('customVjp', () => {
  const cube = customVjp(
    ({ x, y }: { x: Tensor; y: Tensor }) => mul(square(x), y),
    (g, { x, y }) => ({ x: mul(g, mul(mul(x, y), 2)), y: mul(g, square(x)) }),
  );

  it('is differentiated by its own rule, to any order', () => {
    checkGrads((x: Tensor, y: Tensor) => cube({ x, y }), [t([0.3, 0.4]), t([1, 2])], { order: 3 });
  });

  it('calls its rule once for all inputs, and hands it arguments and result', () => {
    let calls = 0;
    const f = customVjp(
      ([a, b]: [Tensor, Tensor]) => mul(a, b),
      (g, [a, b], y) => {
        calls++;
        assert.deepEqual(values(y), [6]);
        return [mul(g, b), mul(g, a)];
      },
    );
    const [ga, gb] = grad((v: [Tensor, Tensor]) => sum(f(v)))([t([2]), t([3])]);
    assert.deepEqual([calls, ...values(ga), ...values(gb)], [1, 3, 2]);
  });

  it('may leave parts out, which count as zeros, and gives several outputs', () => {
    const f = customVjp(
      (x: Tensor) => ({ up: mul(x, 2), down: mul(x, -1) }),
      (g) => mul(g.up, 10),
    );
    assert.deepEqual(values(grad((x: Tensor) => sum(f(x).up))(t([1, 2]))), [10, 10]);
    assert.deepEqual(values(grad((x: Tensor) => sum(f(x).down))(t([1, 2]))), [0, 0]);
  });

  it('refuses a captured tensor that is being differentiated, but not a constant one', () => {
    const times = (z: Tensor) =>
      customVjp(
        (x: Tensor) => mul(x, z),
        (g) => mul(g, z),
      );
    assert.throws(
      () => grad((z: Tensor) => sum(times(z)(z)))(t([2])),
      /customVjp: expected f to use only its argument/,
    );
    assert.deepEqual(values(grad((x: Tensor) => sum(times(t([3]))(x)))(t([2]))), [3]);
  });

  it('refuses a rule whose result has another shape', () => {
    const f = customVjp(
      (x: Tensor) => x,
      () => zeros([3], { dtype: 'float64' }),
    );
    assert.throws(
      () => grad((x: Tensor) => sum(f(x)))(t([1, 2])),
      /customVjp: expected the pullback to give float64 \[2\]/,
    );
  });
});

describe('jacobian and hessian', () => {
  it('are the matrices of closed forms', () => {
    const a = t([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    const j = jacobian((x: Tensor) => matmul(a, x))(t([7, 8]));
    assert.deepEqual(
      [j.shape, values(j)],
      [
        [3, 2],
        [1, 2, 3, 4, 5, 6],
      ],
    );
    const h = hessian((x: Tensor) =>
      sum(
        mul(
          x,
          matmul(
            t([
              [1, 2],
              [0, 3],
            ]),
            x,
          ),
        ),
      ),
    )(t([5, 6]));
    assert.deepEqual(
      [h.shape, values(h)],
      [
        [2, 2],
        [2, 2, 2, 6],
      ],
    );
  });

  it('have the shape of the result before that of the argument, also for scalars and nothing', () => {
    assert.deepEqual(jacobian((x: Tensor) => stack([x, x]))(zeros([3, 1])).shape, [2, 3, 1, 3, 1]);
    assert.deepEqual(jacobian((x: Tensor) => sum(x))(zeros([3])).shape, [3]);
    assert.deepEqual(jacobian((x: Tensor) => square(x))(zeros([0])).shape, [0, 0]);
  });

  it('of trees are trees of trees', () => {
    const h = hessian((p: { a: Tensor; b: Tensor; name: string }) => sum(mul(square(p.a), p.b)))({
      a: t([1, 2]),
      b: t([3, 4]),
      name: 'kept out',
    });
    assert.deepEqual(values(h.a.b), [2, 0, 0, 4]);
    assert.deepEqual(values(h.b.a), [2, 0, 0, 4]);
    assert.deepEqual(values(h.b.b), [0, 0, 0, 0]);
    assert.equal(h.name, undefined);
  });

  it('can be differentiated', () => {
    checkGrads((x: Tensor) => hessian((y: Tensor) => sum(exp(sin(y))))(x), [t([0.3, 0.6])]);
  });
});
