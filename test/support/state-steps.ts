import {
  add,
  broadcastTo,
  clamp,
  concat,
  expandDims,
  flip,
  full,
  matmul,
  mul,
  neg,
  oneHot,
  relu,
  reshape,
  slice,
  sub,
  sum,
  tensor,
  transpose,
  zeros,
  type Tensor,
} from 'bigrad';

export interface State {
  readonly w: Tensor;
  readonly m: Tensor;
  readonly n: Tensor;
  readonly s: Tensor;
  readonly d: Tensor;
  readonly none: Tensor;
}

export type Step = (state: State, x: Tensor, labels: Tensor) => State;

const int32 = { dtype: 'int32' } as const;

export const start = (): State => ({
  w: tensor([
    [1, 2, 0],
    [-1, 3, 1],
  ]),
  m: tensor([
    [2, 2, -2],
    [0, 1, 5],
  ]),
  n: tensor(3, int32),
  s: tensor(2),
  d: tensor([1, 2, 3], { dtype: 'float64' }),
  none: zeros([0, 3]),
});

export const batch = (): Tensor =>
  tensor([
    [1, -1, 2],
    [0, 2, -3],
  ]);

export const labels = (): Tensor => tensor([2, 0], int32);

export const wrong = (): Tensor => tensor([2, 7], int32);

const small = (x: Tensor): Tensor => clamp(x, -5, 5);
// integers, of which all sums are exact
const kept = tensor([
  [7, 7, 7],
  [1, 2, 3],
]);

/**
 * Steps that keep the structure of their state, in all ways in which its leaves may depend on one
 * another.
 */
export const steps: Readonly<Record<string, Step>> = {
  'each from itself': ({ w, m, n, s, d, none }, x) => ({
    w: small(add(w, x)),
    m: small(sub(m, x)),
    n: add(n, 1),
    s: small(neg(s)),
    d: small(neg(d)),
    none: neg(neg(none)),
  }),
  'by momentum': ({ w, m, ...rest }, x) => {
    const v = small(add(mul(m, 2), x));
    return { w: small(sub(w, v)), m: v, ...rest };
  },
  'the one from the other': ({ w, m, ...rest }, x) => ({ w: small(add(m, x)), m: neg(w), ...rest }),
  'of another order': ({ w, m, n, s, d, none }, x) => ({ none, d, s, n: add(n, 1), m: small(mul(m, x)), w: relu(w) }),
  'some as they came': ({ w, ...rest }, x) => ({ ...rest, w: small(add(w, x)) }),
  exchanged: ({ w, m, ...rest }) => ({ w: m, m: w, ...rest }),
  'one twice': ({ w, m, ...rest }, x) => {
    const y = small(add(w, add(m, x)));
    return { w: y, m: y, ...rest };
  },
  'one also transposed': ({ w, ...rest }, x) => {
    const y = small(add(w, x));
    return { ...rest, w: y, m: reshape(transpose(y), [2, 3]) };
  },
  constants: (state, x) => ({ ...state, w: kept, m: zeros([2, 3]), s: sum(x) }),
  'windows on something larger': ({ w, m, ...rest }, x) => {
    const y = relu(concat([w, add(m, sum(w)), x], 0));
    return { ...rest, w: slice(y, [0, 0], [2, 3]), m: slice(relu(small(concat([w, m], 0))), [2, 0], [2, 3]) };
  },
  'the front of something larger': ({ w, m, ...rest }, x) => {
    const y = relu(broadcastTo(expandDims(small(add(x, add(sum(w), sum(m)))), 0), [40, 2, 3]));
    return { ...rest, w: reshape(slice(y, [0, 0, 0], [1, 2, 3]), [2, 3]), m: small(sum(y, 0)) };
  },
  'turned round': ({ w, m, ...rest }, x) => ({ ...rest, w: small(add(flip(w), x)), m: flip(relu(m)) }),
  'a product': ({ w, m, ...rest }, x) => ({
    ...rest,
    w: small(matmul(matmul(w, transpose(m)), x)),
    m: small(add(matmul(matmul(w, transpose(x)), m), slice(w, [0, 0], [1, 3]))),
  }),
  'by a bias': ({ w, m, s, ...rest }, x) => {
    const t = small(neg(s));
    return {
      ...rest,
      w: small(add(w, broadcastTo(add(matmul(m, reshape(slice(x, [0, 0], [1, 3]), [3, 1])), s), [2, 3]))),
      m: small(neg(m)),
      s: t,
    };
  },
  'one before products': ({ w, m, ...rest }, x) => {
    const t = add(w, x);
    const p = small(matmul(small(matmul(m, transpose(x))), small(matmul(x, full([3, 3], 1)))));
    return { ...rest, w: relu(t), m: flip(small(add(p, m)), 1) };
  },
  'with labels first': ({ w, m, n, ...rest }, x, k) => {
    const t = small(add(w, oneHot(k, 3)));
    return { ...rest, w: t, m: small(sub(m, mul(t, x))), n: add(n, 2) };
  },
  'with labels last': ({ w, m, n, s, ...rest }, x, k) => {
    const t = small(add(w, x));
    return { ...rest, w: t, n: add(n, 1), m: small(mul(m, 2)), s: small(add(s, sum(mul(oneHot(k, 3), t)))) };
  },
  'numbers alone': ({ n, s, d, ...rest }) => ({
    ...rest,
    n: add(n, n),
    s: small(add(mul(s, 3), 1)),
    d: small(mul(d, 2)),
  }),
};
