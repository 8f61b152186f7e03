import {
  arange,
  expandDims,
  lessEqual,
  matmul,
  mul,
  reshape,
  softmax,
  split,
  splitKey,
  transpose,
  where,
  type Tensor,
} from 'bigrad';
import { linear } from 'bigrad/nn';

/** Causal attention with several heads (Vaswani et al. 2017): x [n,length,width] into the same. */
export function attention(width: number, heads: number) {
  const [mix, out] = [linear(width, 3 * width), linear(width, width)];
  const size = width / heads;
  return {
    init: (key: Tensor) => {
      const [k1, k2] = splitKey(key);
      return { mix: mix.init(k1), out: out.init(k2) };
    },
    /** What each position gets, and the share of each other one in it, [n,heads,length,length]. */
    apply: (
      params: { mix: ReturnType<typeof mix.init>; out: ReturnType<typeof out.init> },
      x: Tensor,
    ): [y: Tensor, shares: Tensor] => {
      const [n, length] = x.shape as [number, number];
      const parts = split(mix.apply(params.mix, x), 3, 2).map((part) => reshape(part, [n, length, heads, size]));
      const [q, k, v] = parts.map((part) => transpose(part, [0, 2, 1, 3])) as [Tensor, Tensor, Tensor];
      const at = arange(length);
      const seen = lessEqual(at, expandDims(at, 1)); // itself, and those before it
      const scores = mul(matmul(q, transpose(k, [0, 1, 3, 2])), size ** -0.5);
      const shares = softmax(where(seen, scores, -1e9), 3);
      const joined = reshape(transpose(matmul(shares, v), [0, 2, 1, 3]), [n, length, width]);
      return [out.apply(params.out, joined), shares];
    },
  };
}
