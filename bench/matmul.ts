import { matmul } from 'bigrad';
import type { Case } from './case.js';
import { draw } from './draw.js';

const product = (name: string, m: number, k: number, n: number): Case => ({
  name: `matmul ${name}`,
  work: { products: [[m, k, n]] },
  prepare: () => {
    const [x, y] = [draw([m, k]), draw([k, n], 1)];
    return () => matmul(x, y);
  },
});

export const cases: readonly Case[] = [
  ...[128, 256, 512].map((n) => product(`${n}^3`, n, n, n)),
  product('linear forward 16x1152x64', 16, 1152, 64),
  product('linear input gradient 16x64x1152', 16, 64, 1152),
  product('linear weight gradient 64x16x1152', 64, 16, 1152),
  product('head 16x64x1', 16, 64, 1),
];
