import { compile, randomKey, reference, square, tensor, type Tensor } from 'bigrad';
import { batchNorm2d, conv, dropout, linear, multiHeadAttention, sequential } from 'bigrad/nn';
import { double, f64, wave } from '../../support/numbers.js';

// What the tables of refusals share.

export const key = randomKey(1);
export type Row = [what: string, f: () => unknown, kind: typeof RangeError | typeof TypeError, ...words: string[]];

export const dense = linear(3, 2);
export const filter = conv(2, 4, 3);
export const norm = batchNorm2d(2);
export const net = sequential([linear(3, 2), (x) => x]);
export const [densely, filtered, normed] = [dense, filter, norm].map((l) => l.init(key, double)) as [
  ReturnType<typeof dense.init>,
  ReturnType<typeof filter.init>,
  ReturnType<typeof norm.init>,
];
export const state = norm.initState(normed);
export const images = wave([2, 2, 4, 4]);
export const labels = tensor([0, 1], { dtype: 'int32' });
export const logits = wave([2, 3]);
export const none = undefined as never;
export const vector3 = f64([1, 2, 3]);

export const typo = { biass: false } as never;
export const drop = dropout(0.5);
export const vector = f64([1, 2]);
export const there = tensor([1, 2], { ...double, device: reference });

export class Holder {
  readonly w = vector;
}
export const holder = new Holder() as never;

export const donated = (): Tensor => {
  const given = f64([1, 2]);
  compile(square, { donate: [0] })(given);
  return given;
};
/** A tree that contains itself. */
export const cycle = { w: vector } as { w: Tensor; self?: unknown };
cycle.self = cycle;

export const attend = multiHeadAttention(2, 1);
export const attending = attend.init(key, double);
