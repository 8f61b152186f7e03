import assert from 'node:assert/strict';
import {
  add,
  checkingNaN,
  compile,
  cpu,
  div,
  grad,
  log,
  mean,
  mul,
  ones,
  reference,
  reshape,
  sqrt,
  sub,
  sum,
  tensor,
  to,
  where,
  type Tensor,
} from 'bigrad';
import { gpu } from 'bigrad/gpu';
import { conv, linear, meanSquaredError, relu, sequential } from 'bigrad/nn';
import { parity } from 'bigrad/testing';
import { values } from '../support/close.js';

const device = checkingNaN(cpu);
const refuses = (f: () => unknown, message: string): void => {
  assert.throws(f, { name: 'RangeError', message });
};

describe('a device that checks for NaN', () => {
  it('computes what the device computes that it stands on', async () => {
    assert.ok((await parity(cpu, device, ['add', 'matmul', 'conv2d', 'transpose', 'take', 'batchNorm'])) > 50);
    const f = (x: Tensor) => mean(sqrt(mul(x, x)));
    const x = tensor([1, 2, -3]);
    const there = to(x, device);
    assert.deepEqual(values(compile(grad(f))(there)), values(compile(grad(f))(x)));
    assert.equal(`${there}`, 'float32[3] on cpu, checking NaN [1, 2, -3]');
    assert.deepEqual([...(await there.read())], [1, 2, -3]);
  });

  it('names the op, its inputs, and the first bad element of its result', () => {
    const x = tensor(
      [
        [1, 4],
        [0.5, -1],
      ],
      { device },
    );
    refuses(() => log(x), 'log: expected numbers, got NaN at [1,1] of its result [2,2] from float32 [2,2]');
    const zero = tensor([0, 0], { device, dtype: 'float64' });
    refuses(
      () => div(zero, zero),
      'div: expected numbers, got NaN at [0] of its result [2] from float64 [2], float64 [2]',
    );
    assert.equal(log(reshape(tensor([0], { device }), [])).item(), -Infinity);
  });

  it('says where an input had it already', () => {
    const x = tensor([1, NaN], { device });
    refuses(
      () => add(x, 1),
      'add: expected numbers, got NaN at [1] of its result [2] from float32 [2] with NaN at [1], float32 [2]',
    );
  });

  it('stops at infinities on request', () => {
    const strict = checkingNaN(reference, { infinities: true });
    const x = tensor([1, 0], { device: strict });
    refuses(() => log(x), 'log: expected numbers, got -Infinity at [1] of its result [2] from float32 [2]');
    assert.throws(
      () => checkingNaN(cpu, { infinity: true } as never),
      /^TypeError: checkingNaN: expected no options but/,
    );
    assert.throws(() => checkingNaN({} as never), /^TypeError: checkingNaN: expected a device such as cpu/);
  });

  it('finds a NaN of a gradient, inside a compiled function too, and the layer that it is in', () => {
    const zero = tensor([0, 1], { device });
    // The slope of the root is infinite at 0, and the branch that is not taken multiplies it by 0.
    const safe = (x: Tensor) => sum(where(sub(x, x), sqrt(x), x));
    const message = /^(mul|div): expected numbers, got NaN at \[0\]/;
    for (const f of [grad(safe), compile(grad(safe)), compile(grad(safe), { threads: 2 })])
      assert.throws(() => f(zero), { name: 'RangeError', message });
    const net = sequential([linear(2, 2), (v) => log(sub(v, v)), (v) => sub(v, v), relu]);
    const params = net.init(to(tensor([1, 2], { dtype: 'int32' }), device));
    assert.throws(() => net.apply(params, ones([1, 2], { device })), {
      message: /^sequential\[2\] sub: expected numbers, got NaN/,
    });
  });

  it('trains as the device does, and moves no tensor from it', () => {
    const net = sequential([conv(1, 2, 3), relu]);
    const loss = (x: Tensor) => (p: ReturnType<typeof net.init>) => {
      const y = net.apply(p, x);
      return meanSquaredError(y, mul(y, 0.5));
    };
    const key = tensor([1, 2], { dtype: 'int32' });
    const [a, b] = [cpu, device].map((d) => grad(loss(ones([1, 1, 4, 4], { device: d })))(net.init(to(key, d))));
    assert.deepEqual(values(a![0].weight), values(b![0].weight));
    assert.throws(() => add(ones([1]), ones([1], { device })), /tensors on one device, got cpu and cpu, checking NaN/);
  });

  it('stands on a GPU device that can be read at once', async () => {
    const inner = await gpu({ mode: 'cpu' });
    const x = tensor([1, -1], { device: checkingNaN(inner) });
    assert.deepEqual(values(mul(x, x)), [1, 1]);
    refuses(() => log(x), 'log: expected numbers, got NaN at [1] of its result [2] from float32 [2]');
    inner.dispose();
  });
});
