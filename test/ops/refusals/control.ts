import { add, compile, cond, mul, scan, stack, tensor, whileLoop, type Tensor } from 'bigrad';
import { wrong, type Refusal } from '../../support/refusals.js';

const one = tensor(1);
const xs = tensor([1, 2, 3]);
const step = (c: Tensor, x: Tensor) => [add(c, x), c] as const;
const twice = (x: Tensor) => mul(x, 2);
const limit = { maxSteps: 3 };
const same = (x: Tensor) => x;
const traced = (whenTrue: (x: Tensor) => unknown) =>
  compile((x: Tensor) => cond(x, whenTrue, same as (v: Tensor) => unknown, x))(one);

/** Loops and choices. */
export const control: readonly Refusal[] = [
  ['scan', () => scan(wrong(3), one, xs), /a function, got the number 3/],
  [
    'scan',
    () =>
      scan(
        wrong(async () => Promise.resolve([one, one])),
        one,
        xs,
      ),
    /\[carry, y\], got a Promise/,
  ],
  [
    'scan',
    () =>
      scan(
        wrong((c: Tensor) => c),
        one,
        xs,
      ),
    /\[carry, y\], got a Tensor/,
  ],
  [
    'scan',
    () =>
      scan(
        wrong((c: Tensor) => [c]),
        one,
        xs,
      ),
    /\[carry, y\], got a list of 1/,
  ],
  ['scan', () => scan(step, one, tensor(1)), /a first axis to go along, got a scalar/],
  ['scan', () => scan(step, one, tensor([])), /the number of steps to be a positive integer, got 0/],
  [
    'scan',
    () => scan((c: Tensor, [a, b]: Tensor[]) => [add(c, mul(a!, b!)), c], one, [xs, tensor([1])]),
    /xs of one length, got 3 and 1/,
  ],
  ['scan', () => scan(step, one, xs, { length: 4 }), /xs of one length, got length 4 and 3/],
  ['scan', () => scan(wrong(step), one, null), /a tensor in xs, or the option length, got neither/],
  [
    'scan',
    () => scan((c: Tensor) => [stack([c, c]), null], one, xs),
    /a carry like the one that it got, got \[\] and \[2\]$/,
  ],
  [
    'scan',
    () => scan((c: { n: Tensor }) => [{ n: tensor(1, { dtype: 'int32' }) }, c], { n: one }, xs),
    /got float32 and int32 at .n/,
  ],
  [
    'scan',
    () =>
      scan(
        wrong((c: object) => [{ ...c, more: one }, null]),
        { n: one },
        xs,
      ),
    /got undefined and a Tensor at .more/,
  ],
  [
    'scan',
    () =>
      scan(
        wrong((c: { k: number }) => [{ k: c.k + 1 }, null]),
        { k: 0 },
        xs,
      ),
    /got the number 0 and the number 1 at .k/,
  ],
  [
    'scan',
    () =>
      scan(
        wrong((c: object) => [{ ...c, more: 3 }, null]),
        { n: one, more: {} },
        xs,
      ),
    /got an object and the number 3 at .more/,
  ],
  [
    'scan',
    () =>
      scan(
        wrong(([a, b]: Tensor[]) => [{ 0: a, 1: b }, null]),
        [one, one],
        xs,
      ),
    /got an array and an object$/,
  ],
  [
    'scan',
    () =>
      scan(
        wrong(() => new Array(2)),
        one,
        xs,
      ),
    /what step returns without holes/,
  ],
  [
    'scan',
    () =>
      scan(
        wrong((c: Tensor) => [c, 3]),
        one,
        xs,
      ),
    /a y of tensors, got 3/,
  ],
  [
    'scan',
    () => {
      let k = 0;
      return scan((c: Tensor) => [c, k++ > 0 ? xs : c], one, xs);
    },
    /one kind of y at all steps, got \[\] and \[3\]/,
  ],
  [
    'scan',
    () => scan(step, one, xs, { checkpoint: 0 }),
    /checkpoint as the length of a segment to be a positive integer, got 0/,
  ],
  [
    'scan',
    () => scan(step, one, xs, { checkpoint: wrong('yes') }),
    /checkpoint to be true or false, got the string "yes"/,
  ],
  ['scan', () => scan(step, one, xs, { reverse: wrong(1) }), /reverse to be true or false, got the number 1/],
  [
    'scan',
    () => scan(step, one, xs, wrong({ backwards: true })),
    /no options but checkpoint, reverse, length, got backwards/,
  ],
  ['whileLoop', () => whileLoop(wrong(one), twice, one, limit), /a function, got a Tensor/],
  ['whileLoop', () => whileLoop(() => one, wrong(null), one, limit), /a function, got null/],
  ['whileLoop', () => whileLoop(() => one, twice, one, wrong({})), /maxSteps to be a positive integer, got undefined/],
  ['whileLoop', () => whileLoop(() => one, twice, one, { maxSteps: 0 }), /maxSteps to be a positive integer, got 0/],
  [
    'whileLoop',
    () =>
      whileLoop(
        wrong(() => true),
        twice,
        one,
        limit,
      ),
    /condition to give a scalar tensor, got the boolean true/,
  ],
  [
    'whileLoop',
    () => whileLoop(() => tensor([1]), twice, one, limit),
    /condition to give a scalar tensor, got one of shape \[1\]/,
  ],
  [
    'whileLoop',
    () =>
      whileLoop(
        () => one,
        wrong(async () => Promise.resolve(one)),
        one,
        limit,
      ),
    /a carry like the one that it got, got a Tensor and a Promise/,
  ],
  [
    'whileLoop',
    () =>
      whileLoop(
        () => one,
        () => tensor([1]),
        one,
        limit,
      ),
    /a carry like the one that it got, got \[\] and \[1\]/,
  ],
  [
    'whileLoop',
    () => whileLoop(() => one, twice, one, wrong({ ...limit, max: 3 })),
    /no options but maxSteps, got max/,
  ],
  ['cond', () => cond(tensor([1, 2]), same, same, one), /the condition to be a scalar tensor, got one of shape \[2\]/],
  ['cond', () => cond(wrong('yes'), same, same, one), /the condition to be a scalar tensor, got the string "yes"/],
  ['cond', () => cond(one, wrong(one), same, one), /a function, got a Tensor/],
  ['cond', () => cond(one, same, wrong(undefined), one), /a function, got undefined/],
  [
    'cond',
    () =>
      cond(
        one,
        wrong(async () => Promise.resolve(one)),
        same,
        one,
      ),
    /functions that return tensors, got a Promise/,
  ],
  [
    'cond',
    () =>
      cond(
        one,
        wrong((x: Tensor) => new Map([['x', x]])),
        same,
        one,
      ),
    /arrays and plain objects around tensors, got a Map/,
  ],
  ['cond', () => traced((x) => stack([x, x])), /both sides to return trees of one kind, got \[2\] and \[\]/],
  ['cond', () => traced((x) => [add(x, 1)]), /both sides to return trees of one kind, got an array and a Tensor/],
  [
    'cond',
    () => traced(() => tensor(1, { dtype: 'int32' })),
    /both sides to return trees of one kind, got int32 and float32/,
  ],
];
