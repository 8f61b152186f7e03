import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  add,
  conv2d,
  cos,
  customVjp,
  div,
  flip,
  log,
  mul,
  pow,
  reshape,
  sin,
  slice,
  sqrt,
  square,
  stopGradient,
  sub,
  sum,
  tanh,
  tensor,
  transpose,
  zerosLike,
  type Padding,
  type Tensor,
} from 'bigrad';
import { checkGrads, GradientError } from 'bigrad/testing';
import { defineMultiOp, defineOp, type One, type Op, type SimpleOp, type Two } from '../../src/core/op.js';

const double = { dtype: 'float64' } as const;
/** The elements as they lie in memory. */
const storedFirst = (a: Tensor): Iterable<number> => (a.storage as { data: Float64Array }).data;
const f64 = (data: number[] | number[][]): Tensor => tensor(data, { dtype: 'float64' });
const x = f64([0.4, -0.7, 1.1]);

type Rule = (g: Tensor, x: Tensor, out: Tensor) => Tensor;

/** An op of one input with a rule that may be wrong. */
function planted(name: string, f: (x: number) => number, rule: Rule): (x: Tensor) => Tensor {
  const op: Op<One, null> = defineOp<One, null>({
    name,
    shape: ([s]) => s,
    ref: (out, [a]) => {
      a.data.forEach((v, i) => {
        out.data[i] = f(v);
      });
    },
    vjp: [(g, [a], _, out) => rule(g, a, out)],
  });
  return (a) => op([a], null);
}

/** The error that checkGrads must throw. */
function caught(name: string, f: (...xs: Tensor[]) => unknown, args: Tensor[] = [x], options = {}): GradientError {
  let error: unknown;
  try {
    checkGrads(f, args, { name, shrink: false, ...options });
  } catch (e) {
    error = e;
  }
  assert.ok(error instanceof GradientError, `expected a GradientError, got ${String(error)}`);
  assert.equal(error.op, name);
  return error;
}

describe('checkGrads', () => {
  it('accepts right rules, of any order', () => {
    checkGrads(
      planted('sin', Math.sin, (g, a) => mul(g, cos(a))),
      [x],
      { order: 4 },
    );
    checkGrads((a: Tensor, b: Tensor) => mul(tanh(a), square(b)), [x, f64([1, 2, 3])], { order: 3 });
  });

  describe('takes the error of the differences into account:', () => {
    // Functions whose higher derivatives are large, and points within their domains.
    const steep: [string, (v: Tensor) => Tensor, number, number][] = [
      ['log', log, 0.02, 0.2],
      ['sqrt', sqrt, 0.02, 0.2],
      ['1/x', (v) => div(1, v), 0.05, 0.2],
      ['x^-2', (v) => pow(v, -2), -0.2, -0.05],
      ['sin(200 x)', (v) => sin(mul(v, 200)), 0.1, 3],
    ];
    const points = (from: number, to: number) =>
      fc.array(fc.double({ min: from, max: to, noNaN: true }), { minLength: 1, maxLength: 2 }).map(f64);
    const some = { numRuns: 8 };

    for (const [name, f, from, to] of steep) {
      it(`${name} is not blamed`, () => {
        fc.assert(
          fc.property(points(from, to), (at) => {
            checkGrads(f, [at]);
          }),
          some,
        );
      });

      it(`${name} with a rule that is wrong by 1e-3 is`, () => {
        const slope = (v: Tensor): Tensor => div(sub(f(add(v, 1e-5)), f(sub(v, 1e-5))), 2e-5);
        const wrong = customVjp(f, (g: Tensor, v) => mul(g, mul(slope(v), 1.001)));
        fc.assert(
          fc.property(points(from, to), (at) => {
            fc.pre(
              slope(at)
                .readSync()
                .every((s) => Math.abs(s) > 0.1),
            );
            const error = caught(name, wrong, [at], { shrink: true });
            const ratio = error.analytic / error.numeric;
            assert.ok(error.order === 1 && Math.abs(ratio - 1.001) < 1e-4, error.message);
            const [smaller] = error.args as [Tensor];
            assert.ok(smaller.readSync().every((v) => Math.sign(v) === Math.sign(from)));
          }),
          some,
        );
      });
    }

    it('a mistake that is smaller than the error of differences that do not settle is', () => {
      const rough = (v: Tensor) => add(v, mul(sin(mul(v, 1e9)), 1e-5));
      const wrong = customVjp(rough, (g: Tensor) => mul(g, 1.005));
      const { analytic, numeric } = caught('rough', wrong, [f64([-0.7])], { order: 1 });
      assert.ok(Math.abs(numeric / analytic - 1) > 1e-4);
    });

    it('a kink, where differences agree with each other and not with the rule, is', () => {
      const error = caught('kink', (v) => sqrt(square(v)), [f64([0])], { order: 1 });
      assert.ok(Number.isNaN(error.analytic) && error.numeric === 0);
    });
  });

  it('catches a wrong sign, and says where and by how much', () => {
    const error = caught(
      'cos',
      planted('cos', Math.cos, (g, a) => mul(g, sin(a))),
    );
    assert.equal(error.order, 1);
    assert.equal(error.input, 'argument 0');
    assert.deepEqual(error.index, [0]);
    assert.ok(Math.abs(error.analytic + error.numeric) < 1e-8 && error.analytic !== 0);
    assert.equal(
      error.message,
      `cos: derivative of order 1 in argument 0[0]: expected ${error.numeric} (differences), got ${error.analytic} (rules)`,
    );
  });

  it('catches a factor that is missing at one element only, and names the element', () => {
    const once = (a: Tensor): Tensor =>
      mul(
        a,
        tensor(
          [
            [2, 2, 2],
            [2, 2, 1],
          ],
          { dtype: 'float64' },
        ),
      );
    const op = planted(
      'square',
      (v) => v * v,
      (g, a) => mul(g, once(a)),
    );
    const error = caught('square', op, [
      f64([
        [1, 2, 3],
        [4, 5, 6],
      ]),
    ]);
    assert.deepEqual(error.index, [1, 2]);
    assert.ok(Math.abs(error.numeric / error.analytic - 2) < 1e-8);
  });

  it('catches a transpose that is missing', () => {
    const op: Op<One, null> = defineOp<One, null>({
      name: 'turn',
      shape: ([[m, n]]) => [n!, m!],
      ref: (out, [a]) => {
        const [m, n] = a.shape as [number, number];
        for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) out.data[j * m + i] = a.data[i * n + j]!;
      },
      vjp: [(g, [a]) => reshape(g, a.shape)],
    });
    const turn = (a: Tensor): Tensor => op([a], null);
    assert.equal(
      caught('turn', turn, [
        f64([
          [1, 2, 3],
          [4, 5, 6],
        ]),
      ]).order,
      1,
    );
    checkGrads((a: Tensor) => transpose(a), [f64([[1, 2, 3]])]);
  });

  it('catches a convolution whose rule forgets the padding', () => {
    const geometry = { x: [1, 1, 4, 4], w: [1, 1, 3, 3] };
    const image = reshape(f64(Array.from({ length: 16 }, (_, i) => Math.sin(i))), geometry.x);
    const filter = reshape(f64(Array.from({ length: 9 }, (_, i) => Math.cos(i))), geometry.w);
    const op: Op<Two, null> = defineOp<Two, null>({
      name: 'conv',
      shape: ([a]) => a,
      ref: (out, [a, w]) => {
        for (let p = 0; p < 4; p++)
          for (let q = 0; q < 4; q++)
            for (let i = 0; i < 3; i++)
              for (let j = 0; j < 3; j++) {
                const [u, v] = [p + i - 1, q + j - 1];
                if (u >= 0 && u < 4 && v >= 0 && v < 4) out.data[p * 4 + q]! += a.data[u * 4 + v]! * w.data[i * 3 + j]!;
              }
      },
      vjp: [
        (g, [, w]) => conv2d(g, flip(w, [2, 3]), { padding: 1 }),
        (g, [a]) => conv2d(a, g, { padding: forgetful }), // should be 1 on every side
      ],
    });
    const forgetful: Padding = [
      [0, 2],
      [0, 2],
    ];
    const error = caught('conv', (a, w) => op([a, w], null), [image, filter]);
    assert.equal(error.input, 'argument 1');
    checkGrads((a: Tensor, w: Tensor) => conv2d(a, w, { padding: 1 }), [image, filter]);
  });

  it('catches a rule whose value is right and whose derivative is not, at the second order', () => {
    const frozen = planted('sin', Math.sin, (g, a) => mul(g, cos(stopGradient(a))));
    checkGrads(frozen, [x], { order: 1 });
    const error = caught('sin', frozen);
    assert.equal(error.order, 2);
    assert.equal(error.input, 'argument 0');
    assert.ok(error.analytic !== error.numeric);
  });

  it('catches a pullback that is not linear in its cotangent', () => {
    const bent = planted('sin', Math.sin, (g, a) => mul(square(g), cos(a)));
    assert.equal(caught('sin', bent).order, 1);
  });

  it('catches a rule that is wrong only as a function of its cotangent', () => {
    const cut = planted('sin', Math.sin, (g, a) => mul(stopGradient(g), cos(a)));
    const error = caught('sin', cut, [x], { order: 1 });
    assert.deepEqual([error.order, error.against], [1, 'jvp']); // which is the derivative of the pullback
  });

  it('catches a rule that gives NaN, and one that gives nothing', () => {
    assert.ok(
      Number.isNaN(
        caught(
          'sin',
          planted('sin', Math.sin, (g) => mul(g, NaN)),
        ).analytic,
      ),
    );
    assert.equal(
      caught(
        'sin',
        planted('sin', Math.sin, (g) => zerosLike(g)),
      ).analytic,
      0,
    );
  });

  it('catches a wrong rule in a leaf too large to go through by element, and in the one leaf of a tree', () => {
    const wrong = planted('cos', Math.cos, (g, a) => mul(g, sin(a)));
    const large = f64(Array.from({ length: 50 }, (_, i) => i / 10));
    const error = caught('cos', wrong, [large]);
    assert.equal(error.index, null);
    assert.match(error.message, /argument 0 along a random direction/);
    assert.throws(
      () => {
        checkGrads((p: { a: Tensor; b: Tensor[] }) => [sum(p.a), wrong(p.b[0]!)], [{ a: x, b: [x] }]);
      },
      { name: 'GradientError', input: 'argument 0.b.0' },
    );
  });

  it('holds integer arguments fixed and ignores integer results', () => {
    const picks = tensor([1, 0], { dtype: 'int32' });
    checkGrads((a: Tensor, i: Tensor) => ({ y: square(a), i }), [x, picks]);
  });

  describe('computes a gradient in other ways, and catches', () => {
    const plain = (v: Tensor) => mul(v, 2);
    const against = (f: (...xs: Tensor[]) => unknown, options = {}, args = [x]) => {
      const { against: what, order } = caught('f', f, args, { order: 1, ...options });
      return [what, order];
    };

    it('a function that is another at the next call', () => {
      let calls = 0;
      const drifting = planted(
        'f',
        (v) => v,
        (g) => mul(g, 1 + 1e-9 * calls++),
      );
      assert.deepEqual(against(drifting, { elements: 0, tolerance: 1e-3 }), ['a second call', 1]);
    });

    it('a value that is another inside of a transform', () => {
      const open = (v: Tensor) => (v.node ? mul(v, 1 + 1e-9) : v);
      assert.deepEqual(against(open), ['outside of grad', 0]);
    });

    it('a rule that takes its input for contiguous', () => {
      const raw = (a: Tensor): Tensor => reshape(tensor([...storedFirst(a)], double), a.shape);
      const op = planted(
        'f',
        (v) => v * v,
        (g, a) => mul(g, mul(raw(a), 2)),
      );
      assert.deepEqual(against(op), ['at views that are not contiguous', 1]);
    });

    it('a rule for all cotangents that fails where one is absent', () => {
      const op = defineMultiOp<One, null>({
        name: 'both',
        infer: ([a]) => [a, a],
        ref: ([up, down], [a]) => {
          a.data.forEach((v, k) => ([up!.data[k], down!.data[k]] = [2 * v, 3 * v]));
        },
        vjp: [([g, h]) => (g && h ? add(mul(g, 2), mul(h, 3)) : mul((g ?? h)!, 2))],
      });
      const both = (a: Tensor) => op([a], null);
      assert.deepEqual(against(both), ['differences', 1]);
    });

    it('what compile makes of it', () => {
      const traced = (v: Tensor) => (v.device.adopt ? mul(v, 3) : mul(v, 2));
      checkGrads(traced, [x]);
      assert.deepEqual(against(traced, { compile: true }), ['inside compile', 1]);
      checkGrads(plain, [x], { compile: true });
    });

    it('what vmap makes of it', () => {
      const scaled = (batch: SimpleOp<Two, null>['batch']) => {
        const op: Op<Two, null> = defineOp<Two, null>({
          name: 'scaled',
          shape: ([s]) => s,
          ref: (out, [a, b]) => {
            a.data.forEach((v, i) => (out.data[i] = v * b.data[0]!));
          },
          batch,
          vjp: [(g, [, b]) => mul(g, b), (g, [a]) => sum(mul(g, a))],
        });
        return (a: Tensor, b: Tensor) => op([a, b], null);
      };
      /** Numbers of examples, one for each row. */
      const beside = (b: Tensor) => reshape(b, [...b.shape, 1]);
      const right = scaled(({ ins: [a, b], batched: [, own], all }) => [mul(own ? all()[0] : a, own ? beside(b) : b)]);
      const first = scaled(({ all }) => [mul(all()[0], slice(all()[1], [0], [1]))]);
      const shared = scaled(({ ins: [a, b], batched: [rows] }) => [mul(a, rows ? beside(b) : beside(mul(b, 2)))]);
      const args: [Tensor, Tensor] = [x, tensor(3, double)];
      checkGrads(right, args, { compile: true, vmap: true });
      for (const wrong of [first, shared]) {
        checkGrads(wrong, args, { compile: true });
        const { against: what, order } = caught('f', wrong, args, { vmap: true });
        assert.deepEqual([what, order], ['inside vmap', 1]);
      }
    });

    it('what float32 makes of it', () => {
      const single = (v: Tensor) => mul(v, v.dtype === 'float32' ? 2.1 : 2);
      checkGrads(single, [x]);
      assert.deepEqual(against(single, { float32: 1e-3 }), ['in float32', 1]);
      checkGrads((v: Tensor) => tanh(v), [x], { float32: 1e-4 });
    });

    it('a wrong rule along one direction, with fast', () => {
      const wrong = planted('f', Math.sin, (g, a) => mul(g, sin(a)));
      const error = caught('f', wrong, [x], { fast: true });
      assert.match(error.message, /in all inputs along a random direction: expected/);
      let calls = 0;
      const counted = (v: Tensor) => (calls++, tanh(v));
      const large = tensor(
        Array.from({ length: 30 }, (_, i) => i / 30),
        double,
      );
      checkGrads(counted, [large], { order: 1, fast: true });
      assert.ok(calls < 16, `${calls} calls`);
    });
  });

  it('reports the smallest arguments that it finds', () => {
    const wrong = planted('cos', Math.cos, (g, a) => mul(g, sin(a)));
    const given = reshape(f64(Array.from({ length: 12 }, (_, i) => 0.31 + i / 7)), [3, 4]);
    const error = caught('cos', wrong, [given], { shrink: true });
    assert.deepEqual((error.args as Tensor[])[0]!.shape, [1, 1]);
    assert.match(error.message, /, got .* \(rules\) at \(float64\[1,1\] on cpu \[\[\d\.\d\]\]\)$/);
    // What f does not take smaller stays.
    const fixed = (a: Tensor) => mul(wrong(a), f64([1, 2, 3]));
    assert.deepEqual((caught('f', fixed, [x], { shrink: true }).args as Tensor[])[0]!.shape.length, 1);
  });

  it('reports arguments where numbers differ, although both are NaN or infinite at smaller ones', () => {
    const wrong = customVjp(sqrt, (g: Tensor, _, y) => mul(g, div(0.6, y)));
    const error = caught('sqrt', wrong, [f64([[0.023, 0.04]])], { shrink: true });
    assert.deepEqual([error.args, Math.round((1e3 * error.analytic) / error.numeric)], [[f64([[0.02]])], 1200]);
    // The half of the axis that is kept first has no differences.
    const shifted = (a: Tensor) => wrong(sub(a, tensor([[0.1, 0]], double)));
    const whole = caught('sqrt', shifted, [f64([[0.4, 0.3]])], { shrink: true });
    assert.ok(Number.isFinite(whole.numeric) && Number.isFinite(whole.analytic), whole.message);
  });

  const refused: [string, () => void, RegExp][] = [
    [
      'float32 arguments',
      () => {
        checkGrads(tanh, [tensor([1])]);
      },
      /^checkGrads: expected float64 .* got float32 \[1\]/,
    ],
    [
      'no tensors',
      () => {
        checkGrads((_: number) => x, [3]);
      },
      /^checkGrads: expected at least one float64 tensor/,
    ],
    [
      'a function of nothing',
      () => {
        checkGrads((_: Tensor) => 3, [x]);
      },
      /^checkGrads: expected f to return tensors, got the number 3/,
    ],
    [
      'integer results',
      () => {
        checkGrads((_: Tensor) => tensor([1], { dtype: 'int32' }), [x]);
      },
      /^checkGrads: .* got int32/,
    ],
    [
      'order 0',
      () => {
        checkGrads(tanh, [x], { order: 0 });
      },
      /^checkGrads: expected order to be a positive integer, got 0/,
    ],
    [
      'tolerance 0',
      () => {
        checkGrads(tanh, [x], { tolerance: 0 });
      },
      /^checkGrads: expected tolerance above 0, got 0/,
    ],
    [
      'no function',
      () => {
        checkGrads(undefined as never, [x]);
      },
      /^checkGrads: expected a function, got undefined/,
    ],
    [
      'bare arguments',
      () => {
        checkGrads(tanh, x as never);
      },
      /^checkGrads: expected arguments as a list, got a Tensor/,
    ],
  ];
  for (const [what, call, message] of refused)
    it(`refuses ${what}`, () => {
      assert.throws(call, { message });
    });
});
