import {
  argmax,
  compile,
  randomKey,
  randomPermutation,
  slice,
  splitKey,
  take,
  valueAndGrad,
  type Tensor,
} from 'bigrad';
import { crossEntropy } from 'bigrad/nn';
import { adam } from 'bigrad/optim';
import { SingleBar } from 'cli-progress';
import { asProgram, say } from '../lab/program.js';
import { digits } from './digits.js';
import { network } from './network.js';
import { pictureOf } from './picture.js';

type Params = ReturnType<typeof network.init>;
const optimizer = adam({ learningRate: 2e-3 });

/** A step of training: it takes over the memory of the state that it gets. */
const step = compile(
  (state: ReturnType<typeof start>, images: Tensor, labels: Tensor) => {
    const loss = (p: Params) => crossEntropy(network.apply(p, images), labels);
    const [value, gradient] = valueAndGrad(loss)(state.params);
    const [params, moments] = optimizer.update(gradient, state.moments, state.params);
    return { state: { params, moments }, value };
  },
  { donate: [0] },
);
const read = compile((params: Params, images: Tensor) => argmax(network.apply(params, images), 1));

function start() {
  const params = network.init(randomKey(1));
  return { params, moments: optimizer.init(params) };
}

/** Trains the network on a part of 10,000 digits, and reads the rest with it. */
export function run({ train = 8000, test = 2000, epochs = 3, batch = 50, log = say } = {}) {
  const { images, labels } = digits(train + test);
  const testImages = slice(images, [train, 0, 0, 0], [test, 1, 28, 28]);
  const right = slice(labels, [train], [test]).readSync();
  const perEpoch = Math.floor(train / batch);
  let state = start();
  let accuracy = 0;
  let mistakes: { index: number; label: number; said: number }[] = [];
  const bar = new SingleBar({ format: '{bar} epoch {epoch}, loss {loss}', clearOnComplete: true });

  splitKey(randomKey(2), epochs).forEach((key, epoch) => {
    const order = randomPermutation(key, train);
    bar.start(perEpoch, 0);
    let total = 0;
    for (let i = 0; i < perEpoch; i++) {
      const rows = slice(order, [i * batch], [batch]);
      const done = step(state, take(images, rows), take(labels, rows));
      state = done.state;
      total += done.value.item();
      bar.update(i + 1, { epoch: epoch + 1, loss: (total / (i + 1)).toFixed(3) });
    }
    bar.stop();
    const said = read(state.params, testImages).readSync();
    mistakes = Array.from(right, (label, index) => ({ index, label, said: said[index]! })).filter(
      (m) => m.label !== m.said,
    );
    accuracy = 1 - mistakes.length / test;
    log(
      `epoch ${epoch + 1}: loss ${(total / perEpoch).toFixed(3)}, accuracy on ${test} other digits ${(100 * accuracy).toFixed(1)} %`,
    );
  });
  return { accuracy, picture: pictureOf(mistakes.slice(0, 8), testImages) };
}

await asProgram(import.meta.url, run);
