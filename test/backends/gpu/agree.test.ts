import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  argmax,
  batchNorm,
  compile,
  concat,
  conv2d,
  convTranspose2d,
  cpu,
  fromTypedArray,
  gate,
  grad,
  hvp,
  matmul,
  max,
  maxPool2d,
  mean,
  mul,
  onesLike,
  pad,
  randomNormal,
  randomKey,
  reference,
  softmax,
  sum,
  take,
  tanh,
  tensor,
  to,
  variance,
  vjp,
  where,
  type Backend,
  type Tensor,
} from 'bigrad';
import { broadcastable, number, shapes, sources, views, type Source } from '../../support/arbitraries.js';
import { close } from '../../support/close.js';
import { agree } from '../../support/agree.js';
import { always, deviceFor } from './devices.js';

/** Values and the pullback of them, so that the kernels of the rules run too. */
const withPullback =
  (f: (...xs: Tensor[]) => unknown, n: number) =>
  (...all: Tensor[]): unknown => {
    const [y, pull] = vjp((xs: Tensor[]) => f(...xs) as Tensor, all.slice(0, n));
    return [y, pull(y)];
  };
const single = (shape: readonly number[]) => views(shape, number(), 'float32');
const runs = { numRuns: 25 };

for (const mode of always)
  describe(`the GPU device agrees with the reference device on ${mode}`, () => {
    const check = (name: string, cases: fc.Arbitrary<Source[]>, f: (...xs: Tensor[]) => unknown, n: number): void => {
      it(`on ${name}, of any views`, async function () {
        const device = await deviceFor(mode, this);
        fc.assert(
          fc.property(cases, (xs) => {
            device.scope(() => {
              agree(xs, withPullback(f, n), 'float32', [device, reference]);
            });
          }),
          runs,
        );
      });
    };

    check(
      'elementwise ops',
      broadcastable().chain(([a, b]) => fc.tuple(single(a), single(b))),
      (x, y) => mul(tanh(x), y),
      2,
    );
    check(
      'where',
      broadcastable().chain(([a, b]) => fc.tuple(single(a), single(b))),
      (x, y) => where(x, x, y),
      2,
    );
    const ranked = shapes(4, 5, 1)
      .filter((shape) => shape.length > 0)
      .chain((shape) => fc.tuple(single(shape)));
    check('sums and means', ranked, (x) => sum(mul(mean(x, 0, { keepDims: true }), x), -1), 1);
    check('softmax', ranked, (x) => softmax(x, 0), 1);
    check(
      'pad and concat',
      ranked,
      (x) =>
        pad(
          concat([x, x, mul(x, 2)], -1),
          x.shape.map((_, i) => [i, 2 - (i % 2)]),
          3,
        ),
      1,
    );

    const size = fc.integer({ min: 0, max: 6 });
    check(
      'matmul',
      fc
        .tuple(size, size, size, broadcastable(2, 3))
        .chain(([m, k, n, [a, b]]) => fc.tuple(single([...a, m, k]), single([...b, k, n]))),
      (x, y) => matmul(x, y),
      2,
    );

    const geometry = fc.record({
      groups: fc.integer({ min: 1, max: 2 }),
      stride: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 2 })),
      dilation: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
      padding: fc.integer({ min: 0, max: 2 }),
    });
    it('on conv2d, convTranspose2d and their gradients, of any geometry', async function () {
      const device = await deviceFor(mode, this);
      const cases = geometry.chain((g) =>
        fc.tuple(fc.constant(g), single([2, 2 * g.groups, 5, 6]), single([2 * g.groups, 2, 2, 3])),
      );
      fc.assert(
        fc.property(cases, ([g, x, w]) => {
          const loose = (f: (...xs: Tensor[]) => unknown): void => {
            device.scope(() => {
              agree([x, w], withPullback(f, 2), 'float32', [device, reference]);
            });
          };
          loose((a, b) => mul(conv2d(a, b, g), 0.1));
          if (g.padding === 0) loose((a, b) => mul(convTranspose2d(a, b, g), 0.1));
        }),
        runs,
      );
    });

    it('on maxPool2d, of any geometry', async function () {
      const device = await deviceFor(mode, this);
      const cases = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 4 }), single([2, 2, 7, 6]));
      fc.assert(
        fc.property(cases, ([window, stride, x]) => {
          agree(
            [x],
            withPullback((a) => maxPool2d(a, window, { stride }), 1),
            'float32',
            [device, reference],
          );
        }),
        runs,
      );
    });

    it('on batchNorm and variance over axes of any layout', async function () {
      const device = await deviceFor(mode, this);
      const cases = shapes(2, 3, 1).chain((rest) =>
        fc.tuple(single([3, 2, ...rest]), sources([2], number(0.5, 2), 'float32'), sources([2], number(), 'float32')),
      );
      fc.assert(
        fc.property(cases, (xs) => {
          agree(
            xs,
            withPullback((a, b, c) => batchNorm(a, b, c, { eps: 0.5 }), 3),
            'float32',
            [device, reference],
          );
          agree(xs.slice(0, 1), (a) => variance(a, 1), 'float32', [device, reference]);
        }),
        runs,
      );
    });

    it("on gate's derivatives at 0", async function () {
      const device = await deviceFor(mode, this);
      const f = (m: Tensor) => sum(mul(gate(m, 0.1), 3));
      const slopes = (d: Backend) => {
        const at = tensor([0, -0, 0.5, -2], { device: d });
        return [grad(f)(at), hvp(f, at, onesLike(at))];
      };
      slopes(device).forEach((x, i) => {
        close(x, slopes(reference)[i]!, 1e-5);
      });
    });

    it('on the variance of numbers that are large beside it', async function () {
      const device = await deviceFor(mode, this);
      const x = tensor([[1000.25, 1000.5, 1000.75, 1001]], { device });
      close(variance(x, 1), [0.078125], 1e-6);
    });

    it('on reductions that take several passes, to six digits', async function () {
      const device = await deviceFor(mode, this);
      const n = 300_000;
      const data = Float32Array.from({ length: n }, (_, i) => 0.1 + (i % 7) * 0.01);
      data[123_456] = 9;
      const exact = data.reduce((a, b) => a + b, 0);
      for (const shape of [[n], [3, n / 3], [n / 3, 3], [100, 3, n / 300]]) {
        const x = fromTypedArray(data, shape, { device });
        assert.ok(Math.abs(sum(x).readSync()[0]! / exact - 1) < 1e-6);
        assert.equal(max(x).readSync()[0], 9);
        assert.equal(argmax(x).readSync()[0], 123_456);
        const [rows, wanted] = [sum(x, 0), sum(to(x, reference), 0)].map((t) => t.readSync());
        rows!.forEach((v, i) => {
          assert.ok(Math.abs(v / wanted![i]! - 1) < 1e-6);
        });
      }
    });

    it('on a compiled gradient, and on random numbers bit for bit', async function () {
      const device = await deviceFor(mode, this);
      const [x, y] = [cpu, device].map((d) => randomNormal(randomKey(3, { device: d }), [4, 3]));
      assert.deepEqual(x!.readSync(), y!.readSync());
      const f = (t: Tensor) =>
        sum(mul(tanh(t), take(t, fromTypedArray(Int32Array.of(1, -1, 0, 0), [4], { device: t.device }))));
      const compiled = compile(grad(f));
      const [a, b] = [compiled(y!).readSync(), grad(f)(x!).readSync()];
      a.forEach((v, i) => {
        assert.ok(Math.abs(v - b[i]!) < 1e-5);
      });
    });
  });
