import assert from 'node:assert/strict';
import { compile, leaves, treeSize, type Compiled, type Tensor } from 'bigrad';
import { same } from '../support/same.js';
import { biRptIteration, startBiRpt, startTraining, trainingStep } from '../support/x-yield.js';
import { batch } from '../../bench/network.js';

// What a plan costs, as counts: they depend on no machine, and a change that makes the plan worse
// turns these red.

/** How often the kernels run in which nearly all arithmetic is. */
const products = ({ stats }: Compiled<never, unknown>): Record<string, number | undefined> => {
  const { conv2d, conv2dInput, conv2dWeight, matmul } = stats!.ops;
  return { conv2d, conv2dInput, conv2dWeight, matmul };
};
function atMost(compiled: Compiled<never, unknown>, limits: { steps: number; buffers: number; bytes: number }): void {
  for (const [what, limit] of Object.entries(limits)) {
    const count = compiled.stats![what as keyof typeof limits];
    assert.ok(count <= limit, `${what}: expected at most ${limit}, got ${count}`);
  }
}

/**
 * Weights without biases: before a batch norm a bias has no gradient, of which Adam makes whole
 * steps out of rounding errors.
 */
const weightsOf = (state: unknown): Tensor[] => leaves(state).filter((x) => x.shape.length > 1);

describe('the compiled training step of the X-Yield network', () => {
  const step = compile(trainingStep, { donate: [0, 1, 2] });

  it('is the eager one, over several steps', () => {
    let [a, b] = [startTraining(), startTraining()];
    for (let i = 0; i < 5; i++) {
      a = [...step(...a, batch(4, i))];
      b = [...trainingStep(...b, batch(4, i))];
    }
    same(weightsOf(a), weightsOf(b), 1e-4);
    assert.equal(step.traces, 1);
  });

  it('does each product once: three convolutions, their gradients but that of the images, and two layers', () => {
    step(...startTraining(), batch(16));
    assert.deepEqual(products(step), { conv2d: 3, conv2dInput: 2, conv2dWeight: 3, matmul: 6 });
  });

  it('takes few steps and little memory', () => {
    step(...startTraining(), batch(16));
    atMost(step, { steps: 78, buffers: 127, bytes: 2_942_020 });
    const state = 4 * treeSize(startTraining());
    assert.ok(step.stats!.bytes >= state, `arguments alone take ${state} bytes`);
  });

  it('is traced once for each size of batch', () => {
    const fresh = compile(trainingStep);
    let state = startTraining();
    for (const n of [4, 4, 3, 4, 3]) state = [...fresh(...state, batch(n))];
    assert.equal(fresh.traces, 2);
  });
});

describe('the compiled iteration of Bi-RPT', () => {
  const step = compile(biRptIteration);

  it('is the eager one, whatever the rates', () => {
    let [a, b] = [startBiRpt(), startBiRpt()];
    for (let i = 0; i < 3; i++) {
      const rates = [0.1 * 0.9 ** i, 1e-2 / (i + 1)] as const;
      a = step(a, batch(4, i), batch(3, i), ...rates);
      b = biRptIteration(b, batch(4, i), batch(3, i), ...rates);
    }
    same(a, b, 1e-4);
    assert.equal(step.traces, 1);
  });

  it('does each product once, those of mixed second derivatives too', () => {
    step(startBiRpt(), batch(4), batch(4), 0.1, 1e-3);
    assert.deepEqual(products(step), { conv2d: 11, conv2dInput: 8, conv2dWeight: 11, matmul: 20 });
  });

  it('takes few steps and little memory', () => {
    step(startBiRpt(), batch(4), batch(4), 0.1, 1e-3);
    atMost(step, { steps: 268, buffers: 296, bytes: 2_763_076 });
  });
});
