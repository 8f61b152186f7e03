import assert from 'node:assert/strict';
import { checkpoint, customVjp, grad, mul, stopGradient, sum, tensor, vjp, type Backend, type Tensor } from 'bigrad';
import { lent, owning, sharing, takeAway } from '../../src/core/storage.js';
import { reference } from '../../src/backends/reference.js';

/** A device that remembers what it was told of tensors that share storage. */
const listening = () => {
  const told: unknown[] = [];
  const share = (x: Tensor): void => {
    told.push(x.storage);
  };
  const device: Backend = { ...reference, name: 'listening', share };
  return { device, told };
};

/** Functions of x, each of which makes tensors of x's storage; how many. */
const makers: Readonly<Record<string, readonly [number, (x: Tensor) => unknown]>> = {
  'a variable of a gradient': [1, (x) => grad((y: Tensor) => sum(mul(y, y)))(x)],
  'a variable that its function returns': [2, (x) => vjp((y: Tensor) => y, x)[0]],
  'stopGradient of a variable': [2, (x) => grad((y: Tensor) => sum(mul(stopGradient(y), y)))(x)],
  'a result of a checkpoint that it captured': [2, (x) => grad((y: Tensor) => sum(checkpoint((z: Tensor) => z)(y)))(x)],
  'a result of customVjp that it was given': [
    1,
    (x) =>
      customVjp(
        (y: Tensor) => y,
        (g: Tensor) => g,
      )(x),
  ],
};

describe('storage', () => {
  for (const [what, [count, make]] of Object.entries(makers))
    it(`is not shared without a word to the device: ${what}`, () => {
      const { device, told } = listening();
      const x = tensor([1, 2], { device });
      make(x);
      assert.equal(told.filter((storage) => storage === x.storage).length, count);
    });

  it('that a new tensor owns is nothing that a device is told of', () => {
    const { device, told } = listening();
    const x = owning({ shape: [2], dtype: 'float32' }, device, device.upload(Float32Array.of(1, 2), [2]));
    lent(x, device, x.storage);
    assert.deepEqual([[...x.readSync()], told], [[1, 2], []]);
    assert.equal(sharing('test', x, null).storage, x.storage);
    assert.deepEqual(told, [x.storage]);
  });

  it('that was taken away is refused by whoever asks for it', () => {
    const x = tensor([1, 2]);
    takeAway(x);
    assert.throws(() => x.readSync(), /donated to a compiled function/);
    assert.throws(() => sharing('test', x, null), /test: expected a tensor with values/);
    assert.throws(() => mul(x, x), /mul: expected a tensor with values/);
  });

  it('of integers comes without a node', () => {
    const node = { op: null, ins: [], attrs: null, depth: 1, scopes: [], outs: [] };
    const x = tensor([1, 2], { dtype: 'int32' });
    assert.equal(sharing('test', x, node).node, null);
    assert.equal(owning(x, x.device, x.storage, node).node, null);
  });
});
