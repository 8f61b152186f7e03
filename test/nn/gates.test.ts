import assert from 'node:assert/strict';
import fc from 'fast-check';
import { cast, grad, reference, sum, tensor, type Tensor } from 'bigrad';
import { sigmoidGate, smoothL0 } from 'bigrad/nn';
import { checkGrads } from 'bigrad/testing';
import { f64, value } from '../support/numbers.js';
import { kindFor, refuses } from '../support/refuses.js';
import { near, values } from '../support/close.js';

const epsilons = fc.double({ min: 1e-12, max: 10, noNaN: true });
const masks = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const gateAt = (m: number, eps: number): number => value(smoothL0(eps)(f64(m)));

describe('smoothL0', () => {
  it('is m^2 / (m^2 + eps), from 0 to 1', () => {
    fc.assert(
      fc.property(masks, epsilons, (m, eps) => {
        const g = gateAt(m, eps);
        near(g, (m * m) / (m * m + eps), 1e-14);
        assert.ok(g >= 0 && g <= 1);
      }),
    );
  });

  it('is even, and does not decrease in |m|', () => {
    fc.assert(
      fc.property(masks, masks, epsilons, (a, b, eps) => {
        assert.equal(gateAt(-a, eps), gateAt(a, eps));
        const [small, large] = [a, b].map(Math.abs).sort((x, y) => x - y) as [number, number];
        assert.ok(gateAt(small, eps) <= gateAt(large, eps));
      }),
    );
  });

  it('is 0 at 0 alone, with no slope there, and 1/2 at sqrt(eps)', () => {
    fc.assert(
      fc.property(epsilons, (eps) => {
        assert.equal(gateAt(0, eps), 0);
        assert.ok(gateAt(1e-9, eps) > 0);
        near(gateAt(Math.sqrt(eps), eps), 0.5);
        near(gateAt(-Math.sqrt(eps), eps), 0.5);
        assert.equal(value(grad((m: Tensor) => smoothL0(eps)(m))(f64(0))), 0);
      }),
    );
  });

  it('has its steepest slope, (3 sqrt 3 / 8) / sqrt(eps), at sqrt(eps / 3)', () => {
    fc.assert(
      fc.property(epsilons, fc.double({ min: -3, max: 3, noNaN: true }), (eps, factor) => {
        const slope = (m: number): number => value(grad((x: Tensor) => smoothL0(eps)(x))(f64(m))) * Math.sqrt(eps);
        const top = (3 * Math.sqrt(3)) / 8;
        near(slope(Math.sqrt(eps / 3)), top);
        assert.ok(Math.abs(slope(factor * Math.sqrt(eps))) <= top * (1 + 1e-12));
      }),
    );
    near(grad((m: Tensor) => smoothL0(0.1)(m))(f64(1)), 0.2 / 1.21, 1e-13);
  });

  it('and its first two derivatives are free of NaN at 0, 1e30, tiny masks and tiny eps in float32', () => {
    const extreme = cast(f64([0, 1e-45, -1e-30, 1e-10, 1, -1e10, 1e30, -3e38]), 'float32');
    for (const eps of [0.1, 1e-6, 1e-20, 1e-30]) {
      const f = (m: Tensor): Tensor => sum(smoothL0(eps)(m));
      const first = grad(f)(extreme);
      const second = grad((m: Tensor) => sum(grad(f)(m)))(extreme);
      for (const x of [smoothL0(eps)(extreme), first, second])
        assert.ok(!values(x).some(Number.isNaN), `eps ${eps}: ${String(x)}`);
      near(values(smoothL0(eps)(extreme)).slice(-2), [1, 1], 0);
      near(values(first).slice(-2), [0, 0], 0);
    }
  });

  it('is 0 at 0 with slope 0 whatever eps, and refuses an eps that is 0 in the dtype of m', () => {
    const zero = tensor([0, 1], { device: reference });
    for (const eps of [0, 1e-45, 1]) {
      const f = (m: Tensor): Tensor => smoothL0(tensor(eps, { device: reference }))(m);
      assert.equal(values(f(zero))[0], 0);
      assert.equal(values(grad((m: Tensor) => sum(f(m)))(zero))[0], 0);
    }
    refuses(() => smoothL0(1e-46)(tensor([0, 1])), RangeError, 'smoothL0: expected eps above 0 in float32', '1e-46');
    near(smoothL0(1e-46)(f64([0, 1])), [0, 1], 0);
  });

  it('takes eps as a tensor, and can be differentiated twice in both', () => {
    checkGrads((m: Tensor, eps: Tensor) => smoothL0(eps)(m), [f64([0.5, -1, 0.1, 0]), f64(0.3)]);
    near(smoothL0(f64([1, 4]))(f64([1, 2])), [0.5, 0.5]);
  });
});

describe('sigmoidGate', () => {
  it('is 1 / (1 + e^(-m / temperature))', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -50, max: 50, noNaN: true }),
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        (m, t) => {
          near(sigmoidGate(t)(f64(m)), 1 / (1 + Math.exp(-m / t)), 1e-13);
          near(value(sigmoidGate(t)(f64(m))) + value(sigmoidGate(t)(f64(-m))), 1);
        },
      ),
    );
    near(sigmoidGate()(f64(0)), 0.5);
  });

  it('does not overflow', () => {
    near(sigmoidGate(1e-3)(cast(f64([-1e30, 1e30]), 'float32')), [0, 1]);
  });
});

describe('gates refuse', () => {
  for (const [name, make] of Object.entries({ smoothL0, sigmoidGate }))
    it(`${name}: a hyper-parameter that is not a finite number above 0`, () => {
      for (const bad of [0, -1, NaN, Infinity, '1' as never, null as never])
        refuses(() => make(bad), kindFor(bad), name, 'above 0', String(bad));
    });
});
