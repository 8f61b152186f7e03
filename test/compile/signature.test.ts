import assert from 'node:assert/strict';
import { tensor } from 'bigrad';
import { signatureOf } from '../../src/compile/signature.js';

describe('the signature of arguments', () => {
  const x = tensor([1, 2]);

  it('lists tensors and numbers in one order, depth first', () => {
    const { leaves, tensors, odd } = signatureOf([{ b: x, a: [3, 'text'] }, true, 4]);
    assert.deepEqual(leaves, [x, 3, 4]);
    assert.deepEqual(tensors, [x]);
    assert.equal(odd, undefined);
  });

  it('names the first leaf that a key cannot tell from others', () => {
    assert.deepEqual(signatureOf([Math.sin, new Map()]).odd, { leaf: Math.sin });
  });

  it('is not made of holes or cycles', () => {
    const cycle: unknown[] = [x];
    cycle.push(cycle);
    assert.throws(() => signatureOf([cycle]), /^TypeError: compile: expected a tree of at most 1000 levels/);
    assert.throws(() => signatureOf([new Array(1)]), /^TypeError: compile: expected arrays in a tree without holes/);
  });
});
