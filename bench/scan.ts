import {
  add,
  compile,
  grad,
  matmul,
  mul,
  randomKey,
  randomNormal,
  scan,
  sigmoid,
  slice,
  square,
  sum,
  tanh,
  zeros,
  type Tensor,
} from 'bigrad';

// What an LSTM costs inside `compile`: as a loop of JavaScript, as a scan, and as one with
// checkpoints. `npx tsx bench/scan.ts 400` has 400 steps.

const [BATCH, INPUT, HIDDEN] = [8, 16, 32];
const CALLS = 30;

interface Weights {
  readonly w: Tensor;
  readonly u: Tensor;
  readonly b: Tensor;
}
interface State {
  readonly h: Tensor;
  readonly c: Tensor;
}

function cell({ w, u, b }: Weights, { h, c }: State, x: Tensor): State {
  const z = add(add(matmul(x, w), matmul(h, u)), b);
  const part = (k: number): Tensor => slice(z, [0, k * HIDDEN], [BATCH, HIDDEN]);
  const next = add(mul(sigmoid(part(1)), c), mul(sigmoid(part(0)), tanh(part(2))));
  return { h: mul(sigmoid(part(3)), tanh(next)), c: next };
}

const start = (): State => ({ h: zeros([BATCH, HIDDEN]), c: zeros([BATCH, HIDDEN]) });

/** The last hidden state by a loop that the trace writes down step by step. */
function looped(weights: Weights, xs: Tensor): Tensor {
  let state = start();
  for (let i = 0; i < xs.shape[0]!; i++) {
    const x = slice(xs, [i, 0, 0], [1, BATCH, INPUT]);
    state = cell(weights, state, sum(x, 0));
  }
  return state.h;
}

const scanned =
  (checkpoint: boolean) =>
  (weights: Weights, xs: Tensor): Tensor =>
    scan((state: State, x: Tensor) => [cell(weights, state, x), null] as const, start(), xs, { checkpoint })[0].h;

function measure(name: string, f: (weights: Weights, xs: Tensor) => unknown, weights: Weights, xs: Tensor): string {
  const step = compile(f);
  const time = (): number => {
    const before = performance.now();
    step(weights, xs);
    return performance.now() - before;
  };
  const first = time();
  const later = Math.min(...Array.from({ length: CALLS }, time));
  const { steps, bytes } = step.stats!;
  return `| ${name} | ${steps} | ${(bytes / 1e6).toFixed(2)} | ${first.toFixed(0)} | ${later.toFixed(1)} |`;
}

const length = Number(process.argv[2] ?? 400);
const [k1, k2, k3] = [randomKey(1), randomKey(2), randomKey(3)];
const weights: Weights = {
  w: mul(randomNormal(k1, [INPUT, 4 * HIDDEN]), 0.1),
  u: mul(randomNormal(k2, [HIDDEN, 4 * HIDDEN]), 0.1),
  b: zeros([4 * HIDDEN]),
};
const xs = randomNormal(k3, [length, BATCH, INPUT]);

console.log(`LSTM of ${HIDDEN} units, batch ${BATCH}, ${length} steps\n`);
console.log('| program | plan steps | MB | first call, ms | later call, ms |');
console.log('| --- | --- | --- | --- | --- |');
for (const [name, last] of [
  ['loop', looped],
  ['scan', scanned(false)],
  ['scan with checkpoint', scanned(true)],
] as const) {
  const loss = (v: Weights, x: Tensor): Tensor => sum(square(last(v, x)));
  console.log(measure(`${name}, value`, loss, weights, xs));
  console.log(measure(`${name}, gradient`, grad(loss), weights, xs));
}
