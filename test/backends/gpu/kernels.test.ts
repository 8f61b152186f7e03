import assert from 'node:assert/strict';
import { Script } from 'node:vm';
import {
  add,
  cast,
  conv2d,
  erf,
  expm1,
  fromTypedArray,
  gate,
  log1p,
  matmul,
  oneHot,
  pow,
  reference,
  sin,
  sum,
  tanh,
  tensor,
  type Backend,
  type Tensor,
} from 'bigrad';
import { adam } from 'bigrad/optim';
import { parity } from 'bigrad/testing';
import * as convolution from '../../../kernels/gpu/conv.js';
import * as elements from '../../../kernels/gpu/elementwise.js';
import * as gates from '../../../kernels/gpu/gate.js';
import { matmul as matmulKernel } from '../../../kernels/gpu/matmul.js';
import { quotient } from '../../../kernels/gpu/quotient.js';
import { sumAlong } from '../../../kernels/gpu/reduce.js';
import type { Thread } from '../../../kernels/gpu/thread.js';
import { sources } from '../../../kernels/gpu/generated/sources.js';
import { plainDevice } from './plain.js';

/** What a kernel gives in plain JavaScript, cell by cell. */
const run = <C, A extends unknown[]>(
  kernel: (this: Thread<C>, ...args: A) => number,
  constants: C,
  size: number,
  ...args: A
): number[] => Array.from({ length: size }, (_, x) => kernel.call({ thread: { x }, constants }, ...args));

const values = (n: number): Float32Array => Float32Array.from({ length: n }, (_, i) => Math.sin(i * 1.7 + 0.3) * 3);
const on = (data: Float32Array, shape: number[]): Tensor => fromTypedArray(data, shape, { device: reference });
function near(got: ArrayLike<number>, expected: Tensor, tolerance = 1e-6): void {
  const wanted = expected.readSync();
  assert.equal(got.length, wanted.length);
  wanted.forEach((v, i) => {
    assert.ok(Math.abs(v - got[i]!) <= tolerance * Math.max(1, Math.abs(v)), `${i}: expected ${v}, got ${got[i]}`);
  });
}

describe('GPU kernels as plain JavaScript', () => {
  it('compute all that the reference does, over the whole op table with two derivatives, and every one of them is run', async () => {
    const ran = new Set<string>();
    const device = plainDevice(ran);
    assert.ok((await parity(reference, device)) > 500);
    // Those that the table leaves out, since they have no derivative or are only reached through
    // optimizers.
    const optimizer = adam({ learningRate: 0.1 });
    const others = (on: Backend): Tensor[] => {
      const [w, g] = [tensor([1, -2, 3], { device: on }), tensor([0.3, 0.2, -0.1], { device: on })];
      const [next, { m, v }] = optimizer.update(g, optimizer.init(w), w);
      const labels = cast(tensor([2.5, 0.5], { device: on }), 'int32');
      return [next, m as Tensor, v as Tensor, labels, oneHot(labels, 3)];
    };
    others(device).forEach((x, i) => {
      near(x.readSync(), others(reference)[i]!);
    });
    assert.deepEqual(
      Object.keys(sources).filter((name) => !ran.has(sources[name]!.source)),
      [],
    );
  });

  it('divide integers exactly', () => {
    for (const by of [1, 2, 3, 7, 10, 4095, 4097])
      for (const dividend of [0, 1, by - 1, by, 2 ** 24 - 1, by * Math.floor(2 ** 24 / by) - 1])
        assert.equal(quotient(dividend, by), Math.floor(dividend / by));
  });

  it('compute elements as the ops do', () => {
    const data = values(200);
    const x = on(data, [200]);
    const each = (f: (v: number) => number) => Array.from(data, f);
    near(each(elements.expm1Of), expm1(x));
    near(each(elements.sinOf), sin(x));
    near(each(elements.tanhOf), tanh(x));
    near(each(elements.erfOf), erf(x));
    near(
      each((v) => elements.log1pOf(Math.abs(v))),
      log1p(on(data.map(Math.abs), [200])),
    );
    near(
      each((v) => elements.powOf(v, 3)),
      pow(x, 3),
    );
    near(
      each((v) => gates.gateOf(v, 0.1)),
      gate(x, 0.1),
    );
    near(
      each((v) => elements.addOf(v, 1)),
      add(x, 1),
    );
  });

  it('multiply matrices as matmul does', () => {
    const [x, y] = [values(12), values(20)];
    const constants = {
      m: 3,
      k: 4,
      n: 5,
      xAt: 0,
      xBatch: 12,
      xRow: 4,
      xColumn: 1,
      yAt: 0,
      yBatch: 20,
      yRow: 5,
      yColumn: 1,
    };
    near(run(matmulKernel, constants, 15, x, y), matmul(on(x, [3, 4]), on(y, [4, 5])));
  });

  it('sum in chunks as sum does', () => {
    const x = values(30);
    const parts = run(sumAlong, { length: 5, inner: 3, chunk: 2, chunks: 3, divisor: 1 }, 18, x);
    const whole = run(sumAlong, { length: 3, inner: 3, chunk: 3, chunks: 1, divisor: 1 }, 6, parts);
    near(whole, sum(on(x, [2, 5, 3]), 1));
  });

  it('convolve as conv2d does', () => {
    const [x, w] = [values(40), values(54)];
    const y = conv2d(on(x, [1, 2, 4, 5]), on(w, [3, 2, 3, 3]), { padding: 1, stride: 2 });
    const [, , p, q] = y.shape as [number, number, number, number];
    const constants = {
      ...{ n: 1, c: 2, h: 4, w: 5, o: 3, cg: 2, og: 3, r: 3, s: 3, p, q },
      ...{ strideY: 2, strideX: 2, dilationY: 1, dilationX: 1, top: 1, left: 1 },
    };
    near(run(convolution.conv2d, constants, y.size, x, w), y, 1e-5);
  });
});

describe('GPU kernel sources', () => {
  it('are plain JavaScript', () => {
    for (const [name, { source }] of Object.entries(sources)) {
      assert.match(source, new RegExp(`^function ${name}\\(`));
      assert.doesNotThrow(() => new Script(source));
    }
  });

  it('give no argument the name of a constant, which mode cpu would mix up', () => {
    for (const [name, { source, uses }] of Object.entries(sources)) {
      const constants = new Set(Array.from(source.matchAll(/this\.constants\.(\w+)/g), ([, constant]) => constant!));
      for (const text of [source, ...uses.map((use) => sources[use]!.source)])
        for (const argument of /\(([^)]*)\)/.exec(text)![1]!.split(', '))
          assert.ok(!constants.has(argument), `${name}: ${argument}`);
    }
  });
});
