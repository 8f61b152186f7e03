import assert from 'node:assert/strict';
import { fromTypedArray, mul, reference, sin } from 'bigrad';
import type { Mode } from 'bigrad/gpu';
import { agrees, calls, numbers, pairAt } from '../special-values.js';
import { deviceFor, isGpu, modes } from './devices.js';
import { relativeErrors } from './precision.js';

/**
 * What docs/gpu.md says may differ: on GPUs 1 to an infinite power and sines of huge numbers; on
 * headlessgl NaN in three ops.
 */
function excused(mode: Mode, name: string, i: number): boolean {
  if (!isGpu(mode)) return false;
  if (mode === 'headlessgl' && Number.isNaN(numbers[i % numbers.length])) return ['tanh', 'relu', 'pow'].includes(name);
  if (['sin', 'cos', 'tan', 'sinc'].includes(name)) return Math.abs(numbers[i]!) > 8192;
  const [x, y] = pairAt(i);
  return name === 'pow' && Math.abs(x) === 1 && !Number.isFinite(y);
}

describe('IEEE arithmetic on the GPU device', () => {
  for (const mode of modes) {
    it(`has NaN and infinities where the reference has them, on ${mode}`, async function () {
      const device = await deviceFor(mode, this);
      const wrong: string[] = []; // all of them, for drivers that are seldom at hand
      for (const [name, f] of calls) {
        const [expected, got] = [f(reference).readSync(), await f(device).read()];
        expected.forEach((p, i) => {
          if (!agrees(p, got[i]!) && !excused(mode, name, i))
            wrong.push(`${name}, element ${i}: expected ${p}, got ${got[i]}`);
        });
      }
      assert.deepEqual(wrong, []);
    });

    it(`keeps numbers below 1.2e-38, or takes them for 0, on ${mode}`, async function () {
      const device = await deviceFor(mode, this);
      const small = fromTypedArray(Float32Array.of(1e-40, -1e-40), [2], { device });
      const got = await mul(small, fromTypedArray(Float32Array.of(3e38, 3e38), [2], { device })).read();
      const kept = Math.abs(got[0]! - 0.03) < 1e-5 && Math.abs(got[1]! + 0.03) < 1e-5;
      assert.ok(kept || (isGpu(mode) && got[0] === 0), String(got));
    });

    it(`has functions of our own to 6e-7, and the driver's e^x and x^y to 1e-5, on ${mode}`, async function () {
      const { own, drivers } = await relativeErrors(await deviceFor(mode, this));
      for (const [name, error] of Object.entries(own)) assert.ok(error < 6e-7, `${name}: ${error}`);
      for (const [name, error] of Object.entries(drivers))
        assert.ok(error < (isGpu(mode) ? 1e-5 : 6e-7), `${name}: ${error}`);
    });

    it(`has sines to 1e-6 up to 8192, whatever the driver does, on ${mode}`, async function () {
      const device = await deviceFor(mode, this);
      const x = Float32Array.from({ length: 4001 }, (_, i) => (i - 2000) * 4.0957);
      const got = await sin(fromTypedArray(x, [x.length], { device })).read();
      x.forEach((v, i) => {
        assert.ok(Math.abs(Math.sin(v) - got[i]!) < 1e-6, `sin ${v}: ${got[i]}`);
      });
    });
  }
});
