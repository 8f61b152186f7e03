import { bytes } from '../draw.js';
import { layers, BATCH, type Direction } from '../peers/cases.js';
import { convProducts, type Work } from '../work.js';

type Sizes = readonly number[];

/** What a library is asked to compute, of operands drawn for the shapes. */
export type Kind =
  | 'matmul'
  | `conv ${Direction}`
  | 'batch norm'
  | 'batch norm gradient'
  | 'gate'
  | 'gate gradient'
  | 'max pool'
  | 'max pool gradient'
  | 'add'
  | 'exp'
  | 'relu'
  | 'sum'
  | 'sum over rows';

/** One thing to time. */
export interface Job {
  readonly name: string;
  readonly kind: Kind;
  readonly shapes: readonly Sizes[];
  readonly work: Work;
}

const count = (shape: Sizes): number => shape.reduce((a, b) => a * b, 1);
const title = (shape: Sizes): string => `[${shape.join(',')}]`;

const matmul = (m: number, k: number, n: number): Job => ({
  name: `matmul ${m}x${k}x${n}`,
  kind: 'matmul',
  shapes: [
    [m, k],
    [k, n],
  ],
  work: { products: [[m, k, n]] },
});

/** Bytes: every element of each operand and of the result, once. */
const memory = (kind: Kind, shapes: readonly Sizes[], ...results: number[]): Job => ({
  name: `${kind} ${title(shapes[0]!)}${shapes[1] && count(shapes[1]) !== count(shapes[0]!) ? ` ${title(shapes[1])}` : ''}`,
  kind,
  shapes,
  work: bytes(...shapes.map(count), ...results),
});

const convolutions = layers.flatMap(({ c, h, w, o }) =>
  (['forward', 'input', 'weight'] as const).map((direction): Job => ({
    name: `conv ${direction === 'forward' ? direction : `${direction} gradient`} [${BATCH},${c},${h},${w}] -> ${o}`,
    kind: `conv ${direction}`,
    shapes: [
      [BATCH, c, h, w],
      [o, c, 3, 3],
      [BATCH, o, h, w],
    ],
    work: { products: [convProducts(BATCH, c, h, w, o)[direction]] },
  })),
);

const image = [BATCH, 16, 9, 18];
const pooled = [BATCH, 16, 5, 10];
const filters = [64, 32, 3, 3];
const million = 1_000_000;

/**
 * Products and convolutions at the shapes of the X-Yield network, and kernels that memory bounds.
 */
export const jobs: readonly Job[] = [
  matmul(256, 256, 256),
  matmul(512, 512, 512),
  matmul(BATCH, 1152, 64),
  ...convolutions,
  memory('batch norm', [image], count(image)),
  memory('batch norm gradient', [image, image], count(image)),
  memory('gate', [filters], count(filters)),
  memory('gate gradient', [filters, filters], count(filters)),
  memory('max pool', [image], count(pooled), count(pooled)),
  memory('max pool gradient', [image, pooled], count(image)),
  memory('add', [[1000], [1000]], 1000),
  memory('add', [[million], [million]], million),
  memory('add', [image, [1, 16, 1, 1]], count(image)),
  memory('exp', [[million]], million),
  memory('relu', [image], count(image)),
  memory('sum', [[million]], 1),
  memory('sum over rows', [[1000, 1000]], 1000),
];
