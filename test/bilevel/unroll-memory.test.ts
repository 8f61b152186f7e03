import assert from 'node:assert/strict';
import v8 from 'node:v8';
import vm from 'node:vm';
import { grad, sin, sum, zeros, type Tensor } from 'bigrad';
import { unroll } from 'bigrad/bilevel';

v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc') as () => void;

const SIZE = 2 ** 16;

/** The most states that were in memory at the beginning of any step, forward or backward. */
function mostStates(p: number, checkpoint: boolean): number {
  let [before, most] = [0, 0];
  const look = (): number => {
    collect();
    collect();
    return process.memoryUsage().arrayBuffers;
  };
  const step = (s: Tensor): Tensor => {
    most = Math.max(most, look());
    return sin(s);
  };
  const f = grad((s: Tensor) => sum(unroll(step, s, p, { checkpoint })));
  const state = zeros([SIZE]);
  before = look();
  f(state);
  return (most - before) / (4 * SIZE);
}

describe('the memory of an unrolled loop of p steps', () => {
  it('is p states', () => {
    for (const p of [9, 49]) {
      const states = mostStates(p, false);
      assert.ok(states >= p - 2 && states <= p + 8, `${states} states for ${p} steps`);
    }
  });

  it('is of the order of sqrt p states with checkpoint', () => {
    for (const p of [9, 49]) {
      const states = mostStates(p, true);
      assert.ok(states <= 2 * Math.sqrt(p) + 8, `${states} states for ${p} steps`);
    }
  });
});
