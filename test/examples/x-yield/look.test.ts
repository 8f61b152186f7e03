import assert from 'node:assert/strict';
import { look } from '../../../examples/x-yield/look.js';

describe('what bigrad/debug says of the X-Yield network', () => {
  it('is a graph of its three convolutions and two layers, and a profile of its step', () => {
    const { graph, profile } = look(2, 1);
    const ops = graph.ops.map(({ op }) => op);
    assert.equal(ops.filter((op) => op === 'conv2d').length, 3);
    assert.equal(ops.filter((op) => op === 'matmul').length, 2);
    assert.deepEqual(
      graph.results.map(({ value }) => graph.values[value]!.shape),
      [[2, 1]],
    );
    const steps = profile.steps.flatMap((step) => step.ops);
    assert.equal(steps.filter((op) => op === 'conv2dWeight').length, 3);
    assert.match(profile.table(3), /\| a whole call +\|/);
  });
});
