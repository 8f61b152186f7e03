import assert from 'node:assert/strict';
import { arange, compile, reshape, square, tensor, type Tensor } from 'bigrad';

describe('a tensor', () => {
  const x = tensor([1, 2]);

  it('is refused where an operator takes it for a number', () => {
    for (const operate of [() => +(x as never), () => (x as unknown as number) + 1, () => (x as never) > 0])
      assert.throws(operate, /^TypeError: tensor: expected an op such as add\(\) or greater\(\)/);
    assert.equal(`${x}`, 'float32[2] on cpu [1, 2]');
  });

  it('that was donated cannot be read', async () => {
    const given = tensor([1, 2]);
    compile((t: Tensor) => square(t), { donate: [0] })(given);
    await assert.rejects(given.read(), /^TypeError: read: expected a tensor with values/);
    assert.throws(() => given.readSync(), /^TypeError: readSync: expected a tensor with values/);
  });

  it('of one element gives its number, whatever its rank', () => {
    assert.equal(tensor(0.1).item(), Math.fround(0.1));
    assert.equal(tensor([[-3]], { dtype: 'int32' }).item(), -3);
    for (const shape of [[0], [2], [1, 3]])
      assert.throws(() => reshape(arange(shape.reduce((n, d) => n * d, 1)), shape).item(), {
        name: 'RangeError',
        message: `item: expected a tensor of one element, got shape [${shape}]; use readSync()`,
      });
    const given = tensor(1);
    compile((t: Tensor) => square(t), { donate: [0] })(given);
    assert.throws(() => given.item(), /^TypeError: item: expected a tensor with values/);
  });

  it('is its text in JSON, also where it has no values any more', () => {
    assert.equal(
      JSON.stringify({ w: x, n: [tensor(NaN)] }),
      '{"w":"float32[2] on cpu [1, 2]","n":["float32[] on cpu NaN"]}',
    );
    const given = tensor(1);
    compile((t: Tensor) => square(t), { donate: [0] })(given);
    assert.equal(JSON.stringify(given), '"float32[] on cpu, donated to a compiled function"');
    assert.ok(JSON.stringify(arange(1e4)).length < 100);
  });
});
