import { add, compile, dot, exp, full, randomKey, splitKey, square, zeros, type Tensor } from 'bigrad';
import { hypergradient } from 'bigrad/bilevel';
import { adam } from 'bigrad/optim';
import { asProgram, say } from '../lab/program.js';
import { error, FEATURES, points, USEFUL, type Points } from './data.js';
import { pictureOf } from './picture.js';

// A penalty of its own for every feature of a linear regression: forty hyperparameters, learned by
// the gradient of the validation error through fifty steps of training. A grid cannot try so many.

const [TRAINING_STEPS, RATE] = [50, 0.05];

/** The lower level trains weights under penalties exp(ms); the upper level has other points. */
const problem = hypergradient({
  lower: (w: Tensor, ms: Tensor, data: Points) => [add(error(w, data), dot(exp(ms), square(w))), undefined],
  upper: (w: Tensor, _: { ms: Tensor }, data: Points) => [error(w, data), undefined],
  learningRate: RATE,
});

type Three = [Points, Points, Points];

/** Learns the penalties, and compares them with the best single penalty of a grid. */
export function run({ steps = 300, log = say } = {}) {
  const [train, validation, test] = splitKey(randomKey(0), 3).map((key, i) => points(key, [50, 50, 2000][i]!)) as Three;
  const start = zeros([FEATURES]);
  const outcome = compile((ms: Tensor) => {
    const { theta, value, dMs } = problem(
      start,
      { ms, mt: undefined },
      { lower: Array<Points>(TRAINING_STEPS).fill(train), upper: validation },
    );
    return { slope: dMs, validation: value, test: error(theta, test) };
  });
  const report = (name: string, ms: Tensor) => {
    const { validation, test } = outcome(ms);
    log(
      `${name.padEnd(22)} error on validation points ${validation.item().toFixed(3)}, on test points ${test.item().toFixed(3)}`,
    );
    return test.item();
  };

  const grid = Array.from({ length: 13 }, (_, i) => full([FEATURES], -8 + i));
  const best = grid.reduce((a, b) => (outcome(b).validation.item() < outcome(a).validation.item() ? b : a));
  const optimizer = adam({ learningRate: 0.1 });
  let ms = best;
  let state = optimizer.init(ms);
  for (let i = 0; i < steps; i++) {
    [ms, state] = optimizer.update(outcome(ms).slope, state, ms);
  }
  const errors = [
    report('no penalty', full([FEATURES], -30)),
    report('best of one penalty', best),
    report(`${FEATURES} learned penalties`, ms),
  ];
  return { errors, picture: pictureOf(exp(ms), USEFUL) };
}

await asProgram(import.meta.url, run);
