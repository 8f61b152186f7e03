import {
  argmax,
  compile,
  fromTypedArray,
  randomKey,
  reshape,
  slice,
  splitKey,
  valueAndGrad,
  type Tensor,
} from 'bigrad';
import { crossEntropy } from 'bigrad/nn';
import { adam, chain, clipByGlobalNorm, cosine } from 'bigrad/optim';
import { asProgram, say } from '../lab/program.js';
import { apply, init, type Params } from './network.js';
import { pictureOf } from './picture.js';
import { isRight, LETTERS, READ, sentences, SYMBOLS, TEXT, textOf } from './words.js';

// A transformer learns to write a word backwards, letter by letter: `heat|` goes on with `taeh`.

/** The cross entropy of the letters after the mark, each with all before it given. */
function loss(params: Params, text: Tensor): Tensor {
  const n = text.shape[0]!;
  const { logits } = apply(params, slice(text, [0, 0], [n, READ]));
  const written = reshape(slice(logits, [0, LETTERS, 0], [n, LETTERS, SYMBOLS]), [n * LETTERS, SYMBOLS]);
  return crossEntropy(written, reshape(slice(text, [0, LETTERS + 1], [n, LETTERS]), [n * LETTERS]));
}

/** Texts whose letters after the mark the network writes, one after another. */
function write(params: Params, texts: Tensor): string[] {
  const n = texts.shape[0]!;
  const next = compile((p: Params, tokens: Tensor) => argmax(apply(p, tokens).logits, 2));
  const tokens = Int32Array.from(texts.readSync());
  for (let at = LETTERS; at < READ; at++) {
    const said = next(params, slice(fromTypedArray(tokens, [n, TEXT]), [0, 0], [n, READ])).readSync();
    for (let i = 0; i < n; i++) tokens[i * TEXT + at + 1] = said[i * READ + at]!;
  }
  return Array.from({ length: n }, (_, i) => textOf(tokens.subarray(i * TEXT, (i + 1) * TEXT)));
}
/** Trains the transformer, and lets it write new words backwards. */
export function run({ steps = 300, batch = 64, words = 500, log = say } = {}) {
  const optimizer = chain(clipByGlobalNorm(1), adam({ learningRate: cosine({ initial: 5e-3, steps }) }));
  const params = init(randomKey(0));
  let state = { params, moments: optimizer.init(params) };
  const step = compile(
    (before: typeof state, key: Tensor) => {
      const [value, slope] = valueAndGrad(loss)(before.params, sentences(key, batch));
      const [next, moments] = optimizer.update(slope, before.moments, before.params);
      return { state: { params: next, moments }, value };
    },
    { donate: [0] },
  );
  splitKey(randomKey(1), steps).forEach((key, i) => {
    const done = step(state, key);
    state = done.state;
    if ((i + 1) % Math.ceil(steps / 4) === 0) log(`step ${i + 1}: loss ${done.value.item().toFixed(3)}`);
  });
  const texts = sentences(randomKey(2), words);
  const written = write(state.params, texts);
  const accuracy = written.filter(isRight).length / words;
  log(`${(100 * accuracy).toFixed(1)} % of ${words} new words are right, such as ${written.slice(0, 3).join(', ')}`);
  const { attention } = apply(state.params, slice(texts, [0, 0], [1, READ]));
  return { accuracy, picture: pictureOf(written[0]!.slice(0, READ), attention.at(-1)!) };
}

await asProgram(import.meta.url, run);
