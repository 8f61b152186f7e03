import assert from 'node:assert/strict';
import { compile, square, tensor, type Tensor } from 'bigrad';

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
});
