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
  max,
  maxPool2d,
  mul,
  onesLike,
  pad,
  randomNormal,
  randomKey,
  reference,
  sum,
  take,
  tanh,
  tensor,
  to,
  variance,
  type Backend,
  type Tensor,
} from 'bigrad';
import type { Device } from 'bigrad/gpu';
import { opTable } from 'bigrad/testing';
import { readsAtOnce, resultsOf } from '../../../src/testing/parity.js';
import { number, shapes, sources, views } from '../../support/arbitraries.js';
import { withPullback } from '../../support/with-pullback.js';
import { close } from '../../support/close.js';
import { noisy } from '../../support/noisy.js';
import { randomCalls, shapesOf, type RandomCall } from '../../support/random-calls.js';
import { agree } from '../../support/agree.js';
import { always, deviceFor, modes } from './devices.js';
import { plainDevice } from './plain.js';

/** Where kernels run, and how many examples of a property: most where they cost least. */
interface Place {
  readonly name: string;
  readonly device: (test: Mocha.Context) => Device | Promise<Device>;
  readonly calls: number;
  readonly geometries: number;
}
const plain = plainDevice();
const inPlainJavaScript: Place = { name: 'plain JavaScript', device: () => plain, calls: 4, geometries: 25 };
const places: readonly Place[] = [
  inPlainJavaScript,
  ...modes.map((mode) => ({
    name: mode,
    device: (test: Mocha.Context) => deviceFor(mode, test),
    calls: 1,
    geometries: 3,
  })),
];
/** Those whose results can be read at once. */
const atOnce = places.filter(({ name }) => name === inPlainJavaScript.name || always.some((mode) => mode === name));

const runs = (n: number): { numRuns: number } => ({ numRuns: Number(process.env['FC_RUNS'] ?? n) });

/** Largest difference, as in `parity`, but for what float32 makes of a call: see `slackOf`. */
const TOLERANCE = 1e-5;

/** The largest difference, relative to the larger of 1 and the values; infinite beside NaN. */
const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a, (x, i) => {
    const y = b[i]!;
    if (Object.is(x, y) || x === y) return 0;
    const d = Math.abs(x - y) / Math.max(1, Math.abs(x), Math.abs(y));
    return Number.isNaN(d) ? Infinity : d;
  }).reduce((p, q) => Math.max(p, q), 0);

/**
 * How far a few roundings on the way move a result, as in a layer norm of two numbers that are
 * almost equal.
 */
const slackOf = ({ f, inputs }: RandomCall, order: number, what: string, i: number, exact: Tensor): number => {
  const distances = [1, 2, 3].map((seed) => {
    const moved = resultsOf(f, inputs(noisy(seed)), order)[what]![i]!;
    return distance(moved.readSync(), exact.readSync());
  });
  return 4 * Math.max(...distances);
};

describe('the GPU device agrees with the reference device on every op of the table', () => {
  const check = (device: Device, order: number, call: RandomCall): Promise<void> =>
    device.scope(async () => {
      const [got, expected] = [device, reference].map((d) => resultsOf(call.f, call.inputs(d), order));
      for (const [what, xs] of Object.entries(got!))
        for (const [i, x] of xs.entries()) {
          const [values, wanted] = [await x.read(), expected![what]![i]!];
          assert.deepEqual(x.shape, wanted.shape);
          if (distance(values, wanted.readSync()) <= TOLERANCE) continue;
          close(values, wanted, TOLERANCE + slackOf(call, order, what, i, wanted), `${what} ${i}`);
        }
    });
  for (const { name, device, calls } of places)
    describe(`with two derivatives, of inputs of random shapes, views and values, on ${name}`, () => {
      let on: Device;
      before(async function () {
        on = await device(this);
      });
      for (const entry of opTable)
        it(entry.op, function () {
          if (entry.host && !readsAtOnce(on)) this.skip(); // it runs in main memory, and is refused here
          return fc.assert(
            fc.asyncProperty(randomCalls(entry), (call) => check(on, entry.order, call)),
            runs(calls),
          );
        });
    });

  it('whose calls differ from those of the table', () => {
    for (const entry of opTable) {
      const own = entry.cases.map((c) => JSON.stringify(shapesOf(c)));
      const drawn = fc.sample(randomCalls(entry), { numRuns: 20, seed: 1 }).map(({ shapes }) => JSON.stringify(shapes));
      const others = new Set(drawn.filter((shapes) => !own.includes(shapes)));
      if (own.some((shapes) => shapes !== '[]'))
        assert.ok(others.size >= 2, `${entry.op}: ${others.size} other shapes`);
    }
  });
});

const single = (shape: readonly number[]) => views(shape, number(), 'float32');

for (const { name, device: deviceOf, geometries } of atOnce)
  describe(`the GPU device agrees with the reference device on ${name}`, () => {
    const ranked = shapes(4, 5, 1)
      .filter((shape) => shape.length > 0)
      .chain((shape) => fc.tuple(single(shape)));
    it('on pad and concat, of any rank', async function () {
      const device = await deviceOf(this);
      const joined = (x: Tensor): Tensor =>
        pad(
          concat([x, x, mul(x, 2)], -1),
          x.shape.map((_, i) => [i, 2 - (i % 2)]),
          3,
        );
      fc.assert(
        fc.property(ranked, (xs) => {
          device.scope(() => {
            agree(xs, withPullback(joined, 1), 'float32', [device, reference]);
          });
        }),
        runs(geometries),
      );
    });

    const geometry = fc.record({
      groups: fc.integer({ min: 1, max: 2 }),
      stride: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 2 })),
      dilation: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
      padding: fc.integer({ min: 0, max: 2 }),
    });
    it('on conv2d, convTranspose2d and their gradients, of any geometry', async function () {
      const device = await deviceOf(this);
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
        runs(geometries),
      );
    });

    it('on maxPool2d, of any geometry', async function () {
      const device = await deviceOf(this);
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
        runs(geometries),
      );
    });

    it('on batchNorm and variance over axes of any layout', async function () {
      const device = await deviceOf(this);
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
        runs(geometries),
      );
    });

    it("on gate's derivatives at 0", async function () {
      const device = await deviceOf(this);
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
      const device = await deviceOf(this);
      const x = tensor([[1000.25, 1000.5, 1000.75, 1001]], { device });
      close(variance(x, 1), [0.078125], 1e-6);
    });

    it('on reductions that take several passes, to six digits', async function () {
      const device = await deviceOf(this);
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
      const device = await deviceOf(this);
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
