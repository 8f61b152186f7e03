import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ELEMENTS, IMAGE_SHAPE, writeImages } from '../../../examples/x-yield/index.js';
import { alloy, equimolar } from './arbitraries.js';

const layout = fc.constantFrom('ptr' as const, 'rptr' as const);

describe('image', () => {
  it('has fractions at the cells of their elements, zero elsewhere, and a constant second channel', () => {
    fc.assert(
      fc.property(fc.array(alloy, { maxLength: 4 }), layout, (alloys, which) => {
        const images = writeImages(alloys, which);
        assert.equal(images.length, alloys.length * 2 * 9 * 18);
        alloys.forEach(({ fractions, temperature }, i) => {
          const cells = new Float32Array(162);
          ELEMENTS.forEach((element, n) => {
            const [row, column] = element[which];
            cells[row * 18 + column] = fractions[n]!;
          });
          const image = images.subarray(i * 324, (i + 1) * 324);
          assert.deepEqual(image.subarray(0, 162), cells);
          assert.deepEqual(image.subarray(162), new Float32Array(162).fill((temperature - 273.15) / 2000));
        });
      }),
    );
  });

  it('puts aluminium and tungsten where each layout says', () => {
    const at = (which: 'ptr' | 'rptr') =>
      [...writeImages([{ fractions: equimolar('Al', 'W'), temperature: 273.15 }], which).entries()]
        .filter(([, value]) => value !== 0)
        .map(([index, value]) => [Math.floor(index / 18), index % 18, value]);
    assert.deepEqual(IMAGE_SHAPE, [2, 9, 18]);
    assert.deepEqual(at('ptr'), [
      [2, 12, 0.5],
      [5, 5, 0.5],
    ]);
    assert.deepEqual(at('rptr'), [
      [4, 15, 0.5],
      [8, 6, 0.5],
    ]);
  });
});
