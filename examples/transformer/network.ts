import {
  add,
  layerNorm,
  matmul,
  mul,
  ones,
  randomNormal,
  relu,
  splitKey,
  take,
  transpose,
  zeros,
  type Tensor,
} from 'bigrad';
import { linear } from 'bigrad/nn';
import { attention } from './attention.js';

// A decoder-only transformer in ordinary ops: blocks with the norm first, and learned positions
// (Radford et al. 2019).

const [WIDTH, HEADS, BLOCKS] = [32, 4, 1];
const [attend, up, down] = [attention(WIDTH, HEADS), linear(WIDTH, 4 * WIDTH), linear(4 * WIDTH, WIDTH)];

const norm = () => ({ scale: ones([WIDTH]), shift: zeros([WIDTH]) });
const normed = (x: Tensor, { scale, shift }: ReturnType<typeof norm>): Tensor => layerNorm(x, scale, shift);

function initBlock(key: Tensor) {
  const [k1, k2, k3] = splitKey(key, 3);
  return { attend: attend.init(k1), up: up.init(k2), down: down.init(k3), before: norm(), between: norm() };
}

/** Fresh parameters for `symbols` different tokens and sequences of `length`. */
export function init(key: Tensor, symbols: number, length: number) {
  const [k1, k2, k3] = splitKey(key, 3);
  const small = (k: Tensor, n: number): Tensor => mul(randomNormal(k, [n, WIDTH]), 0.1);
  const blocks = splitKey(k3, BLOCKS).map(initBlock);
  return { tokens: small(k1, symbols), positions: small(k2, length), blocks, last: norm() };
}
export type Params = ReturnType<typeof init>;

/** Logits of the next token, [n,length,symbols], and the attention of each block. */
export function apply(params: Params, tokens: Tensor): { logits: Tensor; attention: Tensor[] } {
  let x = add(take(params.tokens, tokens), params.positions);
  const seen = params.blocks.map((block) => {
    const [y, shares] = attend.apply(block.attend, normed(x, block.before));
    x = add(x, y);
    x = add(x, down.apply(block.down, relu(up.apply(block.up, normed(x, block.between)))));
    return shares;
  });
  return { logits: matmul(normed(x, params.last), transpose(params.tokens)), attention: seen };
}
