import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { add, cast, compile, gate, mapTree, matmul, mean, mul, square, sub, sum, tanh, type Tensor } from 'bigrad';
import { hypergradient, type Mode } from 'bigrad/bilevel';
import { adam, rmsprop, sgd } from 'bigrad/optim';
import { near } from '../support/close.js';
import { wave } from '../support/numbers.js';

/** A row of bilevel.json.gz: see bilevel.py, which made it by PyTorch. */
interface Row {
  readonly phases: readonly (readonly [optimizer: keyof typeof descents, steps: number])[];
  readonly carries: boolean;
  readonly mode: Mode;
  readonly value: number[];
  readonly theta: number[];
  readonly dTheta: number[];
  readonly dMt: number[];
  readonly dMs: number[];
}
const packed = readFileSync(new URL('bilevel.json.gz', import.meta.url));
const rows = JSON.parse(gunzipSync(packed).toString()) as Row[];

const descents = {
  plain: { learningRate: 0.2 },
  momentum: { optimizer: sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true }) },
  adam: { optimizer: adam({ learningRate: 0.05, eps: 1e-3 }) },
  rmsprop: { optimizer: rmsprop({ learningRate: 0.03, eps: 1e-2 }) },
};

type Theta = readonly [first: Tensor, last: Tensor];
type Batch = readonly [x: Tensor, y: Tensor];
const predict = ([first, last]: Theta, gates: Tensor, x: Tensor): Tensor =>
  matmul(tanh(matmul(x, mul(first, gates))), last);
const lower = (w: Theta, ms: Tensor, [x, y]: Batch, c: Tensor | undefined): [Tensor, Tensor | undefined] => {
  const error = mean(square(sub(predict(w, gate(ms, 0.4), x), y)));
  if (!c) return [error, undefined];
  return [add(error, mul(sum(mul(square(w[0]), c)), 0.1)), add(mul(c, 0.7), mul(mul(w[0], error), 0.3))];
};
const upper = (
  w: Theta,
  { ms, mt }: { ms: Tensor; mt: Tensor },
  [x, y]: Batch,
  c: Tensor | undefined,
): [Tensor, null] => {
  const error = mean(square(sub(predict(w, mul(gate(ms, 0.4), gate(mt, 0.4)), x), y)));
  const loss = add(error, mul(sum(square(ms)), 0.05));
  return [c ? add(loss, mul(sum(square(c)), 0.2)) : loss, null];
};

const batch = (i: number): Batch => [wave([4, 3], 5 * i), wave([4], 7 * i + 1)];
const start = {
  theta: [wave([3, 2]), wave([2], 1)] as Theta,
  masks: { ms: wave([2], 2), mt: wave([1, 2], 3) },
  carried: wave([3, 2], 4),
  batches: { lower: [0, 1, 2, 3].map(batch), upper: batch(4) },
};

function solve({ phases, carries, mode }: Row, float32 = false) {
  const at = float32 ? mapTree((x) => cast(x, 'float32'), start) : start;
  const level =
    phases.length === 1
      ? { lower, ...descents[phases[0]![0]] }
      : { lower: phases.map(([name, steps]) => ({ loss: lower, steps, ...descents[name] })) };
  const problem = hypergradient<Theta, Tensor, Tensor, Batch, Batch, Tensor | undefined, null>({
    ...level,
    upper,
    mode,
  });
  return (theta: Theta, ms: Tensor) =>
    problem(theta, { ...at.masks, ms }, at.batches, carries ? { carried: at.carried } : {});
}

describe('hypergradients agree with PyTorch', () => {
  it('in all modes, with all optimizers', () => {
    const named = (mode: Mode): string => (typeof mode === 'string' ? mode : Object.keys(mode)[0]!);
    assert.deepEqual(
      new Set(rows.map(({ mode }) => named(mode))),
      new Set(['exact', 'truncated', 'summed', 'paper', 'firstOrder', 'implicit', 'nystrom', 'penalty']),
    );
    assert.deepEqual(
      new Set(rows.flatMap(({ phases }) => phases.map(([name]) => name))),
      new Set(Object.keys(descents)),
    );
  });

  for (const row of rows) {
    const { phases, carries, mode } = row;
    it(`${JSON.stringify(mode)} after ${phases.map(String).join(' and ')}${carries ? ', with a state' : ''}`, () => {
      const got = solve(row)(start.theta, start.masks.ms);
      for (const name of ['value', 'theta', 'dTheta', 'dMt'] as const) near(got[name], row[name], 1e-10);
      // Two eigenvalues of this Hessian are 0: so are two of what 'nystrom' solves with.
      near(got.dMs, row.dMs, typeof mode === 'object' && 'nystrom' in mode ? 1e-4 : 1e-9);
    });
  }

  it('compiled, in float32', () => {
    const whole = rows.filter(({ mode, carries }) => carries && mode === 'exact');
    assert.ok(whole.length >= 5);
    for (const row of whole) {
      const f = solve(row, true);
      const [first, last] = start.theta.map((x) => cast(x, 'float32'));
      const dMs = compile((a: Tensor, b: Tensor, ms: Tensor) => f([a, b], ms).dMs)(first!, last!, cast(start.masks.ms, 'float32')); // prettier-ignore
      near(dMs, row.dMs, 2e-4);
    }
  });
});
