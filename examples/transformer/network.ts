import { add, matmul, mul, randomNormal, relu, splitKey, transpose, type Tensor } from 'bigrad';
import {
  embedding,
  layerNorm,
  learnedPositions,
  linear,
  multiHeadAttention,
  sequential,
  type Initializer,
} from 'bigrad/nn';
import { READ, SYMBOLS } from './words.js';

// A decoder-only transformer: blocks with the norm first, and learned positions (Radford et al.
// 2019).

const [WIDTH, HEADS, BLOCKS] = [32, 4, 1];
const weight: Initializer = (key, shape, options) => mul(randomNormal(key, shape, options), 0.1);

const tokens = embedding(SYMBOLS, WIDTH, { weight });
const positions = learnedPositions(READ, WIDTH, { weight });
const norm = layerNorm(WIDTH);
const attend = multiHeadAttention(WIDTH, HEADS, { causal: true });
const think = sequential([norm, linear(WIDTH, 4 * WIDTH), relu, linear(4 * WIDTH, WIDTH)]);

function initBlock(key: Tensor) {
  const [k1, k2] = splitKey(key);
  return { norm: norm.init(key), attend: attend.init(k1), think: think.init(k2) };
}

/** Fresh parameters. */
export function init(key: Tensor) {
  const [k1, k2, k3] = splitKey(key, 3);
  const blocks = splitKey(k3, BLOCKS).map(initBlock);
  return { tokens: tokens.init(k1), positions: positions.init(k2), blocks, last: norm.init(key) };
}
export type Params = ReturnType<typeof init>;

/** Logits of the next token, [n,length,symbols], and the attention of each block. */
export function apply(params: Params, text: Tensor): { logits: Tensor; attention: Tensor[] } {
  let x = positions.apply(params.positions, tokens.apply(params.tokens, text));
  const attention = params.blocks.map((block) => {
    const y = norm.apply(block.norm, x);
    x = add(x, attend.apply(block.attend, y));
    x = add(x, think.apply(block.think, x));
    return attend.weights(block.attend, y); // compiled, it is made once
  });
  return { logits: matmul(norm.apply(params.last, x), transpose(params.tokens.weight)), attention };
}
