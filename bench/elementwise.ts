import { add, exp, mul, ones, relu, sum, type Shape, type Tensor } from 'bigrad';
import type { Case } from './case.js';
import { bytes, draw } from './draw.js';

const sizeOf = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);

// Bytes: every element of each input and of the output, once.
const map = (name: string, f: (...xs: Tensor[]) => Tensor, ...shapes: [Shape, ...Shape[]]): Case => ({
  name: `${name} [${shapes[0].join(',')}]`,
  work: bytes(sizeOf(shapes[0]), ...shapes.map(sizeOf)),
  prepare: () => {
    const xs = shapes.map(draw);
    return () => f(...xs);
  },
});

const reduction = (name: string, axes: number[] | undefined, shape: Shape): Case => ({
  name: `${name} [${shape.join(',')}]`,
  work: bytes(sizeOf(shape)),
  prepare: () => {
    const x = draw(shape);
    return () => sum(x, axes);
  },
});

const image = [16, 16, 9, 18];

export const cases: readonly Case[] = [
  {
    name: 'elementwise add, 1 element',
    prepare: () => {
      const [x, y] = [ones([1]), ones([1])];
      return () => add(x, y);
    },
  },
  {
    name: 'elementwise mul by a number, 1 element',
    prepare: () => {
      const x = ones([1]);
      return () => mul(x, 2);
    },
  },
  map('elementwise add', add, [1000], [1000]),
  map('elementwise add', add, [1000000], [1000000]),
  map('elementwise add per channel', add, image, [1, 16, 1, 1]),
  map('elementwise relu', (x) => relu(x), image),
  map('elementwise exp', (x) => exp(x), [100000]),
  reduction('sum of all', undefined, [1000000]),
  reduction('sum per channel', [0, 2, 3], image),
  reduction('sum over rows', [0], [1000, 1000]),
];
