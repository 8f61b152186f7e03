import { grad, sin, sum, zeros, type Tensor } from 'bigrad';
import { unroll } from 'bigrad/bilevel';

// Prints how many states an unrolled loop held at most; in a process of its own, since each look
// collects garbage first.

const SIZE = 2 ** 16;
const collect = (globalThis as { gc?: () => void }).gc!;

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

const runs = process.argv.slice(2).map((word) => {
  const [p, how] = word.split(':');
  return mostStates(Number(p), how === 'checkpoint');
});
process.stdout.write(JSON.stringify(runs));
