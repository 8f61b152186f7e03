import assert from 'node:assert/strict';
import {
  add,
  dot,
  grad,
  hvp,
  jvp,
  mapTree,
  matmul,
  mean,
  mixedProduct,
  mul,
  square,
  sub,
  sum,
  tanh,
  tensor,
  valueAndGrad,
  vjp,
  type Tensor,
} from 'bigrad';
import { hypergradient } from 'bigrad/bilevel';
import { bytesInUse } from '../support/heap.js';
import { reachableNodes } from '../support/reachable.js';

const STEPS = 2000;
const MANY = 10_000;
const WARM = 400; // of 2000
const MEGABYTE = 2 ** 20;

/**
 * Runs a loop that carries its state from step to step; it must end with no more nodes and bytes
 * than it had once warm.
 */
function staysFlat<S>(step: (state: S, i: number) => S, state: S, steps = STEPS): void {
  let [nodes, memory] = [0, 0];
  for (let i = 0; i < steps; i++) {
    if (i === (WARM * steps) / STEPS) [nodes, memory] = [reachableNodes(state), bytesInUse()];
    state = step(state, i);
  }
  assert.equal(nodes, 0);
  assert.equal(reachableNodes(state), 0);
  const grown = bytesInUse() - memory;
  assert.ok(grown < MEGABYTE, `the heap grew by ${(grown / MEGABYTE).toFixed(1)} MB over ${steps} steps`);
}

interface Params {
  w: Tensor;
  layers: Tensor[];
}
const params = (): Params => ({ w: tensor([[0.5, -0.3]]), layers: [tensor([0.1, 0.2])] });
const x = tensor([[1], [-0.5], [2]]);

const predict = ({ w, layers }: Params, input: Tensor): Tensor => tanh(add(matmul(input, w), layers[0]!));
const loss = (p: Params, input: Tensor): Tensor => mean(square(sub(predict(p, input), 0.7)));
const descend = <T>(p: T, g: unknown, rate: number): T => mapTree((v, d) => sub(v, mul(d, rate)), p, g);

describe(`over ${STEPS} iterations memory stays flat`, () => {
  it(`training with grad and aux that carries statistics and predictions, over ${MANY}`, () => {
    interface State {
      p: Params;
      running: Tensor;
      last: { y: Tensor } | null;
    }
    const step = ({ p, running }: State): State => {
      const [[, aux], g] = valueAndGrad(
        (q: Params) => {
          const y = predict(q, x);
          return [mean(square(y)), { running: add(mul(running, 0.9), mul(mean(y), 0.1)), y }];
        },
        { hasAux: true },
      )(p);
      return { p: descend(p, g, 0.01), running: aux.running, last: { y: aux.y } };
    };
    staysFlat(step, { p: params(), running: tensor(0), last: null }, MANY);
  });

  it('mixed products that move what they depend on', () => {
    const coupled = (p: Params, q: Params): Tensor => mul(loss(p, x), loss(q, x));
    staysFlat(({ p, q }: { p: Params; q: Params }) => ({ p: descend(p, mixedProduct(coupled, q, p, q), 0.01), q }), {
      p: params(),
      q: params(),
    });
  });

  it('gradients of gradients, written out', () => {
    const slope = (p: Params): Tensor => {
      const g = grad(loss)(p, x);
      return dot(g, g);
    };
    staysFlat((p: Params) => descend(p, grad(slope)(p), 0.01), params());
  });

  it('hvp, jvp and vjp', () => {
    interface State {
      p: Params;
      v: Params;
      y: Tensor;
    }
    const step = ({ p, v }: State): State => {
      const moved = descend(
        p,
        hvp((q: Params) => loss(q, x), p, v),
        0.01,
      );
      const [y, dy] = jvp((q: Params) => predict(q, x), moved, v);
      const [, pull] = vjp((q: Params) => predict(q, x), moved);
      return { p: moved, v: mapTree((a, b) => add(mul(a, 0.9), mul(b, 0.1)), v, pull(dy)), y };
    };
    staysFlat(step, { p: params(), v: params(), y: tensor(0) });
  });

  it('hypergradients with aux on both levels', () => {
    interface Masks {
      w: Tensor;
    }
    const masked = (p: Params, m: Masks): Params => ({ ...p, w: mul(p.w, m.w) });
    const solve = hypergradient({
      lower: (theta: Params, ms: Masks, batch: Tensor) => {
        const y = predict(masked(theta, ms), batch);
        return [mean(square(y)), { mean: mean(y) }];
      },
      upper: (theta: Params, { ms, mt }: { ms: Masks; mt: Masks }, batch: Tensor) => {
        const value = loss(masked(theta, { w: mul(ms.w, mt.w) }), batch);
        return [value, { value }];
      },
      mode: 'exact',
      learningRate: 0.05,
    });
    interface State {
      theta: Params;
      ms: Masks;
      mt: Masks;
      kept: unknown;
    }
    const step = ({ theta, ms, mt }: State): State => {
      const r = solve(theta, { ms, mt }, { lower: [x, x], upper: x });
      return {
        theta: descend(r.theta, r.dTheta, 0.01),
        ms: descend(ms, r.dMs, 0.01),
        mt: descend(mt, r.dMt, 0.01),
        kept: [r.aux, r.value, r.stats],
      };
    };
    staysFlat(step, { theta: params(), ms: { w: tensor([1, 1]) }, mt: { w: tensor([1, 1]) }, kept: null });
  });
});

describe('the count of reachable nodes', () => {
  it('sees every node behind a value that leaves by a side effect', () => {
    let leaked: Tensor | undefined;
    grad((w: Tensor) => {
      leaked = tanh(mul(w, 2));
      return sum(leaked);
    })(tensor([1, 2]));
    assert.equal(reachableNodes(leaked), 3); // the variable, the product, tanh
  });

  it('stays the same when such a value goes from run to run', () => {
    // As an input of an op, and as the argument of a transform: what came before is let go.
    const runs: ((state: Tensor, leak: (t: Tensor) => Tensor) => unknown)[] = [
      (state, leak) => grad((w: Tensor) => sum(leak(add(state, w))))(tensor([1, 2])),
      (state, leak) => grad((w: Tensor) => sum(leak(tanh(w))))(state),
    ];
    for (const run of runs) {
      let state = tensor([1, 2]);
      const counts = new Set<number>();
      for (let i = 0; i < 20; i++) {
        run(state, (t) => (state = t));
        counts.add(reachableNodes(state));
      }
      assert.deepEqual([...counts], [2]); // the variable and what was made of it
    }
  });
});
