import {
  add,
  conv2d,
  fromTypedArray,
  gate,
  greater,
  mapTree,
  matmul,
  maxPool2d,
  mean,
  mul,
  relu,
  reshape,
  square,
  sub,
  sum,
  tanh,
  transpose,
  valueAndGrad,
  where,
  type Backend,
  type Tensor,
} from 'bigrad';
import { hypergradient } from 'bigrad/bilevel';
import { adam } from 'bigrad/optim';

// The programs that compiled plans are tested with, in Node and in a browser.

/** Elements of a sine, between -.5 and .5. */
export const wave = (device: Backend, shape: readonly number[], phase = 0): Tensor =>
  fromTypedArray(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(1.3 * i + phase) * 0.5),
    shape,
    { device },
  );

export interface Net {
  readonly w1: Tensor;
  readonly w2: Tensor;
}
export const net = (device: Backend): Net => ({ w1: wave(device, [4, 2, 3, 3], 1), w2: wave(device, [4 * 6, 1], 2) });
export interface Batch {
  readonly x: Tensor;
  readonly y: Tensor;
}
export const batch = (device: Backend, phase: number): Batch => ({
  x: wave(device, [3, 2, 4, 6], phase),
  y: wave(device, [3, 1], phase + 1),
});
/** The mean squared error of a small convolutional network whose filters are gated by masks. */
export const loss = ({ w1, w2 }: Net, masks: readonly Tensor[], { x, y }: Batch): Tensor => {
  const filters = masks.reduce((w, m) => mul(w, gate(m, 0.1)), w1);
  const features = maxPool2d(tanh(conv2d(x, filters, { padding: 1 })), 2);
  return mean(square(sub(matmul(reshape(features, [3, 4 * 6]), w2), y)));
};

export const optimizer = adam({ learningRate: 0.01 });
export type State = ReturnType<typeof optimizer.init>;
/** One step of Adam. */
export const trainingStep = (w: Net, s: State, b: Batch): [Net, State, Tensor] => {
  const [value, g] = valueAndGrad((u: Net) => loss(u, [], b))(w);
  return [...optimizer.update(g, s, w), value];
};

/**
 * An iteration of Bi-RPT in its paper's mode: the hypergradient holds the mixed product of lower
 * weights and mask.
 */
export const biRpt = (w: Net, ms: Tensor, mt: Tensor, lower: Batch, upper: Batch, rate: number) => {
  const g = hypergradient({
    lower: (u: Net, m: Tensor, b: Batch) => [loss(u, [m], b), null] as const,
    upper: (u: Net, m: { ms: Tensor; mt: Tensor }, b: Batch) => [loss(u, [m.ms, m.mt], b), null] as const,
    mode: 'paper',
    learningRate: rate,
  })(w, { ms, mt }, { lower: [lower], upper });
  const descend = <T>(x: T, d: unknown): T => mapTree((p, e?: Tensor) => (e ? sub(p, mul(e, rate)) : p), x, d);
  return [descend(g.theta, g.dTheta), descend(ms, g.dMs), descend(mt, g.dMt)] as const;
};
export const mask = (device: Backend, phase: number): Tensor => add(mul(wave(device, [4, 2, 3, 3], phase), 0.5), 0.6);

/** Elementwise ops that fuse: values read once and more often, masks, views, several results. */
export const chains = (x: Tensor, y: Tensor, n: number) => {
  const shared = tanh(mul(add(x, y), n));
  const turned = transpose(mul(shared, y));
  const other = where(greater(shared, 0), relu(x), mul(shared, y));
  return [other, add(turned, transpose(other)), sum(mul(shared, shared)), mul(x, n)];
};
