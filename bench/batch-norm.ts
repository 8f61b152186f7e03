import { batchNorm, ones, vjp, zeros } from 'bigrad';
import type { Case } from './case.js';
import { bytes, draw } from './draw.js';

// Bytes: forward reads x and writes y; the gradient reads g and x and writes dx. Per-channel
// vectors are not counted.
const sized = (n: number, c: number, h: number, w: number): Case[] => {
  const shape = [n, c, h, w];
  const size = n * c * h * w;
  return [
    {
      name: `batch norm forward [${shape.join(',')}]`,
      work: bytes(size, size),
      prepare: () => {
        const [x, scale, shift] = [draw(shape), ones([c]), zeros([c])];
        return () => batchNorm(x, scale, shift);
      },
    },
    {
      name: `batch norm gradient [${shape.join(',')}]`,
      work: bytes(size, size, size),
      prepare: () => {
        const g = draw(shape, 1);
        const [, pull] = vjp(({ x, scale, shift }) => batchNorm(x, scale, shift), {
          x: draw(shape),
          scale: ones([c]),
          shift: zeros([c]),
        });
        return () => pull(g);
      },
    },
  ];
};

export const cases: readonly Case[] = [...sized(16, 16, 9, 18), ...sized(16, 32, 5, 10), ...sized(16, 64, 3, 6)];
