import assert from 'node:assert/strict';
import { add, fromTypedArray, grad, mul, reference, sum, tensor, to, type Backend, type Tensor } from 'bigrad';
import { adamStep, type AdamAttrs } from '../../../src/ops/index.js';
import { close } from '../../support/close.js';
import { deviceFor, modes } from './devices.js';

const attrs: AdamAttrs = { beta1: 0.9, beta2: 0.999, eps: 1e-3, epsRoot: 1e-4 };
type Inputs = Parameters<typeof adamStep>[0];

const inputs = (device: Backend): Inputs => {
  const part = (phase: number): Tensor =>
    fromTypedArray(
      Float32Array.from({ length: 35 }, (_, i) => 1.1 + Math.sin(1.7 * i + phase)),
      [5, 7],
      { device },
    );
  const [rate, c1, c2] = [0.05, 0.3, 0.2].map((x) => tensor(x, { device }));
  return [part(0), part(1), part(2), part(3), rate!, c1!, c2!];
};

describe("Adam's step on the GPU device", () => {
  for (const mode of modes) {
    it(`has the values of the reference, on ${mode}`, async function () {
      const device = await deviceFor(mode, this);
      const [got, expected] = [device, reference].map((d) => adamStep(inputs(d), attrs));
      for (const [i, x] of got!.entries()) close(await x.read(), expected![i]!, 1e-6, `result ${i}`);
    });

    it(`takes scalars that kernels made, on ${mode}`, async function () {
      const device = await deviceFor(mode, this);
      const [p, g, m, v, ...scalars] = inputs(device);
      const made = scalars.map((x) => sum(mul(fromTypedArray(Float32Array.of(0.25, 0.75), [2], { device }), x)));
      const [got] = adamStep([p, g, m, v, made[0]!, made[1]!, made[2]!], attrs);
      close(await got.read(), adamStep(inputs(reference), attrs)[0], 1e-5);
    });

    it(`has its first and second derivatives in every input, on ${mode}`, async function () {
      const device = await deviceFor(mode, this);
      const f = (xs: Inputs): Tensor =>
        adamStep(xs, attrs)
          .map((x, i) => sum(mul(x, mul(x, i + 1))))
          .reduce((a, b) => add(a, b));
      const first = (d: Backend) => grad(f)(inputs(d));
      const second = (d: Backend) =>
        grad((xs: Inputs) =>
          grad(f)(xs)
            .map((x) => sum(mul(x, x)))
            .reduce((a, b) => add(a, b)),
        )(inputs(d));
      for (const slope of [first, second]) {
        const [got, expected] = [slope(device), slope(reference)];
        for (const [i, x] of got.entries()) close(await x.read(), expected[i]!, 1e-4, `${slope.name} of input ${i}`);
      }
    });
  }

  it('moves to another device as an error of a device that can only be awaited says', async function () {
    const device = await deviceFor('webgpu', this);
    const [moved] = adamStep(inputs(device), attrs);
    assert.throws(
      () => to(moved, reference),
      /use await x\.read\(\), and fromTypedArray\(await x\.read\(\), x\.shape\) to move it/,
    );
    close(fromTypedArray(await moved.read(), moved.shape), adamStep(inputs(reference), attrs)[0], 1e-6);
  });
});
