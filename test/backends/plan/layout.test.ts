import assert from 'node:assert/strict';
import { add, reference, sub, tensor, transpose, type Tensor } from 'bigrad';
import { layOut } from '../../../src/backends/plan/layout.js';
import type { AnyOp, Backend, Program, Spec } from '../../../src/core/tensor.js';

/** The record of the op that a call runs last. */
function opOf(call: (x: Tensor) => unknown): AnyOp {
  let last: AnyOp | undefined;
  const device: Backend = {
    ...reference,
    run: (op, ...rest) => {
      last = op;
      return reference.run(op, ...rest);
    },
  };
  call(tensor([[1, 2]], { device }));
  return last!;
}
const sum = opOf((x) => add(x, x));
const difference = opOf((x) => sub(x, x));
const turned = opOf((x) => transpose(x));

const spec = (...shape: number[]): Spec => ({ shape, dtype: 'float32' });
const storageOf = (x: Tensor): unknown => x.storage;
const constant = tensor([[1, 2]], { device: reference });

/** 0 is an argument, 1 is a constant, 2 = 1 + 1, 3 = 0 + 2, 4 = 3', 5 = 3 - 2. */
const program: Program = {
  values: [spec(1, 2), spec(1, 2), spec(1, 2), spec(1, 2), spec(2, 1), spec(1, 2)],
  inputs: [0],
  constants: new Map([[1, storageOf(constant)]]),
  calls: [
    { op: sum, ins: [1, 1], outs: [2], attrs: null },
    { op: sum, ins: [0, 2], outs: [3], attrs: null },
    { op: turned, ins: [3], outs: [4], attrs: { perm: [1, 0] } },
    { op: difference, ins: [3, 2], outs: [5], attrs: null },
  ],
  outputs: [4, 5],
};

describe('a program taken apart', () => {
  const take = () => layOut(program, reference, (storage) => storage);

  it('has worked out what depends on constants alone', () => {
    assert.deepEqual([...take().known.keys()], [1, 2]);
  });

  it('has a step for each call that is left, but for views', () => {
    assert.deepEqual(
      take().steps.map(({ outs }) => outs),
      [[3], [5]],
    );
  });

  it('tells its views from the rest, which lie in the buffer of what they look at', () => {
    const { views, places, results } = take();
    assert.deepEqual([...views.keys()], [4]);
    const root = (id: number): number => places.get(id)!.root;
    assert.equal(root(4), root(3));
    assert.equal(new Set([0, 1, 2, 3, 5].map(root)).size, 5);
    assert.deepEqual([...results].sort(), [root(3), root(5)].sort());
    assert.deepEqual(places.get(4)!.view.stride, [1, 2]);
  });
});
