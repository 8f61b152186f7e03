import assert from 'node:assert/strict';
import {
  conv2d,
  cos,
  flip,
  mul,
  reshape,
  sin,
  square,
  stopGradient,
  sum,
  tanh,
  tensor,
  transpose,
  zerosLike,
  type Padding,
  type Tensor,
} from 'bigrad';
import { checkGrads } from 'bigrad/testing';
import { defineOp, type One, type Op, type Two } from '../../src/core/op.js';
import { caught, planted, x } from '../support/caught.js';
import { f64 } from '../support/numbers.js';

describe('checkGrads', () => {
  it('accepts right rules, of any order', () => {
    checkGrads(
      planted('sin', Math.sin, (g, a) => mul(g, cos(a))),
      [x],
      { order: 4 },
    );
    checkGrads((a: Tensor, b: Tensor) => mul(tanh(a), square(b)), [x, f64([1, 2, 3])], { order: 3 });
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
