import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as bigrad from 'bigrad';
import { cpu, fromTypedArray, mean, ones, reference, sum, tensor, type Tensor } from 'bigrad';
import { shapes, special, views } from '../../../support/arbitraries.js';
import { agree } from '../../../support/agree.js';

const reductions = 'sum mean prod max min variance standardDeviation logSumExp any all'.split(
  ' ',
) as (keyof typeof bigrad)[];

describe('reducing loops give what the reference device gives', () => {
  for (const name of reductions)
    it(`on ${name} over any axes of any view, NaN and infinities included`, () => {
      const cases = shapes(4, 5, 1).chain((shape) =>
        fc.tuple(views(shape, special()), fc.subarray(shape.map((_, i) => i)), fc.boolean()),
      );
      const f = bigrad[name] as (x: Tensor, axes: number[], options: { keepDims: boolean }) => Tensor;
      fc.assert(
        fc.property(cases, ([x, axes, keepDims]) => {
          agree([x], (t) => f(t, axes, { keepDims }));
        }),
        { numRuns: 50 },
      );
    });

  it('on sums over axes of no length, which are 0', () => {
    for (const device of [cpu, reference]) {
      assert.deepEqual(Array.from(sum(ones([2, 0, 3], { device }), 1).readSync()), [0, 0, 0, 0, 0, 0]);
      assert.deepEqual(Array.from(sum(ones([0], { device })).readSync()), [0]);
      assert.equal(sum(ones([2, 0], { device }), 0).size, 0);
    }
  });
});

describe('a float32 sum of a million values', () => {
  for (const device of [cpu, reference])
    it(`keeps six digits on ${device.name}`, () => {
      const n = 1_000_000;
      const x = fromTypedArray(
        Float32Array.from({ length: n }, (_, i) => 0.1 + (i % 7) * 0.01),
        [1000, 1000],
        { device },
      );
      const exact = Array.from(x.readSync()).reduce((a, b) => a + b, 0);
      assert.ok(Math.abs(sum(x).readSync()[0]! / exact - 1) < 1e-7);
      assert.ok(Math.abs((mean(x).readSync()[0]! * n) / exact - 1) < 1e-6);
      assert.ok(Math.abs(sum(sum(x, 0)).readSync()[0]! / exact - 1) < 1e-6);
      const ones32 = tensor([1, 1], { device });
      assert.equal(sum(ones32).dtype, 'float32');
    });
});
