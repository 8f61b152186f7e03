import { bytes } from '../draw.js';
import { layers, BATCH, type Direction } from '../peers/cases.js';
import { gradientProducts } from '../network.js';
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
  | 'sum over rows'
  | 'training step';

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

/** A convolution of n images by 3x3 filters with padding 1, and its two gradients. */
const convolution = (n: number, { c, h, w, o }: Record<'c' | 'h' | 'w' | 'o', number>): Job[] =>
  (['forward', 'input', 'weight'] as const).map((direction) => ({
    name: `conv ${direction === 'forward' ? direction : `${direction} gradient`} [${n},${c},${h},${w}] -> ${o}`,
    kind: `conv ${direction}`,
    shapes: [
      [n, c, h, w],
      [o, c, 3, 3],
      [n, o, h, w],
    ],
    work: { products: [convProducts(n, c, h, w, o)[direction]] },
  }));

/** A compiled step of the X-Yield network under masks, by Adam. */
const step = (n: number): Job => ({
  name: `training step, batch ${n}`,
  kind: 'training step',
  shapes: [[n, 2, 9, 18], [n]],
  work: { products: gradientProducts(n) },
});

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
  ...layers.flatMap((layer) => convolution(BATCH, layer)),
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

const large = [32, 64, 32, 32];
const most = 2 ** 24;

/** What has work enough for a GPU: large products and images, and whole steps of training. */
export const largeJobs: readonly Job[] = [
  ...[1024, 2048, 4096].map((n) => matmul(n, n, n)),
  ...convolution(32, { c: 64, h: 32, w: 32, o: 64 }),
  memory('batch norm', [large], count(large)),
  memory('add', [[most], [most]], most),
  memory('exp', [[most]], most),
  memory('sum', [[most]], 1),
  ...[16, 256, 1024].map(step),
];
