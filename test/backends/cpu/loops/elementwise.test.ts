import fc from 'fast-check';
import * as bigrad from 'bigrad';
import { gate, leaves, where, type Tensor } from 'bigrad';
import { broadcastable, floatTypes, number, shapes, special, views } from '../../../support/arbitraries.js';
import { agree } from '../../../support/agree.js';
import { withPullback } from '../../../support/with-pullback.js';

type Op1 = (x: Tensor) => Tensor;
type Op2 = (x: Tensor, y: Tensor) => Tensor;
const positive = number(0.25, 2);

const unary = [
  'abs neg sign square reciprocal sqrt rsqrt exp expm1 log log1p sin cos tanh sigmoid softplus relu',
  'erf leakyRelu elu gelu',
].flatMap((line) => line.split(' ')) as (keyof typeof bigrad)[];
const binary = 'add sub mul div pow maximum minimum less greater lessEqual greaterEqual equal notEqual'.split(
  ' ',
) as (keyof typeof bigrad)[];

describe('elementwise loops give what the reference device gives', () => {
  for (const name of unary)
    it(`on ${name} of any view, NaN and infinities included`, () => {
      const cases = shapes().chain((shape) =>
        floatTypes().chain((dtype) => fc.tuple(views(shape, special(), dtype), fc.constant(dtype))),
      );
      fc.assert(
        fc.property(cases, ([x, dtype]) => {
          agree([x], bigrad[name] as Op1, dtype);
        }),
        { numRuns: 50 },
      );
    });

  for (const name of binary)
    it(`on ${name} of any two views that broadcast, NaN and infinities included`, () => {
      const cases = broadcastable().chain(([a, b]) =>
        floatTypes().chain((dtype) =>
          fc.tuple(views(a, special(), dtype), views(b, special(), dtype), fc.constant(dtype)),
        ),
      );
      fc.assert(
        fc.property(cases, ([x, y, dtype]) => {
          agree([x, y], bigrad[name] as Op2, dtype);
        }),
        { numRuns: 50 },
      );
    });

  it('on where with a condition that broadcasts', () => {
    const cases = broadcastable().chain(([a, b]) =>
      fc.tuple(views(a, fc.constantFrom(0, 1, NaN)), views(b, special()), views(a, special())),
    );
    fc.assert(
      fc.property(cases, (xs) => {
        agree(xs, (c, x, y) => where(c, x, y));
      }),
    );
  });

  it('on gate and its first two derivatives', () => {
    const cases = shapes().chain((shape) => fc.tuple(views(shape), views(shape.slice(1), positive), views(shape)));
    fc.assert(
      fc.property(cases, ([m, eps, g]) => {
        agree(
          [m, eps, g],
          withPullback((a, b) => gate(a, b), 2),
        );
      }),
    );
    const slopes = withPullback((a, b) => leaves(withPullback((c, d) => gate(c, d), 2)(a, b, a)), 2);
    fc.assert(
      fc.property(cases, ([m, eps]) => {
        agree([m, eps], slopes);
      }),
    );
  });
});
