import assert from 'node:assert/strict';
import fc from 'fast-check';
import { broadcastTo, cpu, dot, grad, mul, sum, tensor, vjp, type Tensor } from 'bigrad';
import { broadcastable, sources, views } from '../support/arbitraries.js';
import { close, values } from '../support/close.js';
import { copyOf } from '../support/memory.js';

describe('broadcasting', () => {
  it('is adjoint to summing: <u, broadcastTo(x)> = <sum of u to the shape of x, x>', () => {
    const cases = broadcastable().chain(([a, b]) => fc.tuple(views(a), views(b)));
    fc.assert(
      fc.property(cases, ([xs, ys]) => {
        const [x, y] = [xs.make(cpu), ys.make(cpu)];
        const both = mul(x, y);
        const [gx, gy] = grad((v: Tensor[]) => sum(mul(v[0]!, v[1]!)))([x, y]);
        const to = both.shape;
        assert.deepEqual([gx!.shape, gy!.shape], [x.shape, y.shape]);
        close(gx!, vjp((t: Tensor) => broadcastTo(t, to), x)[1](copyOf(broadcastTo(y, to))));
        close(dot(gx, x), dot(both, broadcastTo(tensor(1, { dtype: 'float64' }), to)), 1e-10);
        close(dot(gy, y), dot(gx, x), 1e-10);
      }),
    );
  });

  it('follows the rule of NumPy', () => {
    const cases = broadcastable().chain(([a, b]) => fc.tuple(sources(a), sources(b)));
    fc.assert(
      fc.property(cases, ([xs, ys]) => {
        const [x, y] = [xs.make(cpu), ys.make(cpu)];
        const z = mul(x, y);
        const rank = Math.max(x.shape.length, y.shape.length);
        const padded = (s: readonly number[]) => [...new Array<number>(rank - s.length).fill(1), ...s];
        const [a, b] = [padded(x.shape), padded(y.shape)];
        assert.deepEqual(
          z.shape,
          a.map((d, i) => Math.max(d, b[i]!)),
        );
        const pick = (data: number[], s: number[], at: number[]) =>
          data[s.reduce((o, d, i) => o * d + (d === 1 ? 0 : at[i]!), 0)]!;
        const [u, v] = [values(x), values(y)];
        values(z).forEach((e, k) => {
          const at = z.shape.map((d, i) => Math.floor(k / z.shape.slice(i + 1).reduce((n, m) => n * m, 1)) % d);
          assert.equal(e, pick(u, a, at) * pick(v, b, at));
        });
      }),
    );
  });
});
