import assert from 'node:assert/strict';
import { add, compile, slice, sub, tensor, type Tensor } from 'bigrad';
import { values } from '../../../support/close.js';
import { memoryOf } from '../../../support/same.js';

describe('state that goes round through a compiled function', () => {
  it('may be awaited while later calls go on', async () => {
    const step = compile((x: Tensor) => add(x, 1), { donate: [0] });
    let x = tensor([1, 2]);
    const reads: Promise<unknown>[] = [];
    for (let i = 0; i < 4; i++) {
      x = step(x);
      reads.push(x.read());
    }
    assert.deepEqual(
      await Promise.all(reads),
      [0, 1, 2, 3].map((i) => Float32Array.of(i + 2, i + 3)),
    );
  });

  it('keeps its memory, read or not', () => {
    const step = compile((x: Tensor, y: Tensor) => [add(x, y), sub(y, x)], { donate: [0, 1] });
    let [x, y] = [tensor([1, 2]), tensor([3, 4])];
    const memory = new Set([x, y].map(memoryOf));
    for (let i = 0; i < 8; i++) {
      [x, y] = step(x, y) as [Tensor, Tensor];
      if (i % 3 === 1) memoryOf(y);
      if (i > 3)
        [x, y].forEach((t) => {
          assert.ok(memory.has(memoryOf(t)), `call ${i}`);
        });
    }
  });

  it('has memory of its own from when it is first read on', () => {
    const step = compile((x: Tensor) => add(x, 1), { donate: [0] });
    let x = step(slice(tensor([1, 2, 3]), [1], [2])); // the memory of which may not be taken over
    const memory = memoryOf(x);
    for (let i = 0; i < 3; i++) assert.equal(memoryOf((x = step(x))), memory);
    assert.deepEqual(values(x), [6, 7]);
  });

  it('is left to who gives it without donating it', () => {
    const step = compile((x: Tensor, y: Tensor) => [add(x, 1), add(y, 2)], { donate: [0] });
    const both = tensor([1, 2]);
    const [, y] = step(both, both) as [Tensor, Tensor]; // both positions of which are donated
    assert.deepEqual(step(tensor([0, 0]), y).map(values), [
      [1, 1],
      [5, 6],
    ]);
    assert.deepEqual(values(y), [3, 4]);
  });
});
