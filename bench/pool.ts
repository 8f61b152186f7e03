import { maxPool2d, vjp, type Tensor } from 'bigrad';
import type { Case } from './case.js';
import { bytes, draw } from './draw.js';

// 2x2 windows, stride 2, padding 1. Bytes: forward reads x and writes y and where it was found; the
// gradient reads g and those indices and writes dx.
const sized = (n: number, c: number, h: number, w: number): Case[] => {
  const shape = [n, c, h, w];
  const pool = (x: Tensor): Tensor => maxPool2d(x, 2, { padding: 1 });
  const out = n * c * (Math.floor(h / 2) + 1) * (Math.floor(w / 2) + 1);
  const work = bytes(n * c * h * w, out, out);
  return [
    {
      name: `max-pool forward [${shape.join(',')}]`,
      work,
      prepare: () => {
        const x = draw(shape);
        return () => pool(x);
      },
    },
    {
      name: `max-pool gradient [${shape.join(',')}]`,
      work,
      prepare: () => {
        const [y, pull] = vjp(pool, draw(shape));
        const g = draw(y.shape, 1);
        return () => pull(g);
      },
    },
  ];
};

export const cases: readonly Case[] = [...sized(16, 16, 9, 18), ...sized(16, 32, 5, 10)];
