import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  concat,
  conv2d,
  convTranspose2d,
  cpu,
  dot,
  fromTypedArray,
  grad,
  reference,
  slice,
  sum,
  tensor,
  type Tensor,
} from 'bigrad';
import { close, values } from '../support/close.js';
import { cases, optionsOf, shapesOf, type Two } from '../support/convolutions.js';

describe('conv2d and convTranspose2d', () => {
  it('are adjoint: <g, conv2d(x, w)> = <convTranspose2d(g, w), x>', () => {
    fc.assert(
      fc.property(cases(), ([a, xs, ws, gs]) => {
        const [x, w, g] = [xs.make(cpu), ws.make(cpu), gs.make(cpu)];
        const s = shapesOf(a);
        const outputPadding = ([0, 1] as const).map((i) => {
          const span =
            (s.y[i + 2]! - 1) * a.stride[i] - a.padding[i][0] - a.padding[i][1] + a.dilation[i] * (a.filter[i] - 1) + 1;
          return a.image[i] - span;
        }) as unknown as Two;
        close(dot(g, conv2d(x, w, optionsOf(a))), dot(convTranspose2d(g, w, { ...optionsOf(a), outputPadding }), x));
      }),
    );
  });

  it('give the numbers of the definition on a 3 x 3 image', () => {
    for (const device of [cpu, reference]) {
      const x = tensor(
        [
          [
            [
              [1, 2, 3],
              [4, 5, 6],
              [7, 8, 9],
            ],
          ],
        ],
        { device },
      );
      const w = tensor(
        [
          [
            [
              [1, 0],
              [0, -1],
            ],
          ],
        ],
        { device },
      );
      assert.deepEqual(values(conv2d(x, w)), [-4, -4, -4, -4]);
      assert.deepEqual(
        values(
          conv2d(x, w, {
            padding: [
              [1, 0],
              [0, 1],
            ],
          }),
        ),
        [-2, -3, 0, -4, -4, 3, -4, -4, 6],
      );
      assert.deepEqual(values(conv2d(x, w, { stride: 2, padding: 1 })), [-1, -3, -7, -4]);
      assert.deepEqual(values(conv2d(x, w, { dilation: 2 })), [-8]);
      assert.deepEqual(values(convTranspose2d(tensor([[[[1, 2]]]], { device }), w)), [1, 2, 0, 0, -1, -2]);
      assert.deepEqual(
        values(convTranspose2d(tensor([[[[1, 2]]]], { device }), w, { stride: 2 })),
        [1, 0, 2, 0, 0, -1, 0, -2],
      );
    }
  });

  it('keep groups apart: a group of its own for each channel scales each plane', () => {
    const x = tensor([[[[1, 2]], [[3, 4]], [[5, 6]]]]);
    const w = tensor([[[[2]]], [[[3]]], [[[-1]]]]);
    assert.deepEqual(values(conv2d(x, w, { groups: 3 })), [2, 4, 9, 12, -5, -6]);
  });

  it('sum a filter of ones over what it covers: counts of taps at borders', () => {
    const x = tensor([
      [
        [
          [1, 1, 1],
          [1, 1, 1],
          [1, 1, 1],
        ],
      ],
    ]);
    const w = tensor([
      [
        [
          [1, 1, 1],
          [1, 1, 1],
          [1, 1, 1],
        ],
      ],
    ]);
    assert.deepEqual(values(conv2d(x, w, { padding: 1 })), [4, 6, 4, 6, 9, 6, 4, 6, 4]);
    const [dw] = [grad((f: Tensor) => sum(conv2d(x, f, { padding: 1 })))(w)];
    assert.deepEqual(values(dw), [4, 6, 4, 6, 9, 6, 4, 6, 4]);
  });
});

describe('the groups of a convolution', () => {
  const x = fromTypedArray(
    Float64Array.from({ length: 2 * 4 * 3 * 3 }, (_, i) => Math.sin(i)),
    [2, 4, 3, 3],
    { device: reference },
  );
  const w = fromTypedArray(
    Float64Array.from({ length: 6 * 2 * 2 * 2 }, (_, i) => Math.cos(i)),
    [6, 2, 2, 2],
    { device: reference },
  );

  it('are convolutions of their own, side by side, of every image', () => {
    const parts = [0, 1].map((g) =>
      conv2d(slice(x, [0, 2 * g, 0, 0], [2, 2, 3, 3]), slice(w, [3 * g, 0, 0, 0], [3, 2, 2, 2])),
    );
    close(conv2d(x, w, { groups: 2 }), concat(parts, 1));
  });

  it('are so in the transposed one', () => {
    const v = fromTypedArray(
      Float64Array.from({ length: 4 * 3 * 2 * 2 }, (_, i) => Math.cos(i)),
      [4, 3, 2, 2],
      { device: reference },
    );
    const parts = [0, 1].map((g) =>
      convTranspose2d(slice(x, [0, 2 * g, 0, 0], [2, 2, 3, 3]), slice(v, [2 * g, 0, 0, 0], [2, 3, 2, 2])),
    );
    close(convTranspose2d(x, v, { groups: 2 }), concat(parts, 1));
  });

  it('may leave one element', () => {
    const one = tensor([[[[3]]]]);
    assert.deepEqual(convTranspose2d(one, one).shape, [1, 1, 1, 1]);
  });
});

describe('the definition of conv2d', () => {
  it('takes each image of a batch for itself', () => {
    const images = Float64Array.from({ length: 3 * 2 * 4 * 5 }, (_, i) => ((i * 7) % 11) - 5);
    const filters = Float64Array.from({ length: 2 * 2 * 2 * 3 }, (_, i) => ((i * 5) % 7) - 3);
    const x = fromTypedArray(images, [3, 2, 4, 5], { device: reference });
    const w = fromTypedArray(filters, [2, 2, 2, 3], { device: reference });
    const apart = [0, 1, 2].map((i) => conv2d(slice(x, [i, 0, 0, 0], [1, 2, 4, 5]), w, { padding: 1 }));
    assert.deepEqual(values(conv2d(x, w, { padding: 1 })), values(concat(apart)));
    assert.ok(values(concat(apart)).every(Number.isFinite));
  });
});
