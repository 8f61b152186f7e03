import assert from 'node:assert/strict';
import {
  broadcastTo,
  conv2d,
  cpu,
  flip,
  fromTypedArray,
  grad,
  leaves,
  mul,
  pad,
  randomKey,
  randomUniform,
  reference,
  reshape,
  slice,
  sum,
  tensor,
  transpose,
  vjp,
  zeros,
  type Backend,
  type Tensor,
} from 'bigrad';
import { opTable, type OpCase } from 'bigrad/testing';
import { maker } from '../../src/testing/op-case.js';
import { close, values } from '../support/close.js';
import { copyOf, disguises } from '../support/memory.js';

const isFloat = (x: Tensor): boolean => x.dtype !== 'int32';

/** Values, and the gradient for cotangents given as they are or disguised. */
function results(c: OpCase, device: Backend, order: number, disguise: (x: Tensor) => Tensor): Tensor[] {
  const xs = c.inputs(maker(device, 'float64')).map((x) => (isFloat(x) ? disguise(x) : x));
  const outputs = leaves(c.f(...xs));
  if (order === 0) return outputs;
  const random = maker(device, 'float64', 23);
  const [, pull] = vjp((zs: Tensor[]) => leaves(c.f(...zs)), xs);
  const cotangents = outputs.map((y) => (isFloat(y) ? disguise(random(y.shape)) : y));
  // Of integers there is no gradient, whatever the type says.
  return [...outputs, ...(pull(cotangents) as (Tensor | undefined)[]).filter((g) => g !== undefined)];
}

describe('views', () => {
  for (const device of [cpu, reference])
    for (const [what, disguise] of Object.entries(disguises))
      it(`give what contiguous copies give, as arguments and as cotangents: ${what}, every op, on ${device.name}`, () => {
        for (const { op, cases, order } of opTable)
          for (const c of cases) {
            const [got, expected] = [results(c, device, order, disguise), results(c, device, order, copyOf)];
            got.forEach((x, i) => {
              close(x, expected[i]!, 1e-12, `${op}, ${c.title}, result ${i}`);
            });
          }
      });

  it('that repeat elements do so in arguments and cotangents', () => {
    const row = tensor([1, 2, 3], { dtype: 'float64' });
    const wide = broadcastTo(row, [4, 3]);
    close(mul(wide, copyOf(wide)), mul(copyOf(wide), copyOf(wide)));
    const [, pull] = vjp((x: Tensor) => mul(x, x), copyOf(wide));
    close(pull(wide), pull(copyOf(wide)));
  });

  it('cost no copy: transpose, flip, slice and broadcastTo share the memory of their argument', () => {
    const x = tensor([
      [1, 2],
      [3, 4],
    ]);
    const data = (t: Tensor): unknown => (t.storage as { data: unknown }).data;
    for (const v of [transpose(x), flip(x), slice(x, [0, 1], [2, 1]), broadcastTo(x, [3, 2, 2])])
      assert.equal(data(v), data(x));
  });

  it('and all other tensors keep no list that their maker may change', () => {
    const x = fromTypedArray(new Float32Array(6), [2, 3]);
    const lists = (to: number[]): Record<string, [Tensor, ...number[][]]> => {
      const [start, size, step, perm, axes] = [[0, 0], [2, 1], [1, 2], [1, 0], [0]];
      const pairs: [number, number][] = [
        [1, 0],
        [0, 1],
      ];
      return {
        zeros: [zeros(to), to],
        fromTypedArray: [fromTypedArray(new Float32Array(6), to), to],
        randomUniform: [randomUniform(randomKey(1), to), to],
        reshape: [reshape(fromTypedArray(new Float32Array(6), [6]), to), to],
        broadcastTo: [broadcastTo(zeros([3]), to), to],
        slice: [slice(x, start, size, step), start, size, step],
        transpose: [transpose(x, perm), perm],
        flip: [flip(x, axes), axes],
        pad: [pad(x, pairs), ...pairs],
      };
    };
    for (const name of Object.keys(lists([2, 3]))) {
      const [y, ...given] = lists([2, 3])[name]!;
      const shape = [...y.shape];
      for (const list of given) list[0] = 7;
      assert.deepEqual(y.shape, shape, name);
    }
    const [start, step] = [
      [0, 0],
      [1, 2],
    ];
    const later = grad((t: Tensor) => {
      const part = slice(t, start, [1, 2], step);
      start[0] = step[1] = 1;
      return sum(part);
    });
    assert.deepEqual([...later(x).readSync()], [1, 0, 1, 0, 0, 0]);
    const stride: [number, number] = [1, 1];
    const image = zeros([1, 1, 3, 3]);
    const through = grad((t: Tensor) => {
      const y = conv2d(t, fromTypedArray(new Float32Array([1]), [1, 1, 1, 1]), { stride });
      stride[0] = 3;
      return sum(y);
    });
    assert.deepEqual([...through(image).readSync()], new Array(9).fill(1));
  });

  it('are read as copies, so that no one can write to a tensor', () => {
    const x = tensor([1, 2, 3]);
    x.readSync()[0] = 9;
    const source = Float32Array.of(1, 2);
    const y = fromTypedArray(source, [2]);
    source[0] = 9;
    assert.deepEqual(
      [values(x), values(y)],
      [
        [1, 2, 3],
        [1, 2],
      ],
    );
  });
});
