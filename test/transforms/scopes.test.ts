import assert from 'node:assert/strict';
import {
  add,
  dot,
  grad,
  hvp,
  jvp,
  leaves,
  mixedProduct,
  mul,
  sin,
  square,
  stopGradient,
  sum,
  tanh,
  valueAndGrad,
  vjp,
  type Tensor,
} from 'bigrad';
import { hypergradient } from 'bigrad/bilevel';
import { close, values } from '../support/close.js';
import { reachableNodes } from '../support/reachable.js';
import { f64 } from '../support/numbers.js';

const x = f64([0.5, -1, 2]);
const v = f64([1, 0.5, -1]);
const cube = (t: Tensor): Tensor => sum(mul(t, mul(t, t)));
const coupled = (a: Tensor, b: Tensor): Tensor => dot(square(a), sin(b));

const problem = hypergradient({
  lower: (theta: Tensor, ms: Tensor, batch: Tensor) => [sum(square(add(mul(theta, ms), batch))), { theta }],
  upper: (theta: Tensor, { ms, mt }: { ms: Tensor; mt: Tensor }, batch: Tensor) => [
    sum(square(mul(theta, mul(ms, add(mt, batch))))),
    { ms },
  ],
  mode: 'exact',
  learningRate: 0.1,
});

/** Every transform, as a function of one tensor with all its results. */
const transforms: Record<string, (t: Tensor) => unknown> = {
  grad: (t) => grad(cube)(t),
  'grad with aux': (t) => grad((u: Tensor) => [cube(u), { u, s: square(u) }], { hasAux: true })(t),
  valueAndGrad: (t) => valueAndGrad(cube)(t),
  'valueAndGrad with aux': (t) => valueAndGrad((u: Tensor) => [cube(u), [u, tanh(u)]], { hasAux: true })(t),
  vjp: (t) => vjp(square, t)[0],
  'a pullback': (t) => vjp(square, t)[1](v),
  jvp: (t) => jvp(square, t, v),
  hvp: (t) => hvp(cube, t, v),
  mixedProduct: (t) => mixedProduct(coupled, t, x, v),
  hypergradient: (t) => problem(t, { ms: x, mt: v }, { lower: [x, v], upper: x }),
};

describe('the results of a transform', () => {
  for (const [name, run] of Object.entries(transforms)) {
    it(`carry no node when nobody watches: ${name}`, () => {
      const result = run(x);
      assert.ok(leaves(result).length > 0);
      assert.ok(leaves(result).every((t) => t.node === null));
      assert.equal(reachableNodes(result), 0);
    });

    it(`carry nodes while an outer transform watches, and none after it: ${name}`, () => {
      const [, { tracked, kept }] = grad(
        (t: Tensor) => {
          const kept = leaves(run(t)).filter((r) => r.shape.length === 1);
          return [dot(kept, kept), { tracked: kept.filter((r) => r.node !== null).length, kept }];
        },
        { hasAux: true },
      )(x);
      assert.ok(tracked > 0);
      assert.equal(reachableNodes(kept), 0);
    });

    it(`have a derivative in what they depend on: ${name}`, () => {
      const scalar = (t: Tensor): Tensor => {
        const list = leaves(run(t)).filter((r) => r.shape.length === 1);
        return dot(list, list);
      };
      const h = 1e-5;
      const along = (s: number) => values(scalar(add(x, mul(v, s))))[0]!;
      close(dot(grad(scalar)(x), v), (along(h) - along(-h)) / (2 * h), 1e-6);
    });
  }
});

describe('a value that leaks from a finished transform', () => {
  let leaked = x;
  const run = (): Tensor =>
    grad((t: Tensor) => {
      leaked = square(t);
      return sum(leaked);
    })(x);

  it('records nothing new', () => {
    run();
    assert.ok(leaked.node !== null);
    assert.equal(mul(leaked, 2).node, null);
    assert.equal(add(leaked, leaked).node, null);
  });

  it('is a constant to later transforms', () => {
    run();
    close(grad((t: Tensor) => dot(t, leaked))(x), [0.25, 1, 4]);
    close(grad((t: Tensor) => dot(stopGradient(t), leaked))(x), [0, 0, 0]);
  });

  it('may be differentiated again as the argument of one', () => {
    run();
    const g = grad((t: Tensor) => sum(square(t)))(leaked);
    close(g, [0.5, 2, 8]);
    assert.equal(g.node, null);
  });
});

describe('a function that throws', () => {
  it('leaves its transform closed, and passes its error on', () => {
    let inside = x;
    const fails = (t: Tensor): Tensor => {
      inside = square(t);
      throw new Error('no');
    };
    for (const run of [
      () => grad(fails)(x),
      () => vjp(fails, x),
      () => valueAndGrad(fails)(x),
      () => hvp(fails, x, v),
    ]) {
      assert.throws(run, /^Error: no$/);
      assert.ok(inside.node!.scopes.every((s) => !s.open));
      assert.equal(mul(inside, 2).node, null);
    }
  });

  it('leaves an outer transform open that catches it', () => {
    const f = (t: Tensor): Tensor => {
      assert.throws(() =>
        grad(() => {
          throw new Error('no');
        })(t),
      );
      return cube(t);
    };
    close(grad(f)(x), [0.75, 3, 12]);
  });
});

describe('nested transforms are not confused', () => {
  const one = f64(1);

  it('about whose perturbation is whose: d/dx [x d/dy (x + y)] is 1 at y = 1', () => {
    const f = (a: Tensor): Tensor => mul(a, grad((b: Tensor) => add(a, b))(one));
    close(grad(f)(one), 1);
  });

  it('when the inner one is at the outer variable itself', () => {
    const f = (a: Tensor): Tensor => mul(a, grad((b: Tensor) => mul(a, mul(b, b)))(a)); // x * 2 x^2
    close(grad(f)(f64(3)), 54);
    close(grad((a: Tensor) => grad(f)(a))(f64(3)), 36);
  });

  it('when a pullback is called inside another transform', () => {
    const [, pull] = vjp((a: Tensor) => mul(a, mul(a, a)), x);
    close(grad((g: Tensor) => dot(pull(g), v))(x), [0.75, 1.5, -12]);
    close(
      grad((g: Tensor) => sum(square(pull(g))))(v),
      values(v).map((g, i) => 2 * g * 9 * values(x)[i]! ** 4),
    );
  });

  it('when a pullback leaves one transform and is called in the next', () => {
    let pull: ((g: Tensor) => Tensor) | undefined;
    const outer = (t: Tensor): Tensor => {
      const [y, p] = vjp((u: Tensor) => mul(u, mul(u, t)), t); // u^2 t
      pull = p;
      return sum(y);
    };
    close(
      grad(outer)(x),
      values(x).map((a) => 3 * a * a),
    );
    close(
      pull!(v),
      values(x).map((a, i) => 2 * a * a * values(v)[i]!),
    );
    assert.equal(pull!(v).node, null);
  });

  it('to the fourth order', () => {
    let f = (t: Tensor): Tensor => sin(t);
    for (let n = 0; n < 4; n++) {
      const g = f;
      f = (t) => grad(g)(t);
    }
    close(f(f64(0.7)), Math.sin(0.7), 1e-12);
  });
});

describe('deep graphs', () => {
  const STEPS = 20_000;
  const chain = (t: Tensor): Tensor => {
    let y = t;
    for (let i = 0; i < STEPS; i++) y = add(y, mul(t, 1 / STEPS));
    return y;
  };

  it(`of ${STEPS} steps do not overflow the stack`, () => {
    close(grad((t: Tensor) => chain(t))(f64(1)), 2, 1e-9);
  });

  it('nor in second derivatives', () => {
    let short = (t: Tensor): Tensor => t;
    short = (t) => {
      let y = t;
      for (let i = 0; i < 5000; i++) y = mul(y, add(1, mul(t, 1e-4)));
      return y;
    };
    const f = (t: number) => t * (1 + t * 1e-4) ** 5000;
    const h = 1e-3;
    const numeric = (f(1 + h) - 2 * f(1) + f(1 - h)) / h ** 2;
    close(grad((t: Tensor) => grad(short)(t))(f64(1)), numeric, 1e-5);
  });

  it('visit each node once, however many paths lead to it', () => {
    let y = f64(1);
    const f = (t: Tensor): Tensor => {
      y = t;
      for (let i = 0; i < 200; i++) y = mul(add(y, y), 0.5); // 2^200 paths
      return y;
    };
    close(grad(f)(f64(1)), 1);
  });
});
