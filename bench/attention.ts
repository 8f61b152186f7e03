import { compile, grad, mul, randomKey, randomNormal, softmax, sum, type Tensor } from 'bigrad';
import { scaledDotProductAttention } from 'bigrad/nn';
import type { Case } from './case.js';

const SHAPE = [8, 256, 64];

/** Times a function of queries, keys and values, as `bench/peers/attention.py` does in PyTorch. */
const attended = (name: string, f: (qkv: readonly Tensor[]) => unknown): Case => ({
  name: `${name} [${SHAPE.join(',')}], float32`,
  prepare: () => {
    const qkv = [1, 2, 3].map((seed) => randomNormal(randomKey(seed), SHAPE));
    return () => f(qkv);
  },
});

const attention =
  (causal: boolean) =>
  ([q, k, v]: readonly Tensor[]): Tensor =>
    scaledDotProductAttention(q!, k!, v!, { causal });
const slopes = (causal: boolean) =>
  compile(grad((qkv: readonly Tensor[]) => sum(mul(attention(causal)(qkv), qkv[2]!))));

export const cases: readonly Case[] = [
  attended('attention, eager', attention(false)),
  attended('attention, compiled', compile(attention(false))),
  attended('causal attention, compiled', compile(attention(true))),
  attended('the gradient of attention, compiled', slopes(false)),
  attended('the gradient of causal attention, compiled', slopes(true)),
  {
    name: 'softmax of shares [8,256,256], float32',
    prepare: () => {
      const scores = randomNormal(randomKey(1), [8, 256, 256]);
      const run = compile((x: Tensor) => softmax(x));
      return () => run(scores);
    },
  },
];
