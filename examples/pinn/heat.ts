import {
  add,
  concat,
  exp,
  grad,
  mean,
  mul,
  ones,
  randomUniform,
  sin,
  splitKey,
  square,
  sub,
  sum,
  tanh,
  zeros,
  type Tensor,
} from 'bigrad';
import { linear, sequential } from 'bigrad/nn';

// A physics-informed network (Raissi et al. 2019) for the heat equation u_t = K u_xx on 0 <= x <= 1
// and 0 <= t <= 1, with u(x, 0) = sin(pi x) and u = 0 at both ends. It never sees the solution.

const K = 0.2;
export const network = sequential([linear(2, 32), tanh, linear(32, 32), tanh, linear(32, 1)]);
export type Params = ReturnType<typeof network.init>;

/** Points (x, t) in rows, [n,1] each. */
export interface Points {
  readonly x: Tensor;
  readonly t: Tensor;
}
/** The network at points. */
export const u = (params: Params, { x, t }: Points): Tensor => network.apply(params, concat([x, t], 1));
/** What the network has to find. */
export const solution = ({ x, t }: Points): Tensor => mul(sin(mul(x, Math.PI)), exp(mul(t, -K * Math.PI ** 2)));

/** u_t - K u_xx. Rows do not mix, so the gradient of a sum over them has the slope of each. */
function residual(params: Params, points: Points): Tensor {
  const slopes = grad((p: Points) => sum(u(params, p)));
  const curvature = grad((p: Points) => sum(slopes(p).x));
  return sub(slopes(points).t, mul(curvature(points).x, K));
}

/** Squared residuals inside, and squared errors at the start and at both ends. */
export function loss(params: Params, key: Tensor, n: number): Tensor {
  const [kx, kt] = splitKey(key);
  const [x, t, zero] = [randomUniform(kx, [n, 1]), randomUniform(kt, [n, 1]), zeros([n, 1])];
  const start = { x, t: zero };
  const ends = [zero, ones([n, 1])].map((end) => square(u(params, { x: end, t })));
  const terms = [square(residual(params, { x, t })), square(sub(u(params, start), solution(start))), ...ends];
  return terms.map((term) => mean(term)).reduce((a, b) => add(a, b));
}
