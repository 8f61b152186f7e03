import {
  avgPool2d,
  cast,
  globalAvgPool2d,
  grad,
  hvp,
  mapTree,
  maxPool2d,
  randomBernoulli,
  randomKey,
  randomNormal,
  relu,
  square,
  sum,
  type Shape,
  type Tensor,
} from 'bigrad';
import {
  batchNorm2d,
  compact,
  conv,
  dropout,
  flatten,
  linear,
  masked,
  prelu,
  residual,
  sequential,
  type Gate,
  type Masks,
  type StatefulLayer,
} from 'bigrad/nn';
import { double, wave } from '../../support/numbers.js';
import { near } from '../../support/close.js';

// Networks, their masks, and what `compact` must keep.

export type Tree = object;
export type Net = StatefulLayer<Tree, Tree>;

export const asIs: Gate = (m) => m;
const filter = (from: number, to: number, padding: number, bias: boolean, stride = 1) =>
  conv(from, to, 3, { padding, bias, stride });
const pool = (x: Tensor): Tensor => maxPool2d(x, 2, { padding: 1 });

/** Images [n,2,6,6] to two numbers. */
export const chain = (padding: number, bias: boolean, act: (x: Tensor) => Tensor): Net =>
  sequential([
    filter(2, 5, padding, bias),
    batchNorm2d(5),
    act,
    sequential([pool, conv(5, 5, 3, { padding: 1, groups: 5 }), prelu(5), avgPool2d2]),
    filter(5, 4, padding, true),
    act,
    dropout(0.5),
    flatten,
    linear(padding === 1 ? 100 : 16, 4),
    act,
    linear(4, 2),
  ]);
const avgPool2d2 = (x: Tensor): Tensor => avgPool2d(x, 2, { stride: 1, padding: 1 });

const block = (from: number, to: number, stride: number) => {
  const path = sequential([
    filter(from, to, 1, false, stride),
    batchNorm2d(to),
    relu,
    filter(to, to, 1, true),
    batchNorm2d(to),
  ]);
  const shortcut = sequential([conv(from, to, 1, { stride, bias: false }), batchNorm2d(to)]);
  return residual(path, { ...(from !== to && { shortcut }), activation: relu });
};
export const blocks = (): Net =>
  sequential([block(2, 3, 1), block(3, 3, 1), block(3, 4, 2), globalAvgPool2d, linear(4, 2)]);

/** Parameters with biases and shifts of all signs, and the state of a training. */
export function started(net: Net, seed: number): { params: Tree; state: Tree } {
  let at = 100 * seed;
  const noise = (x: Tensor): Tensor => randomNormal(randomKey(at++), x.shape, double);
  const params = mapTree((x) => (x.shape.length === 1 ? noise(x) : x), net.init(randomKey(seed), double));
  return { params, state: mapTree((x) => square(noise(x)), net.initState(params)) };
}

/** Masks that multiply: of whole filters, of input channels, and of single weights. */
export function masksOf(params: Tree, seed: number, dead: number): Masks<Tree>[] {
  let at = 1000 + 100 * seed;
  const drawn = (p: number, shapeOf: (shape: Shape) => Shape): Masks<Tree> =>
    mapTree((w) => randomBernoulli(randomKey(at++), shapeOf(w.shape), { p: 1 - p, dtype: 'float64' }), params);
  const vector = (shape: Shape): boolean => shape.length === 1;
  return [
    drawn(dead, (shape) => shape.map((d, i) => (i === 0 ? d : 1))),
    drawn(dead / 2, (shape) => (vector(shape) ? [1] : shape.map((d, i) => (i === 1 ? d : 1)))),
    drawn(dead / 4, (shape) => shape),
  ];
}

export const x = wave([2, 2, 6, 6]);

/** That a small network gives what the masked one gives, with two derivatives in x. */
export function agree(net: Net, params: Tree, masks: Masks<Tree>[], state: Tree, gate = asIs, tolerance = 1e-12) {
  const small = compact(net, params, masks, { state, gate });
  const dense = (v: Tensor): Tensor =>
    masked<Tree, [Tree, object], [Tensor, Tree], Net>(net, gate).apply(params, masks, v, state, { training: false })[0];
  const narrow = (v: Tensor): Tensor => small.layer.apply(small.params, v, small.state, { training: false })[0];
  const like = cast(x, tolerance > 1e-9 ? 'float32' : 'float64');
  near(narrow(like), dense(like), tolerance);
  const loss = (f: typeof dense) => (v: Tensor) => sum(square(f(v)));
  near(grad(loss(narrow))(like), grad(loss(dense))(like), tolerance);
  near(hvp(loss(narrow), like, like), hvp(loss(dense), like, like), tolerance);
  return small;
}
