import assert from 'node:assert/strict';
import { add, mul, reshape, sin, slice, sum, tanh, tensor, type Tensor } from 'bigrad';
import { checkGrads } from 'bigrad/testing';
import { defineMultiOp, defineOp, type One, type Op, type SimpleOp, type Two } from '../../../src/core/op.js';
import { caught, planted, x } from '../../support/caught.js';
import { double } from '../../support/numbers.js';

/** The elements as they lie in memory. */
const storedFirst = (a: Tensor): Iterable<number> => (a.storage as { data: Float64Array }).data;

describe('checkGrads', () => {
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
});
