import assert from 'node:assert/strict';
import fc from 'fast-check';
import { add, eye, matmul, maximum, mul, norm, square, sub, sum, transpose, type Tensor } from 'bigrad';
import { byCg, byQr, levenbergMarquardt, type Damping } from '../../src/minimize/levenberg-marquardt.js';
import {
  linearizedBy,
  residualsOf,
  type Guess,
  type ResidualPoint,
  type Residuals,
} from '../../src/minimize/residuals.js';
import { times } from '../implicit/matrices.js';
import { near as close } from '../support/close.js';
import { double, f64, tensors, value } from '../support/numbers.js';
import { placed } from './problems.js';

describe('the damped steps of levenbergMarquardt', () => {
  it('solve (J J + lambda S^2) p = - J r, by qr and by cg', () => {
    fc.assert(
      fc.property(tensors([4, 2]), tensors([4]), fc.constantFrom(0.1, 1), (a, b, lambda) => {
        const near = (x: Tensor) => linearizedBy('test', (v: Tensor) => sub(times(a)(v), b), x);
        const from = (residualsOf('test', near, f64([1, 2]), { plans: false, checked: true }) as Residuals).start;
        fc.pre(from.size > 0.1);
        const left = (p: Tensor, s: Tensor): number => {
          const damped = add(matmul(transpose(a), a), mul(mul(eye(2, double), square(s)), lambda));
          return value(norm(add(times(damped)(p), times(transpose(a))(from.residuals)))) / from.size;
        };
        // Of qr S is the largest norm that a column has had.
        const before = f64([0.5, 3]);
        const { solve, scale } = byQr(from, before);
        close(scale, maximum(before, norm(transpose(a), 1)));
        assert.ok(left(solve(lambda)!, scale!) < 1e-9);
        const unit = value(norm(times(a)(from.gradient))) / from.size;
        assert.ok(left(byCg(50)(from, undefined).solve(lambda)!, f64([unit, unit])) < 1.01e-3);
      }),
      { numRuns: 10 },
    );
  });
});

describe('a step of levenbergMarquardt', () => {
  // The value is 10, the slope -8 and J'J 4. Damped by 1 a step promises 7.68, and undamped 8.
  const from: ResidualPoint = {
    ...placed(10, -8),
    residuals: f64([-4]),
    push: (v) => mul(v, 2),
    pull: (u) => mul(u, 2),
    transposed: () => f64([[2]]),
  };
  const solve = (lambda: number): Tensor => f64([8 / (4 + lambda)]);
  /** The step where values fall by a part of what is promised, and the dampings that it tries. */
  const stepWith = (
    { lambda = 1, part = 1, tolerance = 1e-3, accepted = {} }: Record<string, unknown> & Partial<Damping>,
    model: (lambda: number) => Tensor | undefined = solve,
  ) => {
    const tried: number[] = [];
    const at = (x: Tensor): Guess => {
      const p = value(sum(x));
      const own = typeof part === 'function' ? Number(part(tried.length)) : Number(part);
      const reached = 10 - own * (8 * p - 2 * p * p);
      return { value: reached, accept: () => ({ ...from, value: reached, ...(accepted as object) }) };
    };
    const solver = () => ({ solve: (l: number) => (tried.push(l), model(l)) });
    const { step } = levenbergMarquardt(at, solver, { damping: 1, tolerance: Number(tolerance) });
    return { next: step(from, { lambda }), tried };
  };
  const nextOf = (options: Parameters<typeof stepWith>[0]) => {
    const { next } = stepWith(options);
    assert.ok(typeof next !== 'string');
    return next;
  };

  it('damps the next one by how much of the promised reduction there is', () => {
    for (const [part, lambda] of [
      [1, 1 / 3],
      [0.9, 1 - 0.8 ** 3],
      [0.5, 1],
      [0.25, 1.125],
    ] as const)
      close(nextOf({ part }).state.lambda, lambda, 1e-9);
    close(nextOf({ part: 1, lambda: 6 }).state.lambda, 2, 1e-9);
  });

  it('is damped more until it is good, and is none in the end', () => {
    const later = (calls: number) => (calls < 4 ? 0 : 1);
    close(stepWith({ part: later }).tried, [1, 2, 8, 64]);
    close(stepWith({ part: later, lambda: 0 }).tried, [0, 1e-3, 4e-3, 3.2e-2]);
    const none = stepWith({ accepted: { size: NaN } });
    assert.equal(none.next, 'no descent');
    assert.ok(none.tried.at(-1)! <= 1e20 && none.tried.length > 5);
    // Where there is no solution, and where it leads up.
    assert.deepEqual(stepWith({}, (l) => (l < 8 ? undefined : solve(l))).tried, [1, 2, 8]);
    assert.deepEqual(stepWith({}, (l) => (l < 8 ? f64([-1]) : solve(l))).tried, [1, 2, 8]);
  });

  it('is the last one where next to nothing is left, without damping too', () => {
    const reason = (part: number): string | undefined => nextOf({ tolerance: Math.sqrt(part) }).reason;
    assert.deepEqual([0.9, 0.81, 0.79, 0.5].map(reason), ['reduction', 'reduction', undefined, undefined]);
  });

  it('hands the units of the parameters on', () => {
    const given: unknown[] = [];
    const [before, after] = [f64([3]), f64([4])];
    const at = (): Guess => ({ value: 1, accept: () => ({ ...from, value: 1 }) });
    const solver = (_: ResidualPoint, scale?: Tensor) => (given.push(scale), { solve, scale: after });
    const next = levenbergMarquardt(at, solver, { damping: 1, tolerance: 1e-3 }).step(from, {
      lambda: 1,
      scale: before,
    });
    assert.ok(typeof next !== 'string');
    assert.deepEqual([given[0] === before, next.state.scale === after], [true, true]);
    assert.ok(!('scale' in nextOf({}).state));
  });
});
