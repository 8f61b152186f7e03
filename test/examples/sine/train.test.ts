import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { train } from '../../../examples/sine/train.js';

describe('the network of README.md', () => {
  it('follows the sine after 500 steps, and not before', () => {
    const { points, curves } = train([0, 500]);
    assert.equal(points.length, 64);
    const largestError = (steps: number) => {
      const inside = curves.filter((p) => p.steps === steps && Math.abs(p.x) <= 1.5);
      assert.equal(inside.length, 61);
      return Math.max(...inside.map(({ x, y }) => Math.abs(y - Math.sin(3 * x))));
    };
    assert.ok(largestError(500) < 0.1);
    assert.ok(largestError(0) > 0.5);
  });

  it('has its picture, with a curve for each number of steps', () => {
    const svg = readFileSync('docs/sine.svg', 'utf8');
    for (const steps of [0, 50, 500]) assert.ok(svg.includes(`>${steps}</text>`), `${steps} steps`);
    assert.equal(svg.match(/aria-roledescription="point"/g)?.length, 64);
  });
});
