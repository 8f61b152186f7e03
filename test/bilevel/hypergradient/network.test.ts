import assert from 'node:assert/strict';
import { grad, leaves, mapTree, mul, randomKey, sub, tanh, type Tensor } from 'bigrad';
import { hypergradient, unroll } from 'bigrad/bilevel';
import { batchNorm2d, conv, flatten, linear, masked, meanSquaredError, sequential, smoothL0 } from 'bigrad/nn';
import { checkGrads } from 'bigrad/testing';
import { differences, value, wave } from '../../support/numbers.js';
import { near, values } from '../../support/close.js';

// The network of Bi-RPT in small: gated convolution, batch norm, gated linear layer.
const net = masked(
  sequential([conv(2, 3, [2, 3], { stride: [1, 2], padding: 1 }), batchNorm2d(3), tanh, flatten, linear(36, 1)]),
  smoothL0(0.3),
);
const theta = net.init(randomKey(3), { dtype: 'float64' });
const before = net.initState(theta);
const ms = [{ weight: wave([3, 2, 2, 3]) }, undefined, undefined, undefined, { weight: wave([1, 36], 1) }] as const;
const mt = [{ weight: wave([3, 1, 1, 1], 2) }] as const; // a mask per filter, and none on the head
const lr = 0.05;
const p = 3;

interface Batch {
  x: Tensor;
  y: Tensor;
}
const batch = (i: number): Batch => ({ x: wave([4, 2, 3, 5], 3 * i), y: wave([4, 1], 2 * i) });
const batches = { lower: Array.from({ length: p }, (_, i) => batch(i)), upper: batch(p) };

type Theta = typeof theta;
type Ms = typeof ms;
type Mt = typeof mt;
const lower = (w: Theta, s: Ms, { x, y }: Batch) => {
  const [prediction, state] = net.apply(w, s, x, before);
  return [meanSquaredError(prediction, y), state] as const;
};
const upper = (w: Theta, { ms: s, mt: t }: { ms: Ms; mt: Mt }, { x, y }: Batch) => {
  const [prediction, state] = net.apply(w, [s, t], x, before);
  return [meanSquaredError(prediction, y), state] as const;
};

/** The whole loop as one function. */
const trained = (w: Theta, s: Ms, steps = p): Theta =>
  unroll(
    (at, i) => {
      const g = grad((v: Theta) => lower(v, s, batches.lower[i]!)[0])(at);
      return mapTree((x, d) => sub(x, mul(d, lr)), at, g);
    },
    w,
    steps,
  );
const whole = (w: Theta, s: Ms, t: Mt): Tensor => upper(trained(w, s), { ms: s, mt: t }, batches.upper)[0];

describe('the hypergradient of a masked network with convolution, batch norm and gates', () => {
  const got = hypergradient({ lower, upper, learningRate: lr })(theta, { ms, mt }, batches);

  it('is the gradient of the whole unrolled loss', () => {
    near(got.value, whole(theta, ms, mt));
    near(got.theta, trained(theta, ms));
    near(got.dMs, grad((s: Ms) => whole(theta, s, mt))(ms), 1e-11);
    near(got.dMt, grad((t: Mt) => whole(theta, ms, t))(mt), 1e-11);
    assert.ok(value(got.stats.norms.mixed) > 1e-5, 'the lower level matters here');
  });

  it('agrees with differences of the whole unrolled loss', () => {
    near(
      got.dMs,
      differences((s) => value(whole(theta, s, mt)), ms),
      1e-8,
    );
    near(
      got.dMt,
      differences((t) => value(whole(theta, ms, t)), mt),
      1e-8,
    );
  });

  it('belongs to an unrolled loss whose rules hold to the second order', () => {
    checkGrads(whole, [theta, ms, mt], { order: 2, elements: 1, tolerance: 1e-5 });
  });

  it('has a gradient in the weights at the end of the lower level', () => {
    near(got.dTheta, grad((w: Theta) => upper(w, { ms, mt }, batches.upper)[0])(trained(theta, ms)));
  });

  it('equals paper for one step, and differs from it for three', () => {
    const one = { ...batches, lower: batches.lower.slice(0, 1) };
    const solve = (mode: 'paper' | 'exact', data: typeof batches) =>
      leaves(hypergradient({ lower, upper, mode, learningRate: lr })(theta, { ms, mt }, data).dMs).flatMap(values);
    near(solve('paper', one), solve('exact', one), 1e-13);
    assert.throws(() => {
      near(solve('paper', batches), solve('exact', batches), 1e-7);
    });
  });

  it('carries the running statistics of every step out as aux, detached', () => {
    assert.equal(got.aux.lower.length, p);
    got.aux.lower.forEach((state, t) => {
      near(state, lower(trained(theta, ms, t), ms, batches.lower[t]!)[1]);
      for (const x of leaves(state)) assert.equal(x.node, null);
    });
    near(got.aux.upper, upper(got.theta, { ms, mt }, batches.upper)[1]);
  });

  it('keeps absent masks absent', () => {
    assert.deepEqual(Object.keys(got.dMs), Object.keys(ms));
    assert.equal(got.dMs[1], undefined);
    assert.equal(leaves(got.dMt).length, 1);
    assert.deepEqual(leaves(got.ms), leaves(ms));
  });

  it('moves the masks below too when asked, and is still the gradient of the whole loop', () => {
    interface State {
      w: Theta;
      s: Ms;
    }
    const loop = (s0: Ms): Tensor => {
      const end = unroll(
        (at: State, i) => {
          const g = grad((v: State) => lower(v.w, v.s, batches.lower[i]!)[0])(at);
          return mapTree((x, d) => sub(x, mul(d, lr)), at, g);
        },
        { w: theta, s: s0 },
        p,
      );
      return upper(end.w, { ms: end.s, mt }, batches.upper)[0];
    };
    const moving = hypergradient({ lower, upper, learningRate: lr, lowerMask: true })(theta, { ms, mt }, batches);
    near(moving.value, loop(ms));
    near(moving.dMs, grad(loop)(ms), 1e-11);
  });
});
