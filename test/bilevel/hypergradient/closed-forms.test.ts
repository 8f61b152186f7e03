import fc from 'fast-check';
import { add, dot, gate, grad, hvp, jvp, matmul, mean, mixedProduct, mul, square, sub, sum, tanh } from 'bigrad';
import { batchNorm, conv2d, exp, type Tensor } from 'bigrad';
import { hypergradient, unroll } from 'bigrad/bilevel';
import { f64, list, number, tensors, value, wave } from '../../support/numbers.js';
import { identity, inverse, plus, power, product, times, transposed, type Matrix } from './matrix.js';
import { near, values } from '../../support/close.js';

const half = (x: Tensor): Tensor => mul(sum(square(x)), 0.5);
const matrix = (rows: number, columns: number): fc.Arbitrary<Matrix> =>
  fc.array(list(columns, number(-1, 1)), { minLength: rows, maxLength: rows });
const steps = (p: number): { lower: undefined[]; upper: undefined } => ({
  lower: new Array<undefined>(p).fill(undefined),
  upper: undefined,
});

describe('the hypergradient in closed form', () => {
  it('is that of the scalar problem l = a (m theta - b)^2 / 2, u = (theta m mt - t)^2 / 2', () => {
    fc.assert(
      fc.property(list(6), fc.integer({ min: 1, max: 5 }), ([theta, m, mt, a, b, t], p) => {
        const lr = 0.1;
        // Forward over the steps: d l/d theta = a m (m theta - b), whose derivative in m is a (2 m
        // theta - b).
        let [w, dw] = [theta!, 0];
        for (let i = 0; i < p; i++)
          [w, dw] = [w - lr * a! * m! * (m! * w - b!), dw - lr * (a! * m! * m! * dw + a! * (2 * m! * w - b!))];
        const r = w * m! * mt! - t!;
        const got = hypergradient({
          lower: (x: Tensor, ms: Tensor) => [mul(half(sub(mul(ms, x), b!)), a!), null],
          upper: (x: Tensor, masks: { ms: Tensor; mt: Tensor }) => [
            half(sub(mul(mul(x, masks.ms), masks.mt), t!)),
            null,
          ],
          learningRate: lr,
        })(f64(theta!), { ms: f64(m!), mt: f64(mt!) }, steps(p));
        near(got.theta, w);
        near(got.value, (r * r) / 2);
        near(got.dTheta, r * m! * mt!);
        near(got.dMs, r * (w * mt! + m! * mt! * dw), 1e-10);
        near(got.dMt, r * w * m!);
      }),
    );
    const l = (x: Tensor, m: Tensor): Tensor => mul(half(sub(mul(m, x), 3)), 2);
    near(mixedProduct(l, f64(5), f64(7), f64(1)), 2 * (2 * 7 * 5 - 3));
  });

  // l = theta' H theta / 2 - (b + C m)' theta, u = |theta - t|^2 / 2
  interface Quadratic {
    H: Matrix;
    C: Matrix;
    b: number[];
    theta: number[];
    m: number[];
    t: number[];
  }
  const quadratics: fc.Arbitrary<Quadratic> = fc.record({
    H: matrix(3, 3).map((a) => plus(product(a, transposed(a)), identity(3), 0.5)),
    C: matrix(3, 2),
    b: list(3),
    theta: list(3),
    m: list(2),
    t: list(3),
  });
  const solveQuadratic = ({ H, C, b, theta, m, t }: Quadratic, p: number, learningRate: number) =>
    hypergradient({
      lower: (x: Tensor, ms: Tensor) => [
        sub(mul(dot(x, matmul(f64(H), x)), 0.5), dot(add(f64(b), matmul(f64(C), ms)), x)),
        null,
      ],
      upper: (x: Tensor, _: { ms: Tensor; mt: Tensor }) => [half(sub(x, f64(t))), null],
      learningRate,
    })(f64(theta), { ms: f64(m), mt: f64(0) }, steps(p));

  it("of a quadratic is C' [H^-1 (I - (I - lr H)^p)]' (theta_p - t), and lr C' (theta_1 - t) for one step", () => {
    fc.assert(
      fc.property(quadratics, fc.integer({ min: 1, max: 12 }), (problem, p) => {
        const { H, C, b, m, theta, t } = problem;
        const lr = 0.15;
        const E = plus(identity(3), H, -lr);
        const G = product(inverse(H), plus(identity(3), power(E, p), -1));
        const forcing = times(C, m).map((x, i) => x + b[i]!);
        const end = times(power(E, p), theta).map((x, i) => x + times(G, forcing)[i]!);
        const error = end.map((x, i) => x - t[i]!);
        const got = solveQuadratic(problem, p, lr);
        near(got.theta, end, 1e-10);
        near(got.dTheta, error, 1e-10);
        near(got.dMs, times(transposed(C), times(transposed(G), error)), 1e-10);
        if (p === 1)
          near(
            got.dMs,
            times(transposed(C), error).map((x) => lr * x),
          );
      }),
      { numRuns: 60 },
    );
  });

  it("of a quadratic tends to the implicit C' H^-1 (theta* - t) like (1 - lr mu)^p", () => {
    const lr = 0.2;
    fc.assert(
      fc.property(number(0.2, 1), list(2, number(1, 2)), list(2, number(2, 4)), (mu, m, t) => {
        // Eigenvalues mu and 4: the fast one is gone after 40 steps, and mu alone sets the rate.
        const problem = {
          H: [
            [mu, 0],
            [0, 4],
          ],
          C: identity(2),
          b: [0, 0],
          theta: [0, 0],
          m,
          t,
        };
        const limit = [(m[0]! / mu - t[0]!) / mu, (m[1]! / 4 - t[1]!) / 4];
        const error = (p: number): number => values(solveQuadratic(problem, p, lr).dMs)[0]! - limit[0]!;
        const rate = 1 - lr * mu;
        // err = -(rate^p / mu) (theta_p - t + m / mu) with theta_p = (1 - rate^p) m / mu
        for (const p of [5, 20, 40])
          near(error(p), (-(rate ** p) / mu) * ((2 - rate ** p) * (m[0]! / mu) - t[0]!), 1e-9);
        near(solveQuadratic(problem, 40, lr).dMs.readSync()[1]!, limit[1]!, 1e-12);
      }),
      { numRuns: 20 },
    );
    const far = { H: [[1]], C: [[2]], b: [1], theta: [5], m: [3], t: [4] };
    near(solveQuadratic(far, 200, lr).dMs, 2 * (1 + 2 * 3 - 4), 1e-10);
  });
});

describe('the mixed product', () => {
  const [n, d, eps] = [6, 4, 0.3];
  const g = (m: number): number => (m * m) / (m * m + eps);
  const slope = (m: number): number => (2 * m * eps) / (m * m + eps) ** 2;

  it("of gated least squares is [diag(g) S diag(theta g') + diag(g' r)]' v", () => {
    fc.assert(
      fc.property(matrix(n, d), list(n), list(d), list(d), list(d), (X, y, theta, m, v) => {
        const S = product(transposed(X), X).map((row) => row.map((x) => x / n));
        const w = theta.map((x, i) => x * g(m[i]!));
        const r = times(S, w).map((x, i) => x - times(transposed(X), y)[i]! / n);
        const M = S.map((row, i) =>
          row.map((s, j) => g(m[i]!) * s * theta[j]! * slope(m[j]!) + (i === j ? slope(m[i]!) * r[i]! : 0)),
        );
        const loss = (x: Tensor, ms: Tensor): Tensor =>
          mul(mean(square(sub(matmul(f64(X), mul(gate(ms, eps), x)), f64(y)))), 0.5);
        near(mixedProduct(loss, f64(theta), f64(m), f64(v)), times(transposed(M), v), 1e-11);

        // One lower step: h = d u/d ms - lr M' a, with u = <c, theta_1> so that a = c and d u/d ms
        // = 0.
        const got = hypergradient({
          lower: (x: Tensor, ms: Tensor) => [loss(x, ms), null],
          upper: (x: Tensor, _: { ms: Tensor; mt: Tensor }) => [dot(x, f64(v)), null],
          learningRate: 0.25,
        })(f64(theta), { ms: f64(m), mt: f64(1) }, steps(1));
        const h = times(transposed(M), v).map((x) => -0.25 * x);
        near(got.dMs, h, 1e-11);
        near(got.stats.norms.mixed, Math.hypot(...h), 1e-11);
      }),
    );
  });

  it("equals the gate shortcut theta g'(m) H_w (g v) + g'(m) dL/dw v for any loss of w = g(m) theta", () => {
    fc.assert(
      fc.property(tensors([d]), tensors([d]), tensors([d]), (theta, m, v) => {
        const X = wave([n, d]);
        const L = (w: Tensor): Tensor => add(sum(tanh(matmul(X, w))), sum(square(square(w))));
        const [gm, gm1] = [values(m).map(g), values(m).map(slope)].map(f64) as [Tensor, Tensor];
        const w = mul(gm, theta);
        near(
          mixedProduct((x: Tensor, y: Tensor) => L(mul(gate(y, eps), x)), theta, m, v),
          add(mul(mul(theta, gm1), hvp(L, w, mul(gm, v))), mul(mul(gm1, grad(L)(w)), v)),
          1e-10,
        );
      }),
    );
  });
});

describe('ridge regression with penalty e^m |theta|^2 / 2', () => {
  const [X, y] = [wave([5, 3]), wave([5], 4)];
  const rows = Array.from({ length: 5 }, (_, i) => values(X).slice(3 * i, 3 * i + 3));
  const loss = (theta: Tensor, m: Tensor): Tensor => add(half(sub(matmul(X, theta), y)), mul(exp(m), half(theta)));
  const solve = (m: number) => {
    const A = inverse(plus(product(transposed(rows), rows), identity(3), Math.exp(m)));
    const theta = times(A, times(transposed(rows), values(y)));
    return { theta, slope: times(A, theta).map((x) => -Math.exp(m) * x) };
  };

  it("has d theta*/dm = -e^m (X'X + e^m I)^-1 theta*, reached by unrolling to convergence", () => {
    const m = -0.4;
    const descend = (at: Tensor): Tensor =>
      unroll((theta) => sub(theta, mul(grad(loss)(theta, at), 0.3)), f64([0, 0, 0]), 250);
    const expected = solve(m);
    near(descend(f64(m)), expected.theta, 1e-11);
    near(jvp(descend, f64(m), f64(1))[1], expected.slope, 1e-10);
    const c = f64([1, -2, 0.5]);
    const along = expected.slope[0]! - 2 * expected.slope[1]! + 0.5 * expected.slope[2]!;
    near(grad((at: Tensor) => dot(descend(at), c))(f64(m)), along, 1e-10);
    const got = hypergradient({
      lower: (theta: Tensor, ms: Tensor) => [loss(theta, ms), null],
      upper: (theta: Tensor, _: { ms: Tensor; mt: Tensor }) => [dot(theta, c), null],
      learningRate: 0.3,
    })(f64([0, 0, 0]), { ms: f64(m), mt: f64(0) }, steps(250));
    near(got.dMs, along, 1e-10);
  });
});

describe('weights before a batch norm with eps = 0', () => {
  const x = wave([3, 2, 5, 4]);
  const features = (theta: Tensor): Tensor => conv2d(x, theta, { padding: 1 });
  const layers: [string, number[], (theta: Tensor) => Tensor][] = [
    ['convolution', [3, 2, 3, 3], features],
    ['linear layer', [7, 3], (theta) => matmul(wave([6, 7]), theta)],
  ];
  for (const [name, shape, layer] of layers)
    it(`of a ${name} have <dL/dtheta, theta> = 0 and H theta = -dL/dtheta`, () => {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 100 }), list(3, number(0.5, 2)), list(3), (start, scale, shift) => {
          const theta = wave(shape, start);
          const L = (w: Tensor): Tensor => {
            const y = tanh(batchNorm(layer(w), f64(scale), f64(shift), { eps: 0 }));
            return sum(mul(y, wave(y.shape, 2)));
          };
          const g = grad(L)(theta);
          const size = Math.sqrt(value(dot(g, g)) * value(dot(theta, theta)));
          near(value(dot(g, theta)) / size, 0, 1e-11);
          near(hvp(L, theta, theta), mul(g, -1), 1e-9);
          near(L(mul(theta, 3)), L(theta), 1e-11);
        }),
        { numRuns: 15 },
      );
    });
});
