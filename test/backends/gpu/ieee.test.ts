import assert from 'node:assert/strict';
import * as bigrad from 'bigrad';
import { fromTypedArray, mul, reference, reshape, sin, type Backend, type Tensor } from 'bigrad';
import { deviceFor, modes } from './devices.js';

const numbers = [
  ...[NaN, Infinity, -Infinity, 0, -0, 1, -1, 0.5, -0.5, 2, 3, -2, -3, 1e-10, -1e-10, 3e38, -3e38, 88, -88, 100],
  ...[-104, 20, 1e-3, 0.4, 0.6, 7, 1000, 5000, -8000.5],
];
const n = numbers.length;

const unary =
  'abs neg sign square reciprocal sqrt rsqrt exp expm1 log log1p sin cos tanh sigmoid softplus relu erf leakyRelu elu gelu';
const binary = 'add sub mul div pow maximum minimum less greater lessEqual greaterEqual equal notEqual gate';
const reductions = 'sum mean max min prod argmax argmin softmax logSoftmax logSumExp any all';

type Op = (...xs: unknown[]) => Tensor;
const op = (name: string): Op => bigrad[name as keyof typeof bigrad] as Op;
const make = (device: Backend, size: number, at: (i: number) => number): Tensor =>
  fromTypedArray(
    Float32Array.from({ length: size }, (_, i) => numbers[at(i) % n]!),
    [size],
    { device },
  );

/** Calls of every op on NaN, infinities, zeros of both signs and numbers of every size; all normal. */
const calls: [string, (device: Backend) => Tensor][] = [
  ...unary.split(' ').map((name): [string, (d: Backend) => Tensor] => [name, (d) => op(name)(make(d, n, (i) => i))]),
  ...binary.split(' ').map((name): [string, (d: Backend) => Tensor] => [
    name,
    (d) => op(name)(make(d, n * n, (i) => Math.floor(i / n)), make(d, n * n, (i) => i)), // prettier-ignore
  ]),
  ...reductions.split(' ').map((name): [string, (d: Backend) => Tensor] => [
    name,
    (d) => op(name)(reshape(make(d, 3 * n, (i) => i * 7 + (i >> 3)), [n, 3]), 1), // prettier-ignore
  ]),
  ['maxPool2d', (d) => op('maxPool2d')(reshape(make(d, 64, (i) => i * 7), [1, 1, 8, 8]), 2)], // prettier-ignore
  ['where', (d) => op('where')(make(d, n, (i) => i), make(d, n, (i) => i), 2)], // prettier-ignore
  ['cast', (d) => op('cast')(make(d, n, (i) => i), 'int32')], // prettier-ignore
];

/** On GPUs 1 to an infinite power and sines of huge numbers are anything. */
function excused(mode: string, name: string, i: number): boolean {
  if (mode !== 'webgpu') return false;
  if (name === 'sin' || name === 'cos') return Math.abs(numbers[i]!) > 8192;
  return name === 'pow' && Math.abs(numbers[Math.floor(i / n)]!) === 1 && !Number.isFinite(numbers[i % n]!);
}

const agrees = (p: number, q: number): boolean =>
  Object.is(p, q) || p === q || (Number.isFinite(p) && Math.abs(p - q) <= 2e-5 * Math.max(Math.abs(p), 1e-2));

describe('IEEE arithmetic on the GPU device', () => {
  for (const mode of modes) {
    it(`has NaN and infinities where the reference has them, on ${mode}`, async function () {
      const device = await deviceFor(mode, this);
      for (const [name, f] of calls) {
        const [expected, got] = [f(reference).readSync(), await f(device).read()];
        expected.forEach((p, i) => {
          assert.ok(
            agrees(p, got[i]!) || excused(mode, name, i),
            `${name}, element ${i}: expected ${p}, got ${got[i]}`,
          );
        });
      }
    });

    it(`keeps numbers below 1.2e-38, or takes them for 0, on ${mode}`, async function () {
      const device = await deviceFor(mode, this);
      const small = fromTypedArray(Float32Array.of(1e-40, -1e-40), [2], { device });
      const got = await mul(small, fromTypedArray(Float32Array.of(3e38, 3e38), [2], { device })).read();
      const kept = Math.abs(got[0]! - 0.03) < 1e-5 && Math.abs(got[1]! + 0.03) < 1e-5;
      assert.ok(kept || (mode === 'webgpu' && got[0] === 0), String(got));
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
