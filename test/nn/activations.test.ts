import assert from 'node:assert/strict';
import fc from 'fast-check';
import { grad, sum, tensor, type Tensor } from 'bigrad';
import * as nn from 'bigrad/nn';
import { f64, list, number } from '../support/numbers.js';
import { near, values } from '../support/close.js';

// Values and derivatives are compared with PyTorch's in test/oracle/nn.test.ts.

const activations: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  ...{ celu: nn.celu, elu: nn.elu, selu: nn.selu, silu: nn.silu, mish: nn.mish, gelu: nn.gelu },
  ...{ geluTanh: nn.geluTanh, relu6: nn.relu6, hardTanh: nn.hardTanh, hardSigmoid: nn.hardSigmoid },
  ...{ hardSwish: nn.hardSwish, softsign: nn.softsign, logSigmoid: nn.logSigmoid, tanhShrink: nn.tanhShrink },
  ...{ softShrink: nn.softShrink, hardShrink: nn.hardShrink },
  threshold: (x) => nn.threshold(x, 0.5, 2),
};

describe('activations', () => {
  for (const [name, f] of Object.entries(activations)) {
    it(`${name}: leaves NaN as it is`, () => {
      assert.deepEqual(values(f(tensor([NaN]))), [NaN]);
    });

    it(`${name}: has finite derivatives far from 0`, () => {
      for (const x of [-1e4, -100, 100, 1e4]) {
        const slope = values(grad((t: Tensor) => sum(f(t)))(tensor([x])))[0]!;
        assert.ok(Math.abs(slope) < 1.1, `${slope} at ${x}`);
      }
    });
  }

  it('are bounded where they say so, and odd or even as their formulas', () => {
    fc.assert(
      fc.property(list(4, number(-9, 9)), (xs) => {
        const x = f64(xs);
        const minus = f64(xs.map((v) => -v));
        const turned = (y: Tensor): number[] => values(y).map((v) => -v);
        for (const f of [nn.softsign, nn.tanhShrink, nn.softShrink, nn.hardShrink, nn.hardTanh])
          near(f(minus), turned(f(x)));
        near(nn.silu(minus), values(nn.silu(x)).map((v, i) => v - xs[i]!)); // prettier-ignore
        near(nn.hardSigmoid(minus), values(nn.hardSigmoid(x)).map((v) => 1 - v)); // prettier-ignore
        near(nn.logSigmoid(x), turned(nn.softplus(minus)));
        near(nn.celu(x), nn.elu(x));
      }),
      { numRuns: 20 },
    );
  });

  it('glu: is a gate of the other half, along any axis', () => {
    near(nn.glu(f64([[1, 2], [0, Math.log(3)]]), 0), [[0.5, 1.5]]); // prettier-ignore
    assert.deepEqual(nn.glu(f64([[1, 2, 3, 4]])).shape, [1, 2]);
  });
});
