import assert from 'node:assert/strict';
import { fromTypedArray, maxPool2d, reference, tensor } from 'bigrad';
import { values } from '../support/close.js';

describe('maxPool2d', () => {
  it('is the largest of each window, of every image and channel, however it is padded', () => {
    const [n, c, h, w] = [2, 3, 4, 5];
    // Below 0, so that what stands outside would be seen.
    const data = Float64Array.from({ length: n * c * h * w }, (_, i) => -1 - ((i * 37) % 101));
    const x = fromTypedArray(data, [n, c, h, w], { device: reference });
    for (const [size, stride, top, left] of [
      [2, 1, 0, 0],
      [3, 2, 1, 1],
      [3, 1, 2, 1],
    ] as const) {
      const y = maxPool2d(x, size, { stride, padding: [top, left] });
      const [, , p, q] = y.shape as [number, number, number, number];
      const expected: number[] = [];
      for (let plane = 0; plane < n * c; plane++)
        for (let u = 0; u < p; u++)
          for (let v = 0; v < q; v++) {
            const inside: number[] = [];
            for (let i = 0; i < size; i++)
              for (let j = 0; j < size; j++) {
                const [yy, xx] = [u * stride - top + i, v * stride - left + j];
                if (yy >= 0 && yy < h && xx >= 0 && xx < w) inside.push(data[(plane * h + yy) * w + xx]!);
              }
            expected.push(Math.max(...inside));
          }
      assert.deepEqual(values(y), expected);
    }
  });

  it('is NaN where any element of the window is', () => {
    for (const row of [
      [NaN, 1, 2, 3],
      [1, NaN, 2, 3],
      [1, 2, NaN, NaN],
      [3, 2, 1, NaN],
    ]) {
      const x = tensor([[[row.slice(0, 2), row.slice(2)]]], { device: reference });
      assert.deepEqual(values(maxPool2d(x, 2)), [NaN]);
    }
  });
});
