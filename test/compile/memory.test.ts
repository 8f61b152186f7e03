import assert from 'node:assert/strict';
import {
  add,
  compile,
  mean,
  mul,
  randomKey,
  randomNormal,
  square,
  sub,
  tanh,
  tensor,
  transpose,
  valueAndGrad,
  zeros,
  type Tensor,
} from 'bigrad';
import { bytesInUse } from '../support/heap.js';
import { reachableNodes } from '../support/reachable.js';
import { memoryOf } from '../support/same.js';

const CALLS = 10_000;
const WARM = 400;
const MEGABYTE = 2 ** 20;

interface State {
  readonly w: Tensor;
  readonly mean: Tensor;
  readonly n: Tensor;
}
const step = ({ w, mean: before, n }: State, x: Tensor, rate: number): State => {
  const [[, moved], g] = valueAndGrad(
    (v: Tensor) => {
      const y = tanh(mul(x, v));
      return [mean(square(sub(y, 0.5))), add(mul(before, 0.9), mul(mean(y), 0.1))];
    },
    { hasAux: true },
  )(w);
  return { w: sub(w, mul(g, rate)), mean: moved, n: add(n, 1) };
};
const start = (): State => ({
  w: randomNormal(randomKey(1), [100]),
  mean: tensor(0),
  n: tensor(0, { dtype: 'int32' }),
});

describe(`over ${CALLS} calls of a compiled function`, () => {
  for (const [how, donate] of [
    ['with fresh results', []],
    ['with donated state', [0]],
  ] as const)
    it(`the heap stays flat, ${how}`, () => {
      const compiled = compile(step, { donate });
      let [state, memory] = [start(), 0];
      const x = randomNormal(randomKey(2), [100]);
      for (let i = 0; i < CALLS; i++) {
        if (i === WARM) memory = bytesInUse();
        state = compiled(state, x, 1 / (i + 1));
      }
      const grown = bytesInUse() - memory;
      assert.ok(grown < MEGABYTE, `the heap grew by ${(grown / MEGABYTE).toFixed(1)} MB`);
      assert.equal(compiled.traces, 1);
      assert.equal(reachableNodes(state), 0);
      assert.equal(state.n.readSync()[0], CALLS);
    });

  it('donated state stays in the memory that it is in', () => {
    const compiled = compile(step, { donate: [0] });
    let state = start();
    const x = transpose(randomNormal(randomKey(2), [100]));
    const before = Object.values(state as unknown as Record<string, Tensor>).map(memoryOf);
    for (let i = 0; i < 10; i++) state = compiled(state, x, 0.1);
    assert.deepEqual(new Set(Object.values(state as unknown as Record<string, Tensor>).map(memoryOf)), new Set(before));
  });

  it('what nobody needs any more goes, though the plan that made it stays', () => {
    const doubled = compile((x: Tensor) => mul(x, 2));
    const x = zeros([MEGABYTE]);
    let results: Tensor | undefined = doubled(x);
    const before = bytesInUse();
    assert.equal(results.size, MEGABYTE);
    results = undefined;
    assert.ok(before - bytesInUse() > 3.9 * MEGABYTE, 'the plan holds its results');
    assert.equal(doubled.traces, 1);
  });

  it('shapes that change are traced again and again, but no more plans are kept than maxPlans', () => {
    const compiled = compile((x: Tensor) => mul(x, 2), { maxPlans: 3 });
    let memory = 0;
    for (let i = 0; i < 240; i++) {
      if (i === 60) memory = bytesInUse();
      compiled(randomNormal(randomKey(1), [1 + (i % 30)]));
    }
    assert.equal(compiled.traces, 240);
    assert.ok(bytesInUse() - memory < 4 * MEGABYTE, 'plans pile up'); // each has 64 KB at least
  });
});
